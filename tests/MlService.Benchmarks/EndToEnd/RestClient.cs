using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace MlService.Benchmarks.EndToEnd;

/// <summary>The documented REST calls, as any client makes them.</summary>
internal sealed class RestClient(HttpClient http)
{
    /// <summary>Uploads a file and tells its address in the object store.</summary>
    public async Task<string> Upload(string path, string key)
    {
        await using var file = File.OpenRead(path);
        using var content = new StreamContent(file, 1 << 20);
        using var answer = await http.PutAsync(new Uri($"/v1/objects/bench/{key}", UriKind.Relative), content);
        await Check(answer);
        return $"s3://bench/{key}";
    }

    /// <summary>Asks for a JSON document.</summary>
    public async Task<JsonNode> Get(string path)
    {
        using var answer = await http.GetAsync(new Uri(path, UriKind.Relative));
        await Check(answer);
        return (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
    }

    /// <summary>Sends a JSON document and returns the one that answers it.</summary>
    public async Task<JsonNode> Post(string path, JsonNode body)
    {
        using var answer = await http.PostAsJsonAsync(path, body);
        await Check(answer);
        return (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
    }

    /// <summary>Sends a request without a body.</summary>
    public async Task Put(string path)
    {
        using var answer = await http.PutAsync(new Uri(path, UriKind.Relative), null);
        await Check(answer);
    }

    /// <summary>Waits until a resource is completed, and returns it.</summary>
    public async Task<JsonNode> Completed(string path)
    {
        while (true)
        {
            var resource = await Get($"{path}?wait=50");
            switch (resource["status"]!.GetValue<string>())
            {
                case "COMPLETED":
                    return resource;
                case "FAILED" or "DELETED":
                    throw new CommandLineException($"{path}: {resource["message"]}");
            }
        }
    }

    static async Task Check(HttpResponseMessage answer)
    {
        if (!answer.IsSuccessStatusCode)
            throw new CommandLineException(
                $"{answer.RequestMessage!.Method} {answer.RequestMessage.RequestUri!.PathAndQuery}: {(int)answer.StatusCode} "
                + await answer.Content.ReadAsStringAsync());
    }
}
