using Amazon.S3;
using Amazon.S3.Model;
using MlService.Storage;

namespace MlService.Tests.Storage;

/// <summary>Removes what tests made on a server that is not theirs alone.</summary>
internal static class S3Cleaning
{
    public static async Task DropBuckets(S3Options options, S3ObjectStore store, Func<string, bool> ours)
    {
        using var clients = new S3Clients(options);
        foreach (var bucket in await store.ListBuckets().Where(ours).ToListAsync())
        {
            await foreach (var upload in store.ListUploads(bucket, ""))
                await store.AbortUpload(upload);
            await foreach (var page in store.List(bucket, "").Chunk(1000))
                await clients.Retrying.DeleteObjectsAsync(new DeleteObjectsRequest
                {
                    BucketName = bucket,
                    Objects = [.. page.Select(item => new KeyVersion { Key = item.Uri.Key })],
                });
            await clients.Retrying.DeleteBucketAsync(bucket);
        }
    }
}
