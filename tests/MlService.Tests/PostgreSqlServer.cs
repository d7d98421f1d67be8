using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.EntityFrameworkCore;
using MlService.Metadata;
using Npgsql;

[assembly: AssemblyFixture(typeof(MlService.Tests.PostgreSqlServer))]

namespace MlService.Tests;

/// <summary>
/// A real PostgreSQL server on loopback, in a directory of its own, started when a test first asks for it. Its locale sorts "a" before
/// "B", so that what leaves the order to the server is found out.
/// </summary>
public sealed class PostgreSqlServer : IAsyncLifetime
{
    private const string User = "mlservice";

    private readonly SemaphoreSlim _gate = new(1);
    private string? _directory;
    private string _programs = "";
    private int _port;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>Makes a database.</summary>
    /// <param name="isMigrated">Whether the service's tables are to be in it.</param>
    /// <returns>Its connection string.</returns>
    public async Task<string> NewDatabase(bool isMigrated = true)
    {
        await EnsureStarted();
        var name = $"db_{Guid.NewGuid():N}";
        await Execute(Connection("postgres"), $"CREATE DATABASE {name}");
        if (isMigrated)
        {
            await using var context = Open(Connection(name));
            await context.Migrate(TestContext.Current.CancellationToken);
        }
        return Connection(name);
    }

    /// <summary>Opens a database as the service does.</summary>
    public static PostgreSqlMetadataContext Open(string connection)
    {
        var options = new DbContextOptionsBuilder<PostgreSqlMetadataContext>();
        options.UseMetadataServer(connection);
        return new PostgreSqlMetadataContext(options.Options);
    }

    /// <summary>Runs one statement.</summary>
    public static async Task<object?> Execute(string connection, string sql)
    {
        await using var open = new NpgsqlConnection(connection);
        await open.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql, open);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Stops the server.</summary>
    /// <param name="isCrash">Whether it is to end at once, as if it had been killed; else it first ends its sessions.</param>
    public Task Stop(bool isCrash) => Check(["pg_ctl", "stop", "-w", "-D", Data, "-m", isCrash ? "immediate" : "fast"]);

    /// <summary>Starts a stopped server again, at the same address, and waits until it answers.</summary>
    public Task Restart()
    {
        // This process's own connections to the server of before. Those of processes of their own stay, as a restart leaves them in production.
        NpgsqlConnection.ClearAllPools();
        return Check(["pg_ctl", "start", "-w", "-D", Data, "-l", Path.Combine(_directory!, "log"), "-o", Settings]);
    }

    public async ValueTask DisposeAsync()
    {
        if (_directory is not null)
        {
            await Run(["pg_ctl", "stop", "-D", Data, "-m", "immediate"]);
            Directory.Delete(_directory, recursive: true);
        }
        _gate.Dispose();
    }

    private string Settings => $"-p {_port} -k {_directory} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=300";

    private string Data => Path.Combine(_directory!, "data");

    // Hundreds of short-lived databases would otherwise keep a connection each. Unpooled, a process of the server would begin and end with
    // every statement, which takes longer than most.
    private string Connection(string database) =>
        $"Host=127.0.0.1;Port={_port};Username={User};Database={database};Connection Idle Lifetime=2;Connection Pruning Interval=1;"
        + "SSL Mode=Disable;GSS Encryption Mode=Disable";

    private async Task EnsureStarted()
    {
        await _gate.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            if (_directory is null)
                await Start();
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task Start()
    {
        var programs = Requires.Find("initdb") is { } found ? Path.GetDirectoryName(found) : Installed();
        if (programs is null)
            Requires.Missing("PostgreSQL's server programs (initdb, pg_ctl) were not found.");
        _programs = programs;
        var directory = Directory.CreateTempSubdirectory("mlservice-postgresql-").FullName;
        // PostgreSQL refuses to run as root; Debian's package brings a user for it.
        if (Environment.IsPrivilegedProcess)
            await Check(["chown", "postgres", directory], isServerProgram: false);
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            _port = ((IPEndPoint)free.LocalEndpoint).Port;
        }
        _directory = directory;
        await Check(["initdb", "-D", Data, "-U", User, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8",
            "--locale-provider=icu", "--icu-locale=en", "--no-sync"]);
        await Restart();
    }

    private static string? Installed() => Directory.Exists("/usr/lib/postgresql")
        ? Directory.EnumerateDirectories("/usr/lib/postgresql").OrderByDescending(version => version)
            .Select(version => Path.Combine(version, "bin")).FirstOrDefault(bin => File.Exists(Path.Combine(bin, "initdb")))
        : null;

    private async Task Check(string[] command, bool isServerProgram = true)
    {
        var (code, output) = await Run(command, isServerProgram);
        Assert.True(code == 0, $"{string.Join(' ', command)}: {output}");
    }

    private async Task<(int Code, string Output)> Run(string[] command, bool isServerProgram = true)
    {
        var words = isServerProgram ? [Path.Combine(_programs, command[0]), .. command[1..]] : command;
        if (isServerProgram && Environment.IsPrivilegedProcess)
            words = ["runuser", "-u", "postgres", "--", .. words];
        // The server inherits what pg_ctl has: redirected to a pipe, that would never end.
        var log = Path.GetTempFileName();
        try
        {
            using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" >\"$0\" 2>&1 </dev/null", log, .. words])
            {
                WorkingDirectory = "/",
            })!;
            await process.WaitForExitAsync();
            return (process.ExitCode, await File.ReadAllTextAsync(log));
        }
        finally
        {
            File.Delete(log);
        }
    }
}
