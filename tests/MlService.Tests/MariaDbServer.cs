using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using MySqlConnector;

[assembly: AssemblyFixture(typeof(MlService.Tests.MariaDbServer))]

namespace MlService.Tests;

/// <summary>A real MariaDB server on loopback, in a directory of its own, started when a test first asks for it.</summary>
public sealed class MariaDbServer : IAsyncLifetime
{
    private readonly SemaphoreSlim _gate = new(1);
    private string? _directory;
    private Process? _server;
    private int _port;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>Makes a database.</summary>
    /// <returns>Its connection string.</returns>
    public async Task<string> NewDatabase()
    {
        await _gate.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            if (_server is null)
                await Start();
        }
        finally
        {
            _gate.Release();
        }
        var name = $"db_{Guid.NewGuid():N}";
        await Execute(Connection("mysql"), $"CREATE DATABASE {name} CHARACTER SET utf8mb4");
        return Connection(name);
    }

    /// <summary>Runs one or more statements.</summary>
    public static async Task<object?> Execute(string connection, string sql)
    {
        await using var open = new MySqlConnection(connection);
        await open.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new MySqlCommand(sql, open);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            _server.Kill();
            await _server.WaitForExitAsync();
            _server.Dispose();
        }
        if (_directory is not null)
            Directory.Delete(_directory, recursive: true);
        _gate.Dispose();
    }

    private string Connection(string database) => $"Server=127.0.0.1;Port={_port};User ID=root;Database={database};Pooling=false;SSL Mode=None";

    private async Task Start()
    {
        var installer = Find("mariadb-install-db");
        var program = Find("mariadbd");
        if (installer is null || program is null)
            Requires.Missing("MariaDB's server programs (mariadbd, mariadb-install-db) were not found.");
        _directory = Directory.CreateTempSubdirectory("mlservice-mariadb-").FullName;
        var data = Path.Combine(_directory, "data");
        // MariaDB refuses to run as root; Debian's package brings a user for it.
        string[] user = Environment.IsPrivilegedProcess ? ["--user=mysql"] : [];
        if (Environment.IsPrivilegedProcess)
            await Check("chown", "mysql", _directory);
        await Check(installer, ["--no-defaults", $"--datadir={data}", "--auth-root-authentication-method=normal", "--skip-test-db", .. user]);
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            _port = ((IPEndPoint)free.LocalEndpoint).Port;
        }
        _server = Run(program, ["--no-defaults", $"--datadir={data}", $"--port={_port}", "--bind-address=127.0.0.1", $"--socket={_directory}/socket",
            "--skip-name-resolve", "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=32M", "--secure-file-priv=", .. user]);
        await UntilItAnswers();
    }

    private async Task UntilItAnswers()
    {
        var deadline = DateTime.UtcNow.AddMinutes(1);
        while (true)
        {
            try
            {
                await Execute(Connection("mysql"), "SELECT 1");
                return;
            }
            catch (MySqlException exception)
            {
                Assert.True(!_server!.HasExited && DateTime.UtcNow < deadline, $"MariaDB does not start: {exception.Message}");
                await Task.Delay(50, TestContext.Current.CancellationToken);
            }
        }
    }

    // Debian puts the server beside the programs of administrators.
    private static string? Find(string program) =>
        Requires.Find(program) ?? (File.Exists($"/usr/sbin/{program}") ? $"/usr/sbin/{program}" : null);

    private static async Task Check(string program, params string[] arguments)
    {
        using var process = Run(program, arguments);
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}.");
    }

    // The server writes into its pipe for as long as it lives, so what it prints goes nowhere.
    private static Process Run(string program, params string[] arguments) =>
        Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "exec \"$0\" \"$@\" >/dev/null 2>&1 </dev/null", program, .. arguments]) { WorkingDirectory = "/" })!;
}
