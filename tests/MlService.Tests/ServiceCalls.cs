using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

namespace MlService.Tests;

/// <summary>The few calls that most tests make, in the words of the REST face.</summary>
internal static class ServiceCalls
{
    public static async Task<JsonNode> Post(this HttpClient client, string path, string json) =>
        await Read(await client.PostAsync(path, Json(json), TestContext.Current.CancellationToken));

    public static async Task<JsonNode> Patch(this HttpClient client, string path, string json) =>
        await Read(await client.PatchAsync(path, Json(json), TestContext.Current.CancellationToken));

    public static async Task<JsonNode> Get(this HttpClient client, string path) =>
        await Read(await client.GetAsync(path, TestContext.Current.CancellationToken));

    public static async Task Upload(this HttpClient client, string bucketAndKey, Stream content)
    {
        using var body = new StreamContent(content);
        await Read(await client.PutAsync($"/v1/objects/{bucketAndKey}", body, TestContext.Current.CancellationToken));
    }

    public static Task Upload(this HttpClient client, string bucketAndKey, string text) =>
        client.Upload(bucketAndKey, new MemoryStream(Encoding.UTF8.GetBytes(text)));

    public static async Task<byte[]> Download(this HttpClient client, string bucketAndKey)
    {
        var response = await client.GetAsync($"/v1/objects/{bucketAndKey}", TestContext.Current.CancellationToken);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Waits for the end of a resource's job, however it ends.</summary>
    public static async Task<JsonNode> Finished(this HttpClient client, string path)
    {
        var deadline = DateTime.UtcNow.AddMinutes(3);
        while (true)
        {
            var resource = await client.Get($"{path}?wait=50");
            var status = resource["status"]!.GetValue<string>();
            if (status is "COMPLETED" or "FAILED" or "DELETED")
                return resource;
            Assert.True(DateTime.UtcNow < deadline, $"{path} does not finish: {resource}");
            await Task.Delay(30, TestContext.Current.CancellationToken);
        }
    }

    public static async Task<JsonNode> Completed(this HttpClient client, string path)
    {
        var resource = await client.Finished(path);
        Assert.True(resource["status"]!.GetValue<string>() == "COMPLETED", $"{path}: {resource}");
        return resource;
    }

    /// <summary>Waits for a job to fail.</summary>
    /// <returns>What it says.</returns>
    public static async Task<string> Failed(this HttpClient client, string path)
    {
        var resource = await client.Finished(path);
        Assert.True(resource["status"]!.GetValue<string>() == "FAILED", $"{path}: {resource}");
        return resource["message"]!.GetValue<string>();
    }

    /// <summary>Waits until a service has logged a text.</summary>
    /// <returns>All that it has logged.</returns>
    public static async Task<string> Prints(this IRunningService service, string text)
    {
        var deadline = DateTime.UtcNow.AddMinutes(2);
        string output;
        while (!(output = service.Output).Contains(text, StringComparison.Ordinal))
        {
            Assert.True(service is not ServiceProcess { HasEnded: true } && DateTime.UtcNow < deadline, $"'{text}' does not come. So far:\n{output}");
            await Task.Delay(30, TestContext.Current.CancellationToken);
        }
        return output;
    }

    /// <summary>Waits for the sample data, which the service stores right after its start.</summary>
    public static async Task HasSamples(this HttpClient client)
    {
        var deadline = DateTime.UtcNow.AddMinutes(1);
        foreach (var sample in (string[])["banking.csv", "banking-batch.csv"])
        {
            while (true)
            {
                using var head = new HttpRequestMessage(HttpMethod.Head, $"/v1/objects/samples/{sample}");
                using var response = await client.SendAsync(head, TestContext.Current.CancellationToken);
                if (response.IsSuccessStatusCode)
                    break;
                Assert.True(DateTime.UtcNow < deadline, $"{sample} does not come.");
                await Task.Delay(30, TestContext.Current.CancellationToken);
            }
        }
    }

    /// <summary>Waits until a job is in a phase; fails if it ends before it was seen there.</summary>
    public static async Task AtWork(this HttpClient client, string path, string phase)
    {
        while (true)
        {
            var resource = await client.Get(path);
            if ((string?)resource["progress"]?["phase"] == phase)
                return;
            Assert.True((string)resource["status"]! is "PENDING" or "INPROGRESS", $"{path} ended before it was seen {phase}: {resource}");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    private static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");

    private static async Task<JsonNode> Read(HttpResponseMessage response)
    {
        using (response)
        {
            var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode}: {text}");
            return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;
        }
    }
}
