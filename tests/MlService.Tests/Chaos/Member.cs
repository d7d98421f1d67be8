using System.Text;
using System.Text.RegularExpressions;
using MlService.Metadata;

namespace MlService.Tests.Chaos;

/// <summary>One place in the cluster: a process, and when it has ended another, as a supervisor would have it.</summary>
internal sealed partial class Member(Func<Task<ServiceProcess>> start, Random pauses) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly List<ServiceProcess> _lives = [];
    private readonly StringBuilder _failedStarts = new();
    private Task? _supervision;
    private bool _isFrozen;
    private bool _isClosing;

    /// <summary>Whether its process runs.</summary>
    public bool IsUp => Current is { HasEnded: false } && !_isFrozen;

    /// <summary>Where the process that runs, or ran last, is reached; null before the first.</summary>
    public Uri? Address => Current?.Client.BaseAddress;

    /// <summary>The process that runs, or ran last.</summary>
    public ServiceProcess? Current
    {
        get
        {
            lock (_gate)
                return _lives.Count > 0 ? _lives[^1] : null;
        }
    }

    /// <summary>All that its processes have printed, the dead ones too; in the end those that did not come up.</summary>
    public string Output
    {
        get
        {
            lock (_gate)
                return string.Concat(_lives.Select(life => life.Output)) + _failedStarts;
        }
    }

    /// <summary>How many processes it has had.</summary>
    public int Lives
    {
        get
        {
            lock (_gate)
                return _lives.Count;
        }
    }

    /// <summary>Begins to keep a process running.</summary>
    public void Open() => _supervision = Supervise();

    /// <summary>Freezes its process for a while. It may well end itself afterwards, when it learns that it counts as dead.</summary>
    public async Task Freeze(TimeSpan duration)
    {
        var process = Current!;
        _isFrozen = true;
        await process.Freeze();
        try
        {
            await Task.Delay(duration, TestContext.Current.CancellationToken);
        }
        finally
        {
            await process.Thaw();
            _isFrozen = false;
        }
    }

    /// <summary>The attempts that its process has begun and not ended.</summary>
    public IReadOnlyDictionary<ResourceKey, int> Running()
    {
        var running = new Dictionary<ResourceKey, int>();
        foreach (Match line in AttemptLine().Matches(Current!.Output))
        {
            var key = ResourceKey.Parse(line.Groups[1].Value);
            if (line.Groups[3].Value == "started")
                running[key] = int.Parse(line.Groups[2].Value, System.Globalization.CultureInfo.InvariantCulture);
            else
                running.Remove(key);
        }
        return running;
    }

    public async ValueTask DisposeAsync()
    {
        _isClosing = true;
        while (_supervision is { IsCompleted: false })
        {
            if (Current is { HasEnded: false } process)
                await process.Kill();
            await Task.WhenAny(_supervision, Task.Delay(100));
        }
        foreach (var life in _lives)
            await life.DisposeAsync();
    }

    private async Task Supervise()
    {
        while (!_isClosing)
        {
            try
            {
                var process = await start();
                lock (_gate)
                    _lives.Add(process);
                await process.Ends();
            }
            catch (InvalidOperationException exception)
            {
                // It did not come up, perhaps because a server that it needs is down: again.
                lock (_gate)
                    _failedStarts.AppendLine(exception.Message);
            }
            await Task.Delay(pauses.Next(0, 1500));
        }
    }

    [GeneratedRegex(@"Job (\w+/\S+) attempt (\d+) (started|completed|failed|came to nothing|stopped|hit a fault)")]
    private static partial Regex AttemptLine();
}
