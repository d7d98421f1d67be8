using Microsoft.EntityFrameworkCore;
using MlService.Metadata;
using MlService.Storage;

namespace MlService.Jobs;

/// <summary>
/// Removes what dead attempts and deleted resources left in object storage, at start and every hour. A process that is
/// killed cannot tidy up after itself; whoever runs next does.
/// </summary>
/// <remarks>
/// Only what the row itself disowns is removed. Artifacts without any row stay: a metadata store that was restored from an old
/// backup, or the wrong one, must not cost anyone a model.
/// </remarks>
public sealed class ArtifactSweeper(
    IDbContextFactory<MetadataContext> metadata, IObjectStore objects, IEnumerable<ResourceJob> jobs, TimeProvider time, ILogger<ArtifactSweeper> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMinutes(1);

    // Resources that finished earlier have been looked at more than once, unless the service was down for as long.
    private static readonly TimeSpan LookBack = TimeSpan.FromDays(7);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
                await Task.Delay(await TrySweep(stoppingToken) ? Interval : RetryInterval, time, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service stops.
        }
    }

    private async Task<bool> TrySweep(CancellationToken cancellation)
    {
        try
        {
            await Sweep(cancellation);
            return true;
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            JobLog.SweepFailed(logger, exception);
            return false;
        }
    }

    private async Task Sweep(CancellationToken cancellation)
    {
        await using var context = await metadata.CreateDbContextAsync(cancellation);
        (string? Prefix, Resource? Row) last = default;
        try
        {
            await foreach (var item in objects.List(Artifacts.Bucket, "", null, cancellation))
                if (await IsOrphan(item.Uri.Key))
                    await objects.Delete(item.Uri, cancellation);
        }
        catch (ObjectNotFoundException)
        {
            // The bucket comes into being with its first artifact.
        }

        await foreach (var upload in objects.ListUploads(Artifacts.Bucket, "", cancellation))
            if (await IsOrphan(upload.Target.Key))
                await objects.AbortUpload(upload, cancellation);
        foreach (var job in jobs)
            await job.DropLeftovers(context, objects, time.GetUtcNow().UtcDateTime - LookBack, cancellation);

        async Task<bool> IsOrphan(string key)
        {
            if (Artifacts.Owner(key) is not { } owner)
                return false;
            if (owner.Prefix != last.Prefix)
                last = (owner.Prefix, await Rows.Find(context, owner.Key, cancellation));
            return last.Row is { } row && IsDisowned(row, owner, key);
        }
    }

    /// <summary>
    /// An attempt that the row has left behind, a checkpoint that nobody takes up any more, what shards sent each other until their job was
    /// done, or what belongs to a resource that needs nothing any more.
    /// </summary>
    private static bool IsDisowned(Resource row, ArtifactOwner owner, string key) => row.Status switch
    {
        ResourceStatus.Completed => row.Artifacts != owner.Prefix || key.StartsWith(owner.Prefix + Artifacts.ExchangePrefix, StringComparison.Ordinal),
        ResourceStatus.Failed or ResourceStatus.Deleted => owner.Attempt is null || owner.Attempt <= row.Attempt,
        _ => owner.Attempt < row.Attempt,
    };
}
