using Microsoft.EntityFrameworkCore;
using MlService.Metadata;
using MlService.Storage;

namespace MlService.Jobs;

/// <summary>
/// Removes what dead attempts and deleted resources left in the artifact bucket, at start and every hour. A process that is
/// killed cannot tidy up after itself; whoever runs next does.
/// </summary>
/// <remarks>
/// Only what the row itself disowns is removed. Artifacts without any row stay: a metadata store that was restored from an old
/// backup, or the wrong one, must not cost anyone a model.
/// </remarks>
public sealed class ArtifactSweeper(
    IDbContextFactory<MetadataContext> metadata, IObjectStore objects, TimeProvider time, ILogger<ArtifactSweeper> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
            {
                try
                {
                    await Sweep(stoppingToken);
                }
                catch (Exception exception) when (exception is not OperationCanceledException)
                {
                    JobLog.SweepFailed(logger, exception);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service stops.
        }
    }

    private async Task Sweep(CancellationToken cancellation)
    {
        await using var context = await metadata.CreateDbContextAsync(cancellation);
        (string? Prefix, bool IsOrphan) last = default;
        try
        {
            await foreach (var item in objects.List(Artifacts.Bucket, "", null, cancellation))
            {
                if (Artifacts.Owner(item.Uri.Key) is not { } owner)
                    continue;
                if (owner.Prefix != last.Prefix)
                    last = (owner.Prefix, await IsOrphan(context, owner, cancellation));
                if (last.IsOrphan)
                    await objects.Delete(item.Uri, cancellation);
            }
        }
        catch (ObjectNotFoundException)
        {
            // The bucket comes into being with its first artifact.
        }
    }

    /// <summary>An attempt that the row has left behind, or one of a resource that needs nothing any more.</summary>
    private static async Task<bool> IsOrphan(MetadataContext context, ArtifactOwner owner, CancellationToken cancellation) =>
        await Rows.Find(context, owner.Key, cancellation) is { } row && row.Status switch
        {
            ResourceStatus.Completed => row.Artifacts != owner.Prefix,
            ResourceStatus.Failed or ResourceStatus.Deleted => owner.Attempt <= row.Attempt,
            _ => owner.Attempt < row.Attempt,
        };
}
