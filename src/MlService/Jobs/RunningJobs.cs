using System.Collections.Concurrent;

namespace MlService.Jobs;

/// <summary>
/// The jobs that run in this process. When the process is told to end they stop at once, and the silo under them stays up
/// until the last has let go of its shards; each then is pending work for the next process.
/// </summary>
public sealed class RunningJobs(IHostApplicationLifetime lifetime)
{
    private readonly ConcurrentDictionary<Task, bool> _runs = new();

    /// <summary>Cancelled when the process is told to end.</summary>
    public CancellationToken Stopping => lifetime.ApplicationStopping;

    /// <summary>Notes a job for as long as it runs.</summary>
    /// <returns>The same task.</returns>
    public Task Follow(Task run)
    {
        _runs[run] = true;
        _ = run.ContinueWith(
            ended => _runs.TryRemove(ended, out _),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        return run;
    }

    /// <summary>Waits until no job runs.</summary>
    public Task WhenQuiet(CancellationToken cancellation) => Task.WhenAll(_runs.Keys).WaitAsync(cancellation);
}
