namespace MlService.Storage;

/// <summary>An upload in parts that is neither completed nor aborted. It outlives the process that began it.</summary>
/// <param name="Target">The object that completing it publishes.</param>
/// <param name="Id">The store's name for it.</param>
/// <param name="Started">When it began, UTC.</param>
public sealed record MultipartUpload(ObjectUri Target, string Id, DateTime Started)
{
    public const int MaxParts = 10_000;

    /// <summary>S3's rule: every part but the last has at least 5 MiB; it is enforced on completion.</summary>
    public const long MinPartBytes = 5 * 1024 * 1024;
}

/// <summary>A part that has arrived.</summary>
/// <param name="Number">1 to 10,000: its place among the parts.</param>
/// <param name="ETag">The version that arrived; uploading the number again makes another.</param>
/// <param name="Size">Bytes.</param>
public sealed record UploadedPart(int Number, string ETag, long Size);
