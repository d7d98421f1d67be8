using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MlService.Storage;
using MlService.Tests.Problems;

namespace MlService.Tests.Storage;

public sealed class ObjectApiTests : IAsyncLifetime
{
    private LoopbackApp _app = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _app = await LoopbackApp.Start();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task AnUploadIsDescribedAndComesBack()
    {
        using var created = await Put("bucket/dir/data.csv", "a,b\n1,2\n");
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        var view = await Json(created);
        Assert.Equal("s3://bucket/dir/data.csv", view.GetProperty("uri").GetString());
        Assert.Equal(8, view.GetProperty("size").GetInt64());
        Assert.Equal($"\"{view.GetProperty("eTag").GetString()}\"", created.Headers.ETag!.Tag);
        Assert.Equal(DateTime.UtcNow, view.GetProperty("lastModified").GetDateTime(), TimeSpan.FromMinutes(5));

        using var got = await _app.Send(HttpMethod.Get, created.Headers.Location!.ToString());
        Assert.Equal("a,b\n1,2\n", await got.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal("text/csv", got.Content.Headers.ContentType!.MediaType);
        Assert.Equal(created.Headers.ETag, got.Headers.ETag);

        using var replaced = await Put("bucket/dir/data.csv", "other");
        Assert.Equal(HttpStatusCode.OK, replaced.StatusCode);
        Assert.NotEqual(created.Headers.ETag, replaced.Headers.ETag);
    }

    [Fact]
    public async Task HeadTellsWhatGetWould()
    {
        using var put = await Put("bucket/model.json", "{}");
        using var head = await _app.Send(HttpMethod.Head, "/v1/objects/bucket/model.json");
        using var get = await _app.Send(HttpMethod.Get, "/v1/objects/bucket/model.json");
        Assert.Equal(2, head.Content.Headers.ContentLength);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(Cancellation));
        Assert.Equal(get.Headers.ETag, head.Headers.ETag);
        Assert.Equal(get.Content.Headers.ToString(), head.Content.Headers.ToString());
        using var missing = await _app.Send(HttpMethod.Head, "/v1/objects/bucket/none");
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
    }

    [Fact]
    public async Task AnUploadOfAnySizeStreams()
    {
        // Above Kestrel's default limit of 30,000,000 bytes; sent in chunks, so that no length announces it.
        const int Size = 40_000_000;
        var bytes = new byte[Size];
        new Random(7).NextBytes(bytes);
        using var content = new StreamContent(new MemoryStream(bytes));
        var request = new HttpRequestMessage(HttpMethod.Put, "/v1/objects/bucket/large") { Content = content };
        request.Headers.TransferEncodingChunked = true;
        using var put = await _app.Client.SendAsync(request, Cancellation);
        Assert.Equal(HttpStatusCode.Created, put.StatusCode);
        await using var stream = await _app.Client.GetStreamAsync("/v1/objects/bucket/large", Cancellation);
        Assert.Equal(SHA256.HashData(bytes), await SHA256.HashDataAsync(stream, Cancellation));
    }

