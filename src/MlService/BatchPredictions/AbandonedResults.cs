using Microsoft.EntityFrameworkCore;
using MlService.Metadata;
using MlService.Storage;

namespace MlService.BatchPredictions;

/// <summary>
/// What is on its way to results, or lies there, of batch predictions that have ended without them: their process died, or they were called
/// off at the moment when they published.
/// </summary>
internal static class AbandonedResults
{
    // Storage tells times by its own clock, and in whole seconds.
    private static readonly TimeSpan ClockDifference = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Drops uploads under a prefix. Only those to names that batch predictions use, none of which is unfinished, are meant. What is dropped
    /// can never be published, so this also keeps a late attempt from publishing what its owner has called off.
    /// </summary>
    public static async Task DropUploads(MetadataContext context, IObjectStore objects, ObjectUri prefix, CancellationToken cancellation)
    {
        await foreach (var upload in objects.ListUploads(prefix.Bucket, prefix.Key, cancellation))
            if (await Owners(context, upload.Target, cancellation) is { Count: > 0 } owners && owners.TrueForAll(owner => owner.IsFinished))
                await objects.AbortUpload(upload, cancellation);
    }

    /// <summary>
    /// Removes what a batch prediction that never completed has published. What is older than its first attempt is not its own; nor
    /// is what may be of another, <c>a-b-c.gz</c> of <c>a</c> or of <c>a-b</c>.
    /// </summary>
    public static async Task RemovePublished(MetadataContext context, IObjectStore objects, BatchPrediction row, CancellationToken cancellation)
    {
        if (!IsFutile(row) || row.StartedAt is not { } start)
            return;
        var (results, manifest) = (ResultLocations.ResultPrefix(row), ResultLocations.Manifest(row));
        foreach (var prefix in (ObjectUri[])[results, manifest])
        {
            try
            {
                await foreach (var item in objects.List(prefix.Bucket, prefix.Key, null, cancellation))
                    if ((prefix == results || item.Uri == manifest) && item.LastModified >= start - ClockDifference
                        && (await Owners(context, item.Uri, cancellation)).TrueForAll(IsFutile))
                        await objects.Delete(item.Uri, cancellation);
            }
            catch (ObjectNotFoundException)
            {
                return; // the bucket comes into being with its first result
            }
        }
    }

    /// <summary>The batch predictions that may publish at a place.</summary>
    private static async Task<List<BatchPrediction>> Owners(MetadataContext context, ObjectUri place, CancellationToken cancellation)
    {
        var ids = ResultLocations.PossibleOwners(place);
        var rows = await context.BatchPredictions.AsNoTracking().Where(row => ids.Contains(row.Id)).ToListAsync(cancellation);
        return rows.FindAll(row => ResultLocations.Root(row.OutputUri) is var root && root.Bucket == place.Bucket
            && place.Key.StartsWith(root.Key, StringComparison.Ordinal));
    }

    private static bool IsFutile(BatchPrediction row) => row.IsFinished && row.Artifacts is null;
}
