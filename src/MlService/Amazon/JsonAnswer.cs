using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace MlService.Amazon;

/// <summary>An answer of AWS JSON 1.1, sent once it is whole.</summary>
internal sealed class JsonAnswer : IDisposable
{
    /// <summary>The protocol's media type.</summary>
    public const string ContentType = "application/x-amz-json-1.1";

    private readonly ArrayBufferWriter<byte> _body = new(512);

    /// <summary>Begins an answer.</summary>
    public JsonAnswer() => Json = new Utf8JsonWriter(_body, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>Takes the content.</summary>
    public Utf8JsonWriter Json { get; }

    /// <summary>Sends it.</summary>
    public async Task Send(HttpResponse response, int status)
    {
        await Json.FlushAsync();
        response.StatusCode = status;
        response.ContentType = ContentType;
        response.ContentLength = _body.WrittenCount;
        response.Headers.CacheControl = "no-store";
        await response.Body.WriteAsync(_body.WrittenMemory, response.HttpContext.RequestAborted);
    }

    /// <inheritdoc/>
    public void Dispose() => Json.Dispose();
}