    [Fact]
    public async Task AnUploadedPageCannotRunInOurOrigin()
    {
        using var put = await Put("bucket/evil \"é\".html", "<script>alert(1)</script>");
        using var got = await _app.Send(HttpMethod.Get, put.Headers.Location!.ToString());
        Assert.Equal("attachment", got.Content.Headers.ContentDisposition!.DispositionType);
        Assert.Equal("evil \"é\".html", got.Content.Headers.ContentDisposition.FileNameStar);
        Assert.Equal("nosniff", got.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Contains("sandbox", got.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bytes=0-0", 206, "0", "bytes 0-0/10")]
    [InlineData("bytes=2-4", 206, "234", "bytes 2-4/10")]
    [InlineData("bytes=7-", 206, "789", "bytes 7-9/10")]
    [InlineData("bytes=7-99", 206, "789", "bytes 7-9/10")]
    [InlineData("bytes=-3", 206, "789", "bytes 7-9/10")]
    [InlineData("bytes=-99", 206, "0123456789", "bytes 0-9/10")]
    [InlineData("bytes=10-", 416, null, "bytes */10")]
    [InlineData("bytes=-0", 416, null, "bytes */10")]
    [InlineData("bytes=0-1,4-5", 200, "0123456789", null)]
    [InlineData("bytes=4-2", 200, "0123456789", null)]
    [InlineData("bytes=x", 200, "0123456789", null)]
    [InlineData("lines=1-2", 200, "0123456789", null)]
    public async Task ARangeIsAnsweredAsHttpSays(string range, int status, string? body, string? contentRange)
    {
        using var put = await Put("bucket/digits", "0123456789");
        using var got = await _app.Send(HttpMethod.Get, "/v1/objects/bucket/digits", null, ("Range", range));
        Assert.Equal(contentRange, got.Content.Headers.ContentRange?.ToString());
        if (body is null)
        {
            await LoopbackApp.Problem(got, HttpStatusCode.RequestedRangeNotSatisfiable);
            return;
        }
        Assert.Equal(status, (int)got.StatusCode);
        Assert.Equal(body, await got.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal(body.Length, got.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task AnEmptyObjectHasNoRange()
    {
        using var put = await Put("bucket/empty", "");
        using var whole = await _app.Send(HttpMethod.Get, "/v1/objects/bucket/empty");
        Assert.Equal(0, whole.Content.Headers.ContentLength);
        using var range = await _app.Send(HttpMethod.Get, "/v1/objects/bucket/empty", null, ("Range", "bytes=0-0"));
        await LoopbackApp.Problem(range, HttpStatusCode.RequestedRangeNotSatisfiable);
    }

    [Fact]
    public async Task ConditionsFollowTheVersion()
    {
        using var put = await Put("bucket/key", "0123456789");
        var tag = put.Headers.ETag!.Tag;
        const string Url = "/v1/objects/bucket/key";
        (string Header, string Value, HttpStatusCode Status)[] cases =
        [
            ("If-None-Match", tag, HttpStatusCode.NotModified),
            ("If-None-Match", "W/" + tag, HttpStatusCode.NotModified),
            ("If-None-Match", "*", HttpStatusCode.NotModified),
            ("If-None-Match", "\"other\"", HttpStatusCode.OK),
            ("If-Match", tag, HttpStatusCode.OK),
            ("If-Match", "\"other\", " + tag, HttpStatusCode.OK),
            ("If-Match", "W/" + tag, HttpStatusCode.PreconditionFailed),
            ("If-Match", "\"other\"", HttpStatusCode.PreconditionFailed),
            ("If-Modified-Since", "Fri, 01 Jan 2100 00:00:00 GMT", HttpStatusCode.NotModified),
            ("If-Modified-Since", "Mon, 01 Jan 2001 00:00:00 GMT", HttpStatusCode.OK),
            ("If-Unmodified-Since", "Mon, 01 Jan 2001 00:00:00 GMT", HttpStatusCode.PreconditionFailed),
        ];
        foreach (var (header, value, status) in cases)
        {
            using var got = await _app.Send(HttpMethod.Get, Url, null, (header, value));
            Assert.True(status == got.StatusCode, $"{header}: {value} gave {got.StatusCode}");
            if (status == HttpStatusCode.PreconditionFailed)
                await LoopbackApp.Problem(got, status);
        }
        foreach (var (condition, status) in new[] { (tag, HttpStatusCode.PartialContent), ("\"other\"", HttpStatusCode.OK) })
        {
            using var got = await _app.Send(HttpMethod.Get, Url, null, ("Range", "bytes=1-2"), ("If-Range", condition));
            Assert.Equal(status, got.StatusCode);
        }
    }

    [Fact]
    public async Task AKeyIsWhatThePathSaysDecodedOnce()
    {
        foreach (var key in AwkwardKeys.All.Where(key => !key.Contains('\0') && !key.Split('/').Any(part => part is "." or "..")))
        {
            var path = string.Join('/', key.Split('/').Select(Uri.EscapeDataString));
            var response = await Raw($"PUT /v1/objects/bucket/{path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            Assert.True(response.StartsWith("HTTP/1.1 20", StringComparison.Ordinal), $"{path}: {response}");
            Assert.True(await _app.Store.Head(new ObjectUri("bucket", key), Cancellation) is not null, path);
        }
        using var escapedSlash = await Put("bucket/p%2Fq", "x");
        Assert.NotNull(await _app.Store.Head(new ObjectUri("bucket", "p/q"), Cancellation));
        using var escapedTwice = await Put("bucket/p%252Fq", "y");
        Assert.NotNull(await _app.Store.Head(new ObjectUri("bucket", "p%2Fq"), Cancellation));
    }

    [Theory]
    [InlineData("/v1/objects/bucket/a/../b")]
    [InlineData("/v1/objects/bucket/a/%2e%2e/b")]
    [InlineData("/v1/objects/mlservice/../bucket/b")]
    [InlineData("/v1/objects/bucket/../mlservice/b")]
    [InlineData("/v1/objects/x/../../objects/bucket/b")]
    [InlineData("/v1/objects/bucket/%2e%2e%2f%2e%2e%2fb")]
    [InlineData("/v1/objects/bucket/%2e/b")]
    [InlineData("/v1/objects/bucket/%ff")]
    [InlineData("/v1/objects/bucket/a%zz")]
    [InlineData("/v1/objects/bucket/%00")]
    [InlineData("/v1/objects/BUCKET/b")]
    [InlineData("/v1/objects/%2e%2e/b")]
    [InlineData("/v1/objects/a%2f..%2f..%2fb/c")]
    [InlineData("/v1/objects/bucket/")]
    [InlineData("/v1/objects/../../etc/passwd")]
    public async Task APathThatClientsAndServersReadDifferentlyIsRefused(string path)
    {
        var response = await Raw($"PUT {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx");
        Assert.StartsWith("HTTP/1.1 40", response, StringComparison.Ordinal);
        Assert.Empty(await _app.Store.ListBuckets(Cancellation).ToListAsync(Cancellation));
    }

    [Fact]
    public async Task AnInterruptedUploadLeavesWhatWasThere()
    {
        using var put = await Put("bucket/key", "old");
        foreach (var head in new[] { "Content-Length: 1000000", "Transfer-Encoding: chunked" })
        {
            using (var client = new TcpClient())
            {
                await client.ConnectAsync(IPAddress.Loopback, _app.Address.Port, Cancellation);
                var chunk = head[0] == 'T' ? "5\r\nhello\r\n" : "hello";
                var stream = client.GetStream();
                await stream.WriteAsync(
                    Encoding.ASCII.GetBytes($"PUT /v1/objects/bucket/key HTTP/1.1\r\nHost: localhost\r\n{head}\r\n\r\n{chunk}"), Cancellation);
                client.Client.Shutdown(SocketShutdown.Send);
                Assert.DoesNotContain("HTTP/1.1 2", await UntilClosed(stream), StringComparison.Ordinal);
            }
            using var got = await _app.Send(HttpMethod.Get, "/v1/objects/bucket/key");
            Assert.Equal("old", await got.Content.ReadAsStringAsync(Cancellation));
        }
    }

    [Fact]
    public async Task ContentMd5IsChecked()
    {
        // MD5 of "abc": RFC 1321, appendix A.5.
        var digest = Convert.ToBase64String(Convert.FromHexString("900150983cd24fb0d6963f7d28e17f72"));
        using var good = await Put("bucket/abc", "abc", digest);
        Assert.Equal(HttpStatusCode.Created, good.StatusCode);
        using var damaged = await Put("bucket/abd", "abd", digest);
        await LoopbackApp.Problem(damaged, HttpStatusCode.BadRequest);
        using var nonsense = await Put("bucket/abd", "abd", "!!");
        await LoopbackApp.Problem(nonsense, HttpStatusCode.BadRequest);
        Assert.Null(await _app.Store.Head(new ObjectUri("bucket", "abd"), Cancellation));
    }

    [Fact]
    public async Task ListingGoesPageByPage()
    {
        string[] keys = ["a", "b/1", "b/2", "b/3", "c"];
        foreach (var key in keys)
            (await Put("bucket/" + key, key)).Dispose();
        using var all = await _app.Send(HttpMethod.Get, "/v1/objects/bucket");
        Assert.Equal(keys.Select(key => "s3://bucket/" + key), Uris(await Json(all)));
        var seen = new List<string>();
        for (var cursor = ""; ;)
        {
            using var page = await _app.Send(HttpMethod.Get, $"/v1/objects/bucket?prefix=b/&limit=2&cursor={cursor}");
            var json = await Json(page);
            seen.AddRange(Uris(json));
            Assert.InRange(json.GetProperty("objects").GetArrayLength(), 1, 2);
            if (!json.TryGetProperty("nextCursor", out var next))
                break;
            cursor = next.GetString();
        }
        Assert.Equal(["s3://bucket/b/1", "s3://bucket/b/2", "s3://bucket/b/3"], seen);
        using var buckets = await _app.Send(HttpMethod.Get, "/v1/objects");
        Assert.Equal("""{"buckets":["bucket"]}""", await buckets.Content.ReadAsStringAsync(Cancellation));
    }

    [Theory]
    [InlineData("bucket?limit=0", 400)]
    [InlineData("bucket?limit=1001", 400)]
    [InlineData("bucket?limit=x", 400)]
    [InlineData("bucket?cursor=!", 400)]
    [InlineData("B", 400)]
    [InlineData("no-bucket", 404)]
    [InlineData("bucket/none", 404)]
    public async Task AQuestionThatHasNoAnswerIsAProblem(string path, int status)
    {
        using var put = await Put("bucket/key", "x");
        using var response = await _app.Send(HttpMethod.Get, "/v1/objects/" + path);
        await LoopbackApp.Problem(response, (HttpStatusCode)status);
    }

    [Fact]
    public async Task ADeletedObjectIsGone()
    {
        using var put = await Put("bucket/key", "x");
        using var first = await _app.Send(HttpMethod.Delete, "/v1/objects/bucket/key");
        Assert.Equal(HttpStatusCode.NoContent, first.StatusCode);
        using var second = await _app.Send(HttpMethod.Delete, "/v1/objects/bucket/key");
        await LoopbackApp.Problem(second, HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task TheServicesOwnBucketIsReadOnly()
    {
        var uri = new ObjectUri(BucketName.Reserved, "models/m");
        await _app.Store.Put(uri, new MemoryStream("model"u8.ToArray()), cancellationToken: Cancellation);
        using var put = await Put("mlservice/models/m", "forged");
        await LoopbackApp.Problem(put, HttpStatusCode.Forbidden);
        using var escaped = await Put("%6dlservice/models/m", "forged");
        await LoopbackApp.Problem(escaped, HttpStatusCode.Forbidden);
        using var delete = await _app.Send(HttpMethod.Delete, "/v1/objects/mlservice/models/m");
        await LoopbackApp.Problem(delete, HttpStatusCode.Forbidden);
        using var get = await _app.Send(HttpMethod.Get, "/v1/objects/mlservice/models/m");
        Assert.Equal("model", await get.Content.ReadAsStringAsync(Cancellation));
    }

    [Fact]
    public async Task AConditionalUploadIsRefusedRatherThanItsConditionIgnored()
    {
        using var response = await _app.Send(HttpMethod.Put, "/v1/objects/bucket/key", new StringContent("x"), ("If-None-Match", "*"));
        await LoopbackApp.Problem(response, HttpStatusCode.BadRequest);
        Assert.Null(await _app.Store.Head(new ObjectUri("bucket", "key"), Cancellation));
    }

    private Task<HttpResponseMessage> Put(string path, string text, string? md5 = null)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(text));
        if (md5 is not null)
            Assert.True(content.Headers.TryAddWithoutValidation("Content-MD5", md5));
        return _app.Send(HttpMethod.Put, "/v1/objects/" + path, content);
    }

    /// <summary>Sends bytes as they stand: HttpClient would clean the path up.</summary>
    private async Task<string> Raw(string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _app.Address.Port, Cancellation);
        await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(request), Cancellation);
        using var reader = new StreamReader(client.GetStream());
        return await reader.ReadToEndAsync(Cancellation);
    }

    /// <summary>What the server says before it gives the request up, by an end or a reset.</summary>
    private static async Task<string> UntilClosed(Stream stream)
    {
        using var answer = new MemoryStream();
        try
        {
            await stream.CopyToAsync(answer, Cancellation);
        }
        catch (IOException reset) when (reset.InnerException is SocketException)
        {
            return Encoding.ASCII.GetString(answer.ToArray());
        }
        return Encoding.ASCII.GetString(answer.ToArray());
    }

    private static async Task<JsonElement> Json(HttpResponseMessage response) =>
        JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancellation)).RootElement;

    private static IEnumerable<string> Uris(JsonElement page) =>
        page.GetProperty("objects").EnumerateArray().Select(each => each.GetProperty("uri").GetString()!);
}
