using Orleans.Concurrency;

namespace MlService.Jobs;

/// <summary>Runs the job of one resource; keyed by <see cref="Metadata.ResourceKey"/>. The cluster activates it once.</summary>
public interface IJobGrain : IGrainWithStringKey
{
    /// <summary>Starts the job unless it runs already, waits for a dependency or is done; returns at once.</summary>
    [AlwaysInterleave, ResponseTimeout("00:00:02")]
    Task Nudge();

    /// <summary>Stops the job, if it runs; the caller has already said in the row what shall become of it.</summary>
    [AlwaysInterleave, ResponseTimeout("00:00:05")]
    Task Cancel();
}
