using System.Net;
using System.Net.Sockets;
using Orleans.Configuration;

namespace MlService.Jobs;

/// <summary>Registers the job engine: Orleans in this process.</summary>
public static class JobsSetup
{
    /// <summary>Adds the silo, the sweeper and what jobs share.</summary>
    public static WebApplicationBuilder AddJobs(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<JobsOptions>().BindConfiguration(JobsOptions.Section);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<ShardExchange>();
        builder.Services.AddSingleton<JobSlots>();
        builder.Services.AddSingleton<JobClient>();
        builder.Services.AddSingleton<RunningJobs>();
        // A job that is told to stop needs a moment to let go of its files; the silo waits for its grains.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(20));
        builder.UseOrleans(silo =>
        {
            var (siloPort, gatewayPort) = FreePorts();
            silo.UseLocalhostClustering(siloPort, gatewayPort, serviceId: "mlservice", clusterId: "local");
            silo.Configure<GrainCollectionOptions>(collection => collection.CollectionAge = TimeSpan.FromMinutes(5));
        });
        // After the silo, so that they start when it is there and stop, with all jobs, while it still is.
        builder.Services.AddHostedService<JobSweeper>();
        builder.Services.AddHostedService<ArtifactSweeper>();
        return builder;
    }

    /// <summary>
    /// Two ports that nobody listens on. A single process needs no fixed ones, and with fixed ones a second service on the same
    /// machine, in another data directory, could not start.
    /// </summary>
    private static (int Silo, int Gateway) FreePorts()
    {
        using var first = new TcpListener(IPAddress.Loopback, 0);
        using var second = new TcpListener(IPAddress.Loopback, 0);
        first.Start();
        second.Start();
        return (((IPEndPoint)first.LocalEndpoint).Port, ((IPEndPoint)second.LocalEndpoint).Port);
    }
}
