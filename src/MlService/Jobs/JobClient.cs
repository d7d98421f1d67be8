using MlService.Metadata;
using Orleans.Runtime;

namespace MlService.Jobs;

/// <summary>
/// How the rest of the service speaks to the jobs, whichever process runs them. What it says is a hint: the row decides, running jobs
/// look at it, and the sweeper reads it too. So a process that does not answer is no error.
/// </summary>
public sealed class JobClient(IGrainFactory grains, ILogger<JobClient> logger)
{
    /// <summary>Tells the job of a new or changed row to look at it now.</summary>
    public Task Nudge(ResourceKey key) => Tell(key, job => job.Nudge());

    /// <summary>Stops the job of a row that was cancelled or deleted; returns when it has stopped, or cannot be reached now.</summary>
    public Task Cancel(ResourceKey key) => Tell(key, job => job.Cancel());

    private async Task Tell(ResourceKey key, Func<IJobGrain, Task> tell)
    {
        try
        {
            await tell(grains.GetGrain<IJobGrain>(key.ToString()));
        }
        // Orleans cancels what it could not place in time.
        catch (Exception exception) when (exception is OrleansException or TimeoutException or OperationCanceledException)
        {
            JobLog.NotReached(logger, key, exception.Message);
        }
    }
}
