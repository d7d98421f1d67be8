using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace MlService.Tests;

/// <summary>The service as a process of its own, which a test may kill at any moment and start again on the same data.</summary>
public sealed partial class ServiceProcess : IRunningService
{
    private readonly Process _process;
    private readonly StringBuilder _output;

    private ServiceProcess(Process process, StringBuilder output, Uri address)
    {
        _process = process;
        _output = output;
        Client = new HttpClient { BaseAddress = Reachable(address), Timeout = TimeSpan.FromMinutes(1) };
    }

    public HttpClient Client { get; }

    /// <summary>All that the process has printed.</summary>
    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    /// <summary>Whether the process has ended, however it did.</summary>
    public bool HasEnded => _process.HasExited;

    /// <summary>Starts the service on a free port and waits until it answers.</summary>
    public static Task<ServiceProcess> Start(string dataDirectory, params string[] more) =>
        Start(new Dictionary<string, string>(), Arguments(dataDirectory, more));

    /// <summary>The arguments that all tests need, and more.</summary>
    public static string[] Arguments(string dataDirectory, params string[] more) =>
        ["--urls=http://127.0.0.1:0", $"--Data:Directory={dataDirectory}", "--Jobs:SweepSeconds=0.5", .. more];

    /// <summary>Starts the service with these variables in its environment, and waits until it answers.</summary>
    public static async Task<ServiceProcess> Start(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = AppContext.BaseDirectory,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "MlService.dll"));
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        // As this process does: see the project file.
        start.Environment["DOTNET_TieredPGO"] = "0";
        foreach (var (name, value) in environment)
            start.Environment[name] = value;

        var process = Process.Start(start)!;
        var output = new StringBuilder();
        var listening = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) => Take(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _ = End();
        try
        {
            return new ServiceProcess(process, output, await listening.Task.WaitAsync(TimeSpan.FromMinutes(3)));
        }
        catch (TimeoutException exception)
        {
            process.Kill();
            throw new InvalidOperationException($"The service did not start in time: {output}", exception);
        }

        // All that it printed has come by then.
        async Task End()
        {
            await process.WaitForExitAsync();
            listening.TrySetException(new InvalidOperationException($"The service ended: {output}"));
        }

        void Take(string? line)
        {
            if (line is null)
                return;
            lock (output)
                output.AppendLine(line);
            if (Address().Match(line) is { Success: true } found)
                listening.TrySetResult(new Uri(found.Groups[1].Value));
        }
    }

    /// <summary>Stops the process from running, as a machine does that hangs: SIGSTOP.</summary>
    public Task Freeze() => Signal("STOP");

    /// <summary>Lets a frozen process go on: SIGCONT.</summary>
    public Task Thaw() => Signal("CONT");

    /// <summary>Waits until the process has ended by itself.</summary>
    public Task Ends() => _process.WaitForExitAsync(TestContext.Current.CancellationToken);

    /// <summary>Ends the process as a power cut would: SIGKILL, no chance to tidy up.</summary>
    public async Task Kill()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Asks the process to end, as an orchestrator does: SIGTERM.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> Terminate()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    private async Task Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{_process.Id}"]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!_process.HasExited)
            await Kill();
        _process.Dispose();
    }

    /// <summary>Who listens on all addresses is reached on loopback.</summary>
    private static Uri Reachable(Uri address) =>
        address.Host is "[::]" or "0.0.0.0" ? new UriBuilder(address) { Host = "127.0.0.1" }.Uri : address;

    // The log of an ordinary start, and the first line of one with --tutorial.
    [GeneratedRegex(@"(?:Now listening on:|MlService is up at) (http:\S+)")]
    private static partial Regex Address();
}
