using MlService.Metadata;

namespace MlService.Jobs;

/// <summary>How the rest of the service speaks to the jobs. What it says is a hint: the row decides, and the sweeper reads it too.</summary>
public sealed class JobClient(IGrainFactory grains)
{
    /// <summary>Tells the job of a new or changed row to look at it now.</summary>
    public Task Nudge(ResourceKey key) => grains.GetGrain<IJobGrain>(key.ToString()).Nudge();

    /// <summary>Stops the job of a row that was cancelled or deleted; returns when it has stopped.</summary>
    public Task Cancel(ResourceKey key) => grains.GetGrain<IJobGrain>(key.ToString()).Cancel();
}
