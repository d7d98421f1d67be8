using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using MlService.Storage;

namespace MlService.Tests.Storage;

/// <summary>A real S3 server of its own: Ceph's gateway, started by <c>s3-server.sh</c>, which ends with this process however that ends.</summary>
public sealed class CephGateway : IAsyncDisposable
{
    private static readonly string Script = Path.Combine(AppContext.BaseDirectory, "Storage", "s3-server.sh");

    private readonly Process _process;

    private CephGateway(Process process, S3Options options)
    {
        _process = process;
        Options = options;
    }

    /// <summary>How to reach it.</summary>
    public S3Options Options { get; }

    /// <summary>Starts the server, which takes a few seconds; the test is skipped where its programs are missing.</summary>
    public static async Task<CephGateway> Start()
    {
        Requires.Programs("bash", "radosgw", "radosgw-admin", "ceph", "ceph-mon", "ceph-osd", "ceph-authtool", "monmaptool");
        var directory = Directory.CreateTempSubdirectory("mlservice-s3-").FullName;
        var ports = FreePorts();
        var start = new ProcessStartInfo("bash")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in new[] { Script, directory, $"{ports.Gateway}", $"{ports.Monitor}", "test-access", "test-secret" })
            start.ArgumentList.Add(argument);
        var errors = new StringBuilder();
        var process = Process.Start(start)!;
        process.ErrorDataReceived += (_, line) => errors.AppendLine(line.Data);
        process.BeginErrorReadLine();
        var gateway = new CephGateway(process, new S3Options
        {
            Endpoint = $"http://127.0.0.1:{ports.Gateway}",
            AccessKey = "test-access",
            SecretKey = "test-secret",
            ForcePathStyle = true,
        });
        try
        {
            await gateway.Expect("ready");
            return gateway;
        }
        catch (Exception exception) when (exception is EndOfStreamException or TimeoutException)
        {
            await gateway.DisposeAsync();
            throw new InvalidOperationException($"The S3 server did not start: {errors}", exception);
        }
    }

    /// <summary>Kills the gateway; the objects stay for its next start.</summary>
    public Task Stop() => Tell("stop");

    /// <summary>Starts a stopped gateway again, at the same address.</summary>
    public Task Restart() => Tell("start");

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task Tell(string command)
    {
        await _process.StandardInput.WriteLineAsync(command);
        await Expect($"{command} done");
    }

    private async Task Expect(string line)
    {
        while (await _process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(2)) is var read && read != line)
            if (read is null)
                throw new EndOfStreamException();
    }

    private static (int Gateway, int Monitor) FreePorts()
    {
        using var first = new TcpListener(IPAddress.Loopback, 0);
        using var second = new TcpListener(IPAddress.Loopback, 0);
        first.Start();
        second.Start();
        return (((IPEndPoint)first.LocalEndpoint).Port, ((IPEndPoint)second.LocalEndpoint).Port);
    }
}
