using Microsoft.Extensions.Options;

namespace MlService.Jobs;

/// <summary>Two queues for processor time, one for small jobs and one for large, so that the small never wait for the large.</summary>
public sealed class JobSlots : IDisposable
{
    private readonly long _largeJobBytes;
    private readonly SemaphoreSlim _small;
    private readonly SemaphoreSlim _large;

    /// <summary>Creates the queues that the options ask for.</summary>
    public JobSlots(IOptions<JobsOptions> options)
    {
        _largeJobBytes = options.Value.LargeJobBytes;
        _small = new SemaphoreSlim(Math.Max(1, options.Value.ConcurrentSmallJobs));
        _large = new SemaphoreSlim(Math.Max(1, options.Value.ConcurrentLargeJobs));
    }

    /// <summary>Whether a job of this size would have to wait now.</summary>
    public bool AreTaken(long bytes) => QueueFor(bytes).CurrentCount == 0;

    /// <summary>Waits for a slot of the right size; disposing the answer frees it.</summary>
    public async Task<IDisposable> Enter(long bytes, CancellationToken cancellation)
    {
        var queue = QueueFor(bytes);
        await queue.WaitAsync(cancellation);
        return new Slot(queue);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _small.Dispose();
        _large.Dispose();
    }

    private SemaphoreSlim QueueFor(long bytes) => bytes > _largeJobBytes ? _large : _small;

    private sealed class Slot(SemaphoreSlim queue) : IDisposable
    {
        public void Dispose() => queue.Release();
    }
}
