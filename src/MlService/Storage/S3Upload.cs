using System.Buffers;
using System.Runtime.InteropServices;
using MlService.Learning;
using MlService.Problems;

namespace MlService.Storage;

/// <summary>
/// Uploads a stream of any length with bounded memory: what fits into one part goes as one request, more goes in parts, a few
/// of them at a time. If the stream fails, the parts are dropped and nothing has changed.
/// </summary>
internal sealed class S3Upload(S3ObjectStore store, ObjectUri uri, Stream content, long? length)
{
    private const int PartBytes = 8 << 20;
    private const int PartsAtATime = 4;

    /// <summary>After so many parts of a stream of unknown length their size doubles: 10,000 parts are all there may be.</summary>
    private const int PartsBeforeDoubling = 2500;

    private long _total;

    /// <summary>A part's size, so that an object of S3's largest size needs no more than 10,000 of them.</summary>
    internal static int PartSize(int number, long? length) => length is { } known
        ? (int)Math.Min(int.MaxValue / 2, Math.Max(PartBytes, known / (MultipartUpload.MaxParts - 1) + 1))
        : PartBytes << ((number - 1) / PartsBeforeDoubling);

    /// <summary>A stream over bytes in memory, which the SDK can read twice.</summary>
    internal static MemoryStream Body(ReadOnlyMemory<byte> bytes) => MemoryMarshal.TryGetArray(bytes, out var array)
        ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false)
        : new MemoryStream(bytes.ToArray(), writable: false);

    public async Task<ObjectInfo> Run(CancellationToken cancellation)
    {
        var size = PartSize(1, length);
        // One byte more than announced, so that content which is too long shows.
        var first = await Read(length < size ? (int)length.Value + 1 : size, cancellation);
        if (first.Count < size)
        {
            try
            {
                CheckLength(ended: true);
                return await store.PutWhole(uri, first, cancellation);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(first.Array!);
            }
        }

        return await InParts(first, cancellation);
    }

    private async Task<ObjectInfo> InParts(ArraySegment<byte> first, CancellationToken cancellation)
    {
        var upload = await store.BeginUpload(uri, cancellation);
        var parts = new List<UploadedPart>();
        var sending = new Queue<Task<UploadedPart>>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            var part = first;
            for (var number = 1; part.Count > 0; number++)
            {
                CheckLength(ended: false);
                sending.Enqueue(Send(upload, number, part, stop.Token));
                if (sending.Count >= PartsAtATime)
                    parts.Add(await sending.Dequeue());
                if (number == MultipartUpload.MaxParts)
                    throw new InvalidInputException($"The content is longer than {_total >> 30} GiB, and its length was not announced. Send it with its length.");
                part = await Read(PartSize(number + 1, length), cancellation);
            }

            ArrayPool<byte>.Shared.Return(part.Array!);
            CheckLength(ended: true);
            while (sending.TryDequeue(out var sent))
                parts.Add(await sent);
            return await store.CompleteUpload(upload, parts, cancellation);
        }
        catch
        {
            await stop.CancelAsync();
            await Task.WhenAll(sending).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            await Drop(upload);
            throw;
        }
    }

    private async Task Drop(MultipartUpload upload)
    {
        try
        {
            await store.AbortUpload(upload, CancellationToken.None);
        }
        catch (ProblemException)
        {
            // The server is gone, which is what the caller is told; a rule of the bucket or the next attempt drops the parts.
        }
    }

    private async Task<UploadedPart> Send(MultipartUpload upload, int number, ArraySegment<byte> part, CancellationToken cancellation)
    {
        try
        {
            using var body = Body(part);
            return await store.UploadPart(upload, number, body, cancellation);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(part.Array!);
        }
    }

    /// <summary>Fills a rented buffer from the stream; less than asked for is its end.</summary>
    private async Task<ArraySegment<byte>> Read(int size, CancellationToken cancellation)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            var read = await content.ReadAtLeastAsync(buffer.AsMemory(0, size), size, throwOnEndOfStream: false, cancellation);
            _total += read;
            return new ArraySegment<byte>(buffer, 0, read);
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }
    }

    private void CheckLength(bool ended)
    {
        if (length is { } announced && (ended ? _total != announced : _total > announced))
            throw new InvalidInputException(
                $"The content {(ended ? "ended" : "goes on")} after {_total} bytes and {announced} were announced. Send it again.");
    }
}
