using System.Buffers;
using System.Globalization;
using System.Net;
using Amazon.S3;
using Amazon.S3.Model;

namespace MlService.Storage;

/// <summary>Bytes of an object in a rented buffer.</summary>
/// <param name="Buffer">From the shared pool; whoever is done with it returns it.</param>
/// <param name="Length">How much of the buffer counts.</param>
/// <param name="ETag">The object's version.</param>
/// <param name="ObjectSize">The whole object's size.</param>
internal readonly record struct S3Range(byte[] Buffer, int Length, string ETag, long ObjectSize);

/// <summary>Reads ranges of objects into memory. A try has its time, and one that breaks off in the middle is repeated.</summary>
internal sealed class S3Ranges(AmazonS3Client client, S3Options options)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);

    /// <summary>Reads what there is of a range; it must begin inside the object.</summary>
    /// <exception cref="AmazonS3Exception">What the server said, as it said it.</exception>
    public async Task<S3Range> Read(ObjectUri uri, long offset, int length, string? ifMatch, CancellationToken cancellation)
    {
        for (var tries = 0; ; tries++)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            try
            {
                // The SDK repeats what fails before the answer's head; here the body counts too, so each try has the whole time again.
                limit.CancelAfter(options.Timeout * (options.MaxRetries + 1));
                return await ReadOnce(uri, offset, length, ifMatch, limit.Token);
            }
            catch (Exception exception) when (
                tries < options.MaxRetries && !cancellation.IsCancellationRequested && exception is IOException or BodyTimeoutException)
            {
                await Task.Delay(FirstPause * (1 << tries), cancellation);
            }
        }
    }

    private async Task<S3Range> ReadOnce(ObjectUri uri, long offset, int length, string? ifMatch, CancellationToken cancellation)
    {
        var last = offset > long.MaxValue - length ? long.MaxValue : offset + length - 1;
        using var answer = await client.GetObjectAsync(
            new GetObjectRequest
            {
                BucketName = options.Physical(uri.Bucket),
                Key = uri.Key,
                ByteRange = new ByteRange(offset, last),
                EtagToMatch = ifMatch is null ? null : $"\"{ifMatch}\"",
            },
            cancellation);
        var size = ObjectSize(answer, offset);
        var wanted = (int)Math.Min(length, size - offset);
        var buffer = ArrayPool<byte>.Shared.Rent(wanted);
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(options.Timeout);
            await answer.ResponseStream.ReadExactlyAsync(buffer.AsMemory(0, wanted), limit.Token);
            return new S3Range(buffer, wanted, answer.ETag.Trim('"'), size);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw new BodyTimeoutException(uri);
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }
    }

    /// <summary>The size behind the slash of <c>bytes 0-99/1234</c> (RFC 9110, section 14.4).</summary>
    private static long ObjectSize(GetObjectResponse answer, long offset)
    {
        var range = answer.ContentRange;
        if (!string.IsNullOrEmpty(range)
            && long.TryParse(range.AsSpan(range.LastIndexOf('/') + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var size))
            return size;
        // An answer without a range is the whole object: the range was not understood, or lies behind the end.
        return offset == 0
            ? answer.ContentLength
            : throw new AmazonS3Exception("The range was not satisfied.") { ErrorCode = "InvalidRange", StatusCode = HttpStatusCode.RequestedRangeNotSatisfiable };
    }

    /// <summary>The head of an answer came, and its body did not come in time.</summary>
    private sealed class BodyTimeoutException(ObjectUri uri) : TimeoutException($"The content of {uri} did not arrive in time.");
}
