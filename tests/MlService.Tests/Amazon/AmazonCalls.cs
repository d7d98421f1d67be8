using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace MlService.Tests.Amazon;

/// <summary>Calls of Amazon's wire protocol, byte by byte as the SDKs send them.</summary>
internal static class AmazonCalls
{
    /// <summary>Sends one call, and asserts what holds for every answer.</summary>
    public static async Task<(HttpStatusCode Status, JsonNode Body)> Amazon(
        this HttpClient client, string operation, string json = "{}", string path = "/")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(json));
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/x-amz-json-1.1");
        request.Headers.Add("X-Amz-Target", operation.Contains('.', StringComparison.Ordinal) ? operation : $"AmazonML_20141212.{operation}");
        return await client.Amazon(request);
    }

    /// <summary>Sends one call.</summary>
    public static async Task<(HttpStatusCode Status, JsonNode Body)> Amazon(this HttpClient client, HttpRequestMessage request)
    {
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal("application/x-amz-json-1.1", response.Content.Headers.ContentType!.ToString());
        Assert.True(Guid.TryParse(response.Headers.GetValues("x-amzn-RequestId").Single(), out _));
        return (response.StatusCode, JsonNode.Parse(text)!);
    }

    /// <summary>Sends a call that must succeed.</summary>
    public static async Task<JsonNode> Ask(this HttpClient client, string operation, string json = "{}")
    {
        var (status, body) = await client.Amazon(operation, json);
        Assert.True(status == HttpStatusCode.OK, $"{operation} {json}: {body.ToJsonString()}");
        return body;
    }

    /// <summary>Sends a call that must be refused.</summary>
    /// <returns>The message.</returns>
    public static async Task<string> Refused(this HttpClient client, string operation, string json, string type, int status = 400)
    {
        var (actual, body) = await client.Amazon(operation, json);
        Assert.True(type == (string?)body["__type"] && status == (int)actual, $"{(int)actual} {body.ToJsonString()}");
        return (string)body["message"]!;
    }

    /// <summary>Waits until a resource is completed.</summary>
    public static async Task<JsonNode> CompletedByGet(this HttpClient client, string operation, string json)
    {
        var deadline = DateTime.UtcNow.AddMinutes(2);
        while (true)
        {
            var shown = await client.Ask(operation, json);
            var status = (string)shown["Status"]!;
            if (status == "COMPLETED")
                return shown;
            Assert.True(status is "PENDING" or "INPROGRESS" && DateTime.UtcNow < deadline, shown.ToJsonString());
            await Task.Delay(30, TestContext.Current.CancellationToken);
        }
    }
}
