using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace MlService.Tests;

/// <summary>The whole service in this process, on a free loopback port and in a data directory of its own.</summary>
public sealed class RunningService : IAsyncLifetime
{
    private WebApplication? _app;

    public string DataDirectory { get; } = Directory.CreateTempSubdirectory("mlservice-test-").FullName;

    /// <summary>Arguments beyond those that all tests need.</summary>
    public IReadOnlyList<string> More { get; init; } = [];

    public HttpClient Client { get; private set; } = new();

    public IServiceProvider Services => _app!.Services;

    public Uri Address => Client.BaseAddress!;

    public async ValueTask InitializeAsync()
    {
        _app = ServiceApplication.Build(
        [
            "--urls=http://127.0.0.1:0", $"--Data:Directory={DataDirectory}", "--Jobs:SweepSeconds=0.5",
            "--Serilog:MinimumLevel:Default=Warning", .. More,
        ]);
        await ServiceApplication.Start(_app);
        var addresses = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        Client.Dispose();
        Client = new HttpClient { BaseAddress = new Uri(addresses.Single()), Timeout = TimeSpan.FromMinutes(2) };
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (_app is { } app)
        {
            await app.StopAsync();
            await app.DisposeAsync();
        }

        Directory.Delete(DataDirectory, recursive: true);
    }
}
