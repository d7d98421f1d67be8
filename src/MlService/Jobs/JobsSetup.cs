using System.Net;
using System.Net.Sockets;
using MlService.Learning;
using MlService.Metadata;
using Npgsql;
using Orleans.Configuration;

namespace MlService.Jobs;

/// <summary>Registers the job engine: Orleans in this process, alone or as a member of a cluster.</summary>
public static class JobsSetup
{
    private const string ServiceId = "mlservice";

    /// <summary>Adds the silo, the sweeper and what jobs share.</summary>
    /// <exception cref="InvalidInputException">The cluster's settings cannot be used.</exception>
    public static WebApplicationBuilder AddJobs(this WebApplicationBuilder builder)
    {
        var cluster = ClusterOptions.Read(builder.Configuration);
        var role = ClusterOptions.RoleOf(builder.Configuration);
        builder.Services.AddOptions<JobsOptions>().BindConfiguration(JobsOptions.Section);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<ShardExchange>();
        builder.Services.AddSingleton<JobSlots>();
        builder.Services.AddSingleton<KeyQuota>();
        builder.Services.AddSingleton<JobClient>();
        builder.Services.AddSingleton<RunningJobs>();
        builder.Services.AddSingleton<FinishedJobs>();
        builder.Services.AddSingleton<ClusterMembers>();
        // A job that is told to stop needs a moment to let go of its files; the silo waits for its grains.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(20));
        builder.UseOrleans(silo =>
        {
            if (cluster.Mode == ClusterMode.PostgreSql)
                Join(silo, cluster, MetadataSetup.PostgreSqlConnection(builder.Configuration)!);
            else
                StayAlone(silo);
            silo.Configure<SiloOptions>(options => options.SiloName = ClusterMembers.NewName(role));
            silo.Configure<GrainCollectionOptions>(collection => collection.CollectionAge = TimeSpan.FromMinutes(5));
            silo.Services.AddPlacementDirector<WorkerPlacement, WorkerPlacementDirector>();
        });
        // After the silo, so that they start when it is there and stop, with all jobs, while it still is.
        builder.Services.AddHostedService<JobSweeper>();
        builder.Services.AddHostedService<ArtifactSweeper>();
        return builder;
    }

    private static void StayAlone(ISiloBuilder silo)
    {
        var ports = FreePorts(2);
        silo.UseLocalhostClustering(ports[0], ports[1], serviceId: ServiceId, clusterId: "local");
    }

    private static void Join(ISiloBuilder silo, ClusterOptions cluster, string connection)
    {
        silo.UseAdoNetClustering(options =>
        {
            options.Invariant = "Npgsql";
            options.ConnectionString = connection;
        });
        silo.Configure<Orleans.Configuration.ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (cluster.Name, ServiceId));
        silo.Configure<ClusterMembershipOptions>(options =>
        {
            // A killed process is noticed after 1.5 s, a frozen one after 6 s; the defaults would take 12 and 66.
            options.ProbeTimeout = TimeSpan.FromSeconds(1);
            options.MaxProbeTimeout = TimeSpan.FromSeconds(2);
            // Who has been silent here for three times this long has no voice any more. Before, one that is left of three cannot outvote the
            // two that are gone, and when all have crashed the first to come back waits for the others.
            options.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(2);
            options.TableRefreshTimeout = TimeSpan.FromSeconds(10);
            options.DefunctSiloExpiration = TimeSpan.FromHours(1);
        });
        // The older directory ends jobs on processes that live, because the entry that names them lay on one that died. Should this one be
        // withdrawn, such jobs begin anew; nothing else depends on it.
#pragma warning disable ORLEANSEXP003
        silo.AddDistributedGrainDirectory();
#pragma warning restore ORLEANSEXP003
        // For 24 seconds it would start nothing that may have been at work on a process which died, lest it be at work twice. The attempt
        // of the row sees to that here, so jobs can go on at once.
        silo.Configure<GrainDirectoryOptions>(directory => directory.RangeLeaseDuration = TimeSpan.Zero);
        var address = cluster.AdvertisedAddress is { } given ? IPAddress.Parse(given) : OwnAddress(connection);
        var port = cluster.SiloPort > 0 ? cluster.SiloPort : FreePorts(1)[0];
        silo.ConfigureEndpoints(address, port, cluster.GatewayPort, listenOnAnyHostAddress: !IPAddress.IsLoopback(address));
    }

    /// <summary>The address that this machine has towards the metadata server: others that reach the server probably reach it too.</summary>
    private static IPAddress OwnAddress(string connection)
    {
        var host = new NpgsqlConnectionStringBuilder(connection).Host?.Split(',')[0].Split(':')[0];
        if (string.IsNullOrEmpty(host) || host.StartsWith('/'))
            return IPAddress.Loopback;
        try
        {
            using var probe = new Socket(SocketType.Dgram, ProtocolType.Udp);
            probe.Connect(host, 5432); // UDP: nothing is sent, the system only chooses the way
            var address = ((IPEndPoint)probe.LocalEndPoint!).Address;
            return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        }
        catch (SocketException exception)
        {
            throw new InvalidInputException(
                $"No way to the metadata server '{host}' was found: {exception.Message} Set Cluster:AdvertisedAddress to this machine's own address.",
                exception);
        }
    }

    /// <summary>
    /// Ports that nobody listens on. With fixed ones a second service on the same machine, in another data directory, could not start.
    /// </summary>
    private static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Any, 0)).ToList();
        try
        {
            listeners.ForEach(listener => listener.Start());
            return [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        }
        finally
        {
            listeners.ForEach(listener => listener.Dispose());
        }
    }
}
