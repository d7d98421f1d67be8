namespace MlService.Jobs;

/// <summary>
/// Lets who waits for a resource look at its row when a job of this process has ended, and now and then, for it may end in another. The rows
/// remain the truth: this says when to look, not what there is.
/// </summary>
public sealed class FinishedJobs(IHostApplicationLifetime lifetime, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private TaskCompletionSource _next = NewSignal();

    /// <summary>A job of this process has ended, and its row says so.</summary>
    public void Tell() => Interlocked.Exchange(ref _next, NewSignal()).SetResult();

    /// <summary>Reads until what is read is finished, the time is over or the service stops.</summary>
    /// <param name="read">Reads the row as it stands.</param>
    /// <param name="isFinished">Whether there is nothing to wait for.</param>
    /// <param name="most">How long to wait at most.</param>
    /// <param name="cancellation">Ends it with an exception.</param>
    /// <returns>What was read last.</returns>
    public async Task<T> Await<T>(Func<Task<T>> read, Predicate<T> isFinished, TimeSpan most, CancellationToken cancellation)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation, lifetime.ApplicationStopping);
        var start = time.GetTimestamp();
        while (true)
        {
            // Taken before the look, so that no end between look and wait is missed.
            var next = Volatile.Read(ref _next).Task;
            var seen = await read();
            var left = most - time.GetElapsedTime(start);
            if (isFinished(seen) || left <= TimeSpan.Zero || lifetime.ApplicationStopping.IsCancellationRequested)
                return seen;
            await next.WaitAsync(left < Interval ? left : Interval, time, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellation.ThrowIfCancellationRequested();
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
