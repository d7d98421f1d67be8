using MlService.Metadata;
using MlService.Storage;

namespace MlService.Jobs;

/// <summary>The job of one kind of resource. One instance serves all jobs of the kind, so it keeps nothing between calls.</summary>
public abstract class ResourceJob
{
    /// <summary>The kind whose jobs this runs.</summary>
    public abstract ResourceKind Kind { get; }

    /// <summary>
    /// Does the work of one attempt. It may be stopped at any moment and started anew, in another process: whatever it leaves
    /// behind lies under <see cref="JobContext.Artifacts"/> or is the same each time.
    /// </summary>
    /// <returns>
    /// What the result changes in the row. It is applied in the transaction that completes the resource, and only if
    /// the attempt still is the row's.
    /// </returns>
    /// <exception cref="Learning.InvalidInputException">The resource cannot be made of this input; it fails with the message.</exception>
    public abstract Task<Action<Resource>> Run(JobContext context);

    /// <summary>
    /// Drops what attempts at a resource left outside of the artifact bucket, now that the resource is finished. It may not have been
    /// theirs to do so: a process that is killed drops nothing.
    /// </summary>
    public virtual Task DropLeftovers(MetadataContext context, IObjectStore objects, Resource row, CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>The same for all finished resources of the kind that have changed since a moment.</summary>
    public virtual Task DropLeftovers(MetadataContext context, IObjectStore objects, DateTime since, CancellationToken cancellation) => Task.CompletedTask;
}
