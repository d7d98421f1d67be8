using Microsoft.EntityFrameworkCore;
using MlService.Metadata;
using MlService.Storage;

namespace MlService.BatchPredictions;

/// <summary>
/// Uploads of results whose batch prediction has ended without them: their process died, or its row went on without it. What is dropped
/// can never be published, so this also keeps a late attempt from publishing what its owner has called off.
/// </summary>
internal static class AbandonedUploads
{
    /// <summary>Drops those under a prefix. Only uploads to names that batch predictions use, none of which is unfinished, are meant.</summary>
    public static async Task Drop(MetadataContext context, IObjectStore objects, ObjectUri prefix, CancellationToken cancellation)
    {
        await foreach (var upload in objects.ListUploads(prefix.Bucket, prefix.Key, cancellation))
            if (await IsAbandoned(context, upload.Target, cancellation))
                await objects.AbortUpload(upload, cancellation);
    }

    private static async Task<bool> IsAbandoned(MetadataContext context, ObjectUri target, CancellationToken cancellation)
    {
        var ids = ResultLocations.PossibleOwners(target);
        var owners = (await context.BatchPredictions.AsNoTracking().Where(row => ids.Contains(row.Id))
                .Select(row => new { row.OutputUri, row.Status }).ToListAsync(cancellation))
            .Where(row => ResultLocations.Root(row.OutputUri) is var root && root.Bucket == target.Bucket
                && target.Key.StartsWith(root.Key, StringComparison.Ordinal))
            .ToList();
        return owners.Count > 0 && owners.TrueForAll(row => row.Status is not (ResourceStatus.Pending or ResourceStatus.InProgress));
    }
}
