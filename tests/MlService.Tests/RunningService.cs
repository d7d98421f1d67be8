using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace MlService.Tests;

/// <summary>The whole service in this process, on a free loopback port and in a data directory of its own.</summary>
public sealed class RunningService : IRunningService, IAsyncLifetime
{
    private WebApplication? _app;

    private readonly string _log = Path.GetTempFileName();

    private bool _isGivenData;

    /// <summary>Its data directory: one of its own, which ends with it, unless it is given one.</summary>
    public string DataDirectory
    {
        get => field ??= Directory.CreateTempSubdirectory("mlservice-test-").FullName;
        init => (field, _isGivenData) = (value, true);
    }

    /// <summary>Arguments beyond those that all tests need.</summary>
    public IReadOnlyList<string> More { get; init; } = [];

    public HttpClient Client { get; private set; } = new();

    public IServiceProvider Services => _app!.Services;

    /// <summary>Whether <see cref="Output"/> tells what a process tells with its default settings; else only warnings are logged.</summary>
    public bool IsLogged { get; init; }

    /// <inheritdoc/>
    public string Output
    {
        get
        {
            using var reader = new StreamReader(new FileStream(_log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
            return reader.ReadToEnd();
        }
    }

    public Uri Address => Client.BaseAddress!;

    public async ValueTask InitializeAsync()
    {
        _app = ServiceApplication.Build(
        [
            "--urls=http://127.0.0.1:0", $"--Data:Directory={DataDirectory}", "--Jobs:SweepSeconds=0.5",
            .. IsLogged ? LogTo(_log) : ["--Serilog:MinimumLevel:Default=Warning"], .. More,
        ]);
        await ServiceApplication.Start(_app);
        var addresses = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        Client.Dispose();
        Client = new HttpClient { BaseAddress = new Uri(addresses.Single()), Timeout = TimeSpan.FromMinutes(2) };
    }

    /// <summary>Starts a service whose log is kept, on data that stay.</summary>
    public static async Task<RunningService> Start(string dataDirectory, params string[] more)
    {
        var service = new RunningService { DataDirectory = dataDirectory, More = more, IsLogged = true };
        await service.InitializeAsync();
        return service;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (_app is { } app)
        {
            await app.StopAsync();
            await app.DisposeAsync();
        }

        if (!_isGivenData)
            Directory.Delete(DataDirectory, recursive: true);
        File.Delete(_log);
    }

    private static string[] LogTo(string path) =>
    [
        "--Serilog:Using:0=Serilog.Sinks.File", "--Serilog:WriteTo:test:Name=File", $"--Serilog:WriteTo:test:Args:path={path}",
    ];
}
