using System.Globalization;
using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;

namespace MlService.Storage;

/// <summary>
/// Completes an upload in parts, though the answer may get lost: a second try then finds no upload, and the object itself
/// must tell whether the first one had succeeded.
/// </summary>
internal sealed class S3Completion(AmazonS3Client once, S3Options options, MultipartUpload upload, IReadOnlyList<UploadedPart> parts)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);

    /// <summary>Completes the upload.</summary>
    /// <param name="call">Makes one request and translates its errors.</param>
    /// <param name="head">Looks at the object.</param>
    /// <returns>The ETag of the object; null if the server does not tell and it cannot be foretold.</returns>
    public async Task<string?> Run(
        Func<Func<CancellationToken, Task<CompleteMultipartUploadResponse>>, CancellationToken, Task<CompleteMultipartUploadResponse>> call,
        Func<CancellationToken, Task<ObjectInfo?>> head,
        CancellationToken cancellation)
    {
        var request = new CompleteMultipartUploadRequest
        {
            BucketName = options.Physical(upload.Target.Bucket),
            Key = upload.Target.Key,
            UploadId = upload.Id,
            PartETags = [.. parts.Select(part => new PartETag(part.Number, part.ETag))],
        };
        for (var tries = 0; ; tries++)
        {
            var wasAnswered = false;
            try
            {
                var done = await call(
                    async cancel =>
                    {
                        try
                        {
                            return await once.CompleteMultipartUploadAsync(request, cancel);
                        }
                        catch (Exception exception) when (!S3Errors.MayPass(exception))
                        {
                            wasAnswered = true;
                            throw;
                        }
                    },
                    cancellation);
                return string.IsNullOrEmpty(done.ETag) ? ExpectedETag(parts) : done.ETag.Trim('"'); // Ceph 16 leaves it out
            }
            catch (ObjectNotFoundException) when (tries > 0)
            {
                if (await head(cancellation) is { } info && info.ETag == ExpectedETag(parts))
                    return info.ETag;
                throw;
            }
            catch (Exception) when (!wasAnswered && tries < options.MaxRetries && !cancellation.IsCancellationRequested)
            {
                await Task.Delay(FirstPause * (1 << tries), cancellation);
            }
        }
    }

    /// <summary>
    /// The ETag that Amazon, Ceph and MinIO give an object of parts: the MD5 of the parts' MD5s and their number; null where the
    /// parts' ETags are no MD5s (encryption by keys of a key service).
    /// </summary>
    internal static string? ExpectedETag(IReadOnlyList<UploadedPart> parts)
    {
        if (parts.Any(part => part.ETag.Length != 32 || !part.ETag.All(char.IsAsciiHexDigit)))
            return null;
        var digests = parts.SelectMany(part => Convert.FromHexString(part.ETag)).ToArray();
#pragma warning disable CA5351, CA1308 // the protocol's digest, in the protocol's case; it guards nothing
        return string.Create(CultureInfo.InvariantCulture, $"{Convert.ToHexString(MD5.HashData(digests)).ToLowerInvariant()}-{parts.Count}");
#pragma warning restore CA5351, CA1308
    }
}
