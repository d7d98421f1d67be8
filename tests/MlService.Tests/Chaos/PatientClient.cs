using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace MlService.Tests.Chaos;

/// <summary>
/// Calls the service as a sensible client does: what can be repeated without harm is sent again, to another process, when there was no
/// answer or one that says "not now". It remembers every answer that no client should get.
/// </summary>
internal sealed class PatientClient(IReadOnlyList<Member> members, string key) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan Avoidance = TimeSpan.FromSeconds(3);

    private readonly HttpClient _http = new(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(2) })
    {
        Timeout = Timeout.InfiniteTimeSpan,
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", key) },
    };
    private readonly ConcurrentDictionary<string, int> _counts = new();
    private readonly ConcurrentDictionary<Uri, DateTime> _silent = new();
    private int _next;

    /// <summary>Answers of the service's own making that it should not have given: 5xx without a problem body, or one that says it is a bug.</summary>
    public ConcurrentQueue<string> Wrong { get; } = new();

    /// <summary>How often what was answered, "none" included.</summary>
    public string Summary => string.Join(", ", _counts.OrderBy(count => count.Key, StringComparer.Ordinal).Select(count => $"{count.Key}: {count.Value}"));

    public Task Create(string collection, JsonObject request) => Send(HttpMethod.Post, $"/v1/{collection}", Json(request));

    /// <summary>Asks for a job to stop. It may have ended before.</summary>
    public Task Cancel(string path) => Send(HttpMethod.Post, $"{path}/cancel", Json([]), HttpStatusCode.Conflict);

    public Task Upload(string bucketAndKey, byte[] content) =>
        Send(HttpMethod.Put, $"/v1/objects/{bucketAndKey}", () => new ByteArrayContent(content));

    public Task Put(string path) => Send(HttpMethod.Put, path);

    /// <summary>Predicts one record.</summary>
    public async Task<string> Predict(string path, JsonObject record) => Encoding.UTF8.GetString(await Send(HttpMethod.Post, path, Json(record)));

    public Task<byte[]> Download(string path) => Send(HttpMethod.Get, path);

    public async Task<JsonNode> Get(string path) => JsonNode.Parse(await Send(HttpMethod.Get, path))!;

    /// <summary>Waits until a resource's job has ended.</summary>
    public async Task<string> Finished(string path)
    {
        while (true)
        {
            var status = (string)(await Get(path))["status"]!;
            if (status is not ("PENDING" or "INPROGRESS"))
                return status;
            await Task.Delay(150, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Asks every process in turn, with patience enough to hear its own word about a server that is down.</summary>
    /// <param name="endpoint">Path of a real-time endpoint that stays open.</param>
    /// <param name="record">What to predict there.</param>
    /// <param name="expected">What each process must answer.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task Probe(string endpoint, JsonObject record, string expected, CancellationToken cancellation)
    {
        string[] paths = ["/v1/models?limit=1", "/v1/objects/chaos?prefix=schemas/&limit=1", "/v1/models/no-such-model", "/health/live", endpoint];
        for (var index = 0; !cancellation.IsCancellationRequested; index++)
        {
            var path = paths[index % paths.Length];
            var isPrediction = path == endpoint;
            if (members[index / paths.Length % members.Count].Address is { } address
                && await Try(address, isPrediction ? HttpMethod.Post : HttpMethod.Get, path, isPrediction ? Json(record) : null, TimeSpan.FromSeconds(40)) is var (status, body)
                && isPrediction && status != HttpStatusCode.ServiceUnavailable && Encoding.UTF8.GetString(body) is var answer && answer != expected)
                Wrong.Enqueue($"{path}: {(int)status} {answer}");
            await Task.WhenAny(Task.Delay(20, cancellation));
        }
    }

    public void Dispose() => _http.Dispose();

    private static Func<HttpContent> Json(JsonObject request)
    {
        var text = request.ToJsonString();
        return () => new StringContent(text, Encoding.UTF8, "application/json");
    }

    /// <summary>The next process that did answer lately, or any if none did.</summary>
    private Uri? Next()
    {
        for (var step = 0; ; step++)
        {
            var index = (int)((uint)Interlocked.Increment(ref _next) % members.Count);
            if (members[index].Address is { } address && (step >= members.Count || !_silent.TryGetValue(address, out var until) || until < DateTime.UtcNow))
                return address;
            if (step > 2 * members.Count)
                return null;
        }
    }

    private async Task<byte[]> Send(HttpMethod method, string path, Func<HttpContent>? content = null, HttpStatusCode? alsoGood = null)
    {
        var deadline = DateTime.UtcNow + Patience;
        while (true)
        {
            if (Next() is { } address && await Try(address, method, path, content, TimeSpan.FromSeconds(6)) is var (status, body))
            {
                if ((int)status < 300 || status == alsoGood)
                    return body;
                Assert.True((int)status >= 500, $"{method} {path}: {(int)status} {Encoding.UTF8.GetString(body)}");
            }
            Assert.True(DateTime.UtcNow < deadline, $"{method} {path} gets no good answer.");
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    private async Task<(HttpStatusCode Status, byte[] Body)?> Try(Uri address, HttpMethod method, string path, Func<HttpContent>? content, TimeSpan patience)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(patience);
        try
        {
            using var request = new HttpRequestMessage(method, new Uri(address, path)) { Content = content?.Invoke() };
            using var answer = await _http.SendAsync(request, limit.Token);
            var body = await answer.Content.ReadAsByteArrayAsync(limit.Token);
            Count($"{(int)answer.StatusCode}");
            var isSaid = answer.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout
                && answer.Content.Headers.ContentType?.MediaType == "application/problem+json";
            if ((int)answer.StatusCode >= 500 && !isSaid)
                Wrong.Enqueue($"{method} {path}: {(int)answer.StatusCode} {answer.Content.Headers.ContentType} {Encoding.UTF8.GetString(body)}");
            return (answer.StatusCode, body);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException
            && !TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            Count("none");
            _silent[address] = DateTime.UtcNow + Avoidance;
            return null;
        }
    }

    private void Count(string what) => _counts.AddOrUpdate(what, 1, (_, count) => count + 1);
}
