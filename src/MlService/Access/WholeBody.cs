using System.Buffers;
using Microsoft.AspNetCore.Http.Features;
using MlService.Problems;

namespace MlService.Access;

/// <summary>The body of a request as a whole, for what must see all of it before the call can begin, such as a signature.</summary>
internal sealed class WholeBody
{
    /// <summary>Of a body that is too large this much is read away, so that the client, which sends before it listens, hears why.</summary>
    private const long MostReadAway = 128L << 20;

    private WholeBody(ReadOnlyMemory<byte> bytes) => Bytes = bytes;

    private ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Reads it, or finds what was read before; whoever reads the request's stream later gets the same.</summary>
    /// <exception cref="ProblemException">It is larger than <paramref name="maxBytes"/>.</exception>
    public static async Task<ReadOnlyMemory<byte>> Read(HttpRequest request, long maxBytes)
    {
        var features = request.HttpContext.Features;
        if (features.Get<WholeBody>() is { } known)
            return known.Bytes;
        Allow(request);
        var bytes = await Read(request.Body, request.ContentLength ?? 0, maxBytes, request.HttpContext.RequestAborted);
        features.Set(new WholeBody(bytes));
        request.Body = new MemoryStream(bytes.ToArray(), writable: false);
        return bytes;
    }

    /// <summary>Reads the body of a request that is refused away.</summary>
    public static async Task Discard(HttpRequest request)
    {
        Allow(request);
        try
        {
            await request.Body.CopyToAsync(Stream.Null, request.HttpContext.RequestAborted);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // Too large, too slow or gone: whoever sends like that may miss the answer.
        }
    }

    private static void Allow(HttpRequest request)
    {
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = MostReadAway;
    }

    private static async Task<ReadOnlyMemory<byte>> Read(Stream stream, long expected, long maxBytes, CancellationToken cancellation)
    {
        var body = new ArrayBufferWriter<byte>((int)Math.Clamp(expected, 1024, 64 << 10));
        var length = 0L;
        while (await stream.ReadAsync(body.GetMemory(4096), cancellation) is var read and > 0)
        {
            length += read;
            if (length <= maxBytes)
                body.Advance(read);
        }
        return length <= maxBytes ? body.WrittenMemory : throw new ProblemException(
            ProblemKind.TooLarge,
            $"The request has {length} bytes; at most {maxBytes} are allowed. Put data, schema or recipe into object storage and name its place.");
    }
}
