using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using MlService.Access;

namespace MlService.Tests.Amazon;

/// <summary>Calls of Amazon's wire protocol, signed as its clients sign them; that they do it so is what the clients' own runs prove.</summary>
internal static class SignedCalls
{
    /// <summary>Sends a signed call.</summary>
    /// <param name="client">Where to.</param>
    /// <param name="key">Id and secret, with a colon between.</param>
    /// <param name="operation">Name of the operation.</param>
    /// <param name="json">Body.</param>
    /// <param name="change">Changes the request once it is signed.</param>
    /// <param name="age">How long ago the request was signed.</param>
    public static async Task<(HttpStatusCode Status, JsonNode Body)> Signed(
        this HttpClient client, string key, string operation, string json = "{}", Action<HttpRequestMessage>? change = null, TimeSpan age = default)
    {
        var (id, secret) = (key[..key.IndexOf(':', StringComparison.Ordinal)], key[(key.IndexOf(':', StringComparison.Ordinal) + 1)..]);
        var (time, target, host) = (PresentedSignature.Text(DateTime.UtcNow - age), $"AmazonML_20141212.{operation}", client.BaseAddress!.Authority);
        var body = Encoding.UTF8.GetBytes(json);
        var signature = new SignatureV4(new CredentialScope(time[..8], "us-east-1", "machinelearning"), time, ["host", "x-amz-date", "x-amz-target"]);
        var value = signature.Compute(secret, new SignedRequest("POST", "/", "", name => name == "x-amz-date" ? time : target), host, body);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = new ByteArrayContent(body) };
        request.Headers.Add("X-Amz-Target", target);
        request.Headers.Add("X-Amz-Date", time);
        request.Headers.TryAddWithoutValidation(
            "Authorization", $"{SignatureV4.Algorithm} Credential={id}/{signature.Scope}, SignedHeaders=host;x-amz-date;x-amz-target, Signature={value}");
        change?.Invoke(request);
        return await client.Amazon(request);
    }

    /// <summary>Sends a signed call that must succeed.</summary>
    public static async Task<JsonNode> AskSigned(this HttpClient client, string key, string operation, string json = "{}")
    {
        var (status, body) = await client.Signed(key, operation, json);
        Assert.True(status == HttpStatusCode.OK, $"{operation} {json}: {body.ToJsonString()}");
        return body;
    }

    /// <summary>The error and status of a signed call; an empty text where it succeeds.</summary>
    public static async Task<string> ErrorOf(
        this HttpClient client, string key, string operation, string json = "{}", Action<HttpRequestMessage>? change = null, TimeSpan age = default)
    {
        var (status, body) = await client.Signed(key, operation, json, change, age);
        if (status == HttpStatusCode.OK)
            return "";
        Assert.NotEmpty((string)body["message"]!);
        return $"{(string?)body["__type"]} {(int)status}";
    }

    /// <summary>Puts the signature of a request that was sent onto another one, which else is the same.</summary>
    public static void Repeat(HttpRequestMessage first, HttpRequestMessage request)
    {
        foreach (var name in (string[])["Authorization", "X-Amz-Date"])
        {
            request.Headers.Remove(name);
            request.Headers.TryAddWithoutValidation(name, first.Headers.NonValidated[name].ToString());
        }
    }
}
