using System.Diagnostics;
using System.Globalization;

namespace MlService.Benchmarks.EndToEnd;

/// <summary>
/// The service as a process of its own with an empty data directory, watched from outside through <c>/proc</c>. Others of its cluster
/// may work with it; then what is watched are all of them.
/// </summary>
internal sealed class ServiceUnderMeasurement : IAsyncDisposable
{
    const double TicksPerSecond = 100; // USER_HZ, the same on every Linux that .NET runs on
    const string Listening = "Now listening on: ";

    readonly Process _process;
    readonly DirectoryInfo _data;
    readonly List<ServiceUnderMeasurement> _peers = [];

    ServiceUnderMeasurement(Process process, DirectoryInfo data, Uri address, TimeSpan startTime)
    {
        (_process, _data, StartTime) = (process, data, startTime);
        Client = new HttpClient { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Speaks to the service.</summary>
    public HttpClient Client { get; }

    /// <summary>From the start of the process until <c>/health/ready</c> said yes.</summary>
    public TimeSpan StartTime { get; }

    /// <summary>Processor time of the processes so far, in seconds.</summary>
    public double CpuSeconds
    {
        get
        {
            var others = _peers.Sum(peer => peer.CpuSeconds);
            // The second field may hold blanks, but ends with the last parenthesis; user and system time are fields 14 and 15.
            var text = File.ReadAllText(Proc("stat"));
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return others + (double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture))
                / TicksPerSecond;
        }
    }

    /// <summary>Resident memory now, in bytes, of the process that has most.</summary>
    public long ResidentBytes => _peers.Select(peer => peer.ResidentBytes).Append(Status("VmRSS:")).Max();

    /// <summary>Most resident memory of one process since the start or the last <see cref="ForgetPeak"/>, in bytes.</summary>
    public long PeakBytes => _peers.Select(peer => peer.PeakBytes).Append(Status("VmHWM:")).Max();

    /// <summary>Its data directory.</summary>
    public string DataDirectory => _data.FullName;

    /// <summary>Where it listens.</summary>
    public Uri Address => Client.BaseAddress!;

    /// <summary>Starts the service that was built beside this program, and waits until it is ready.</summary>
    /// <param name="arguments">Settings of the service, such as <c>--Jobs:ShardsPerJob=1</c>.</param>
    public static Task<ServiceUnderMeasurement> Start(params IEnumerable<string> arguments)
    {
        var data = Directory.CreateTempSubdirectory("mlservice-measured-");
        return Start(data, [Assembly(), $"--Data:Directory={data.FullName}", .. arguments]);
    }

    /// <summary>Starts another process of the cluster.</summary>
    public async Task AddPeer(params IEnumerable<string> arguments) => _peers.Add(await Start(arguments));

    /// <summary>Starts this program with a command that serves, and waits until it is ready.</summary>
    public static Task<ServiceUnderMeasurement> StartSelf(string command) => Start(
        Directory.CreateTempSubdirectory("mlservice-measured-"), [typeof(ServiceUnderMeasurement).Assembly.Location, command]);

    static async Task<ServiceUnderMeasurement> Start(DirectoryInfo data, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        start.ArgumentList.Add("--urls=http://127.0.0.1:0");

        var watch = Stopwatch.StartNew();
        var process = Process.Start(start)!;
        var address = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) => Take(line.Data);
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => address.TrySetException(new CommandLineException("The service ended before it listened."));
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var uri = await address.Task;
        using (var probe = new HttpClient { BaseAddress = uri })
            while (!(await probe.GetAsync(new Uri("/health/ready", UriKind.Relative))).IsSuccessStatusCode)
                await Task.Delay(5);
        return new(process, data, uri, watch.Elapsed);

        void Take(string? line)
        {
            if (line?.IndexOf(Listening, StringComparison.Ordinal) is >= 0 and var at)
                address.TrySetResult(new Uri(line[(at + Listening.Length)..].Trim()));
        }
    }

    /// <summary>Lets <see cref="PeakBytes"/> begin anew from what is resident now.</summary>
    public void ForgetPeak()
    {
        File.WriteAllText(Proc("clear_refs"), "5");
        _peers.ForEach(peer => peer.ForgetPeak());
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var peer in _peers)
            await peer.DisposeAsync();
        Client.Dispose();
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _data.Delete(recursive: true);
    }

    /// <summary>The service's assembly in the working copy that this program was built in, of the same configuration.</summary>
    static string Assembly()
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)); // …/bin/Release/net10.0
        var root = output.Parent!.Parent!.Parent!.Parent!.Parent!.FullName;
        var path = Path.Combine(root, "src", "MlService", "bin", output.Parent.Name, output.Name, "MlService.dll");
        return File.Exists(path) ? path : throw new CommandLineException($"{path} is not there. Build the whole solution first.");
    }

    string Proc(string file) => $"/proc/{_process.Id}/{file}";

    long Status(string field)
    {
        var line = File.ReadLines(Proc("status")).First(line => line.StartsWith(field, StringComparison.Ordinal));
        return 1024 * long.Parse(line[field.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture);
    }
}
