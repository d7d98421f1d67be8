using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using MlService.Learning;

namespace MlService.Tutorial;

/// <summary>Calls the service as any client would: over HTTP, with the documented REST calls and nothing else.</summary>
internal sealed class TutorialClient(HttpClient http)
{
    public async Task<bool> Exists(string path, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, path);
        using var response = await http.SendAsync(request, cancellation);
        return response.IsSuccessStatusCode;
    }

    public async Task Upload(string path, Stream content, CancellationToken cancellation)
    {
        using var body = new StreamContent(content);
        using var response = await http.PutAsync(new Uri(path, UriKind.Relative), body, cancellation);
        await Check(response, cancellation);
    }

    public async Task<byte[]> Download(string path, CancellationToken cancellation)
    {
        using var response = await http.GetAsync(new Uri(path, UriKind.Relative), cancellation);
        await Check(response, cancellation);
        return await response.Content.ReadAsByteArrayAsync(cancellation);
    }

    public Task<JsonNode> Get(string path, CancellationToken cancellation) => Send(HttpMethod.Get, path, null, cancellation);

    public Task<JsonNode> Post(string path, JsonNode body, CancellationToken cancellation) =>
        Send(HttpMethod.Post, path, body, cancellation);

    public Task<JsonNode> Put(string path, CancellationToken cancellation) => Send(HttpMethod.Put, path, null, cancellation);

    public Task<JsonNode> Patch(string path, JsonNode body, CancellationToken cancellation) =>
        Send(HttpMethod.Patch, path, body, cancellation);

    /// <summary>Waits until a resource is completed.</summary>
    /// <param name="path">The resource.</param>
    /// <param name="show">Called with its state each second on the way.</param>
    /// <exception cref="InvalidInputException">It failed or was deleted; with the service's own message.</exception>
    public async Task<JsonNode> Await(string path, Action<JsonNode> show, CancellationToken cancellation)
    {
        while (true)
        {
            var resource = await Get($"{path}?wait=1", cancellation);
            switch (resource["status"]?.GetValue<string>())
            {
                case "COMPLETED":
                    return resource;
                case "FAILED" or "DELETED":
                    throw new InvalidInputException($"{path}: {resource["message"]}");
            }
            show(resource);
        }
    }

    private async Task<JsonNode> Send(HttpMethod method, string path, JsonNode? body, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using var response = await http.SendAsync(request, cancellation);
        await Check(response, cancellation);
        return response.StatusCode == HttpStatusCode.NoContent
            ? new JsonObject()
            : (await response.Content.ReadFromJsonAsync<JsonNode>(cancellation))!;
    }

    private static async Task Check(HttpResponseMessage response, CancellationToken cancellation)
    {
        if (response.IsSuccessStatusCode)
            return;
        var text = await response.Content.ReadAsStringAsync(cancellation);
        throw new InvalidInputException(
            $"{response.RequestMessage!.Method} {response.RequestMessage.RequestUri!.PathAndQuery} answered {(int)response.StatusCode}: {text}");
    }
}
