using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using MlService.Access;

namespace MlService.Tests.Access;

/// <summary>Keys mode over HTTP: who gets in, and how far.</summary>
public sealed partial class KeyAccessTests(KeysService service) : IClassFixture<KeysService>
{
    private static readonly string[] Open = ["/health/live", "/health/ready"];

    [Fact]
    public async Task EveryCallOfTheRouteTableIsRefusedWithoutAKeyExceptHealth()
    {
        var calls = Calls();
        Assert.True(calls.Count > 45, $"Only {calls.Count} calls are mapped.");
        List<string> answered = [];
        foreach (var (method, path) in calls)
        {
            var status = await service.Status(null, method, path);
            if (status != HttpStatusCode.Unauthorized)
                answered.Add(path);
        }
        Assert.Equal(Open, answered.Distinct().Order());
    }

    [Theory]
    [InlineData("read")]
    [InlineData("predict")]
    [InlineData("admin")]
    [InlineData("read predict")]
    public async Task AScopeAllowsExactlyItsCalls(string scopes)
    {
        var key = await service.CreateKey(scopes);
        foreach (var (method, path) in Calls())
        {
            var needed = path switch
            {
                _ when Open.Contains(path) => "",
                _ when path.StartsWith("/realtime/", StringComparison.Ordinal) => "predict",
                _ when path.StartsWith("/v1/keys", StringComparison.Ordinal) || path == "/v1/audit" => "admin",
                "/v1/schemas/infer" => "read",
                _ => method is "GET" or "HEAD" ? "read" : "admin",
            };
            var isAllowed = needed.Length == 0 || scopes.Contains("admin", StringComparison.Ordinal) || scopes.Split(' ').Contains(needed);
            var status = await service.Status(key, method, path);
            Assert.True(isAllowed == (status != HttpStatusCode.Forbidden) && status != HttpStatusCode.Unauthorized,
                $"{method} {path} with {scopes}: {(int)status}");
        }
    }

    [Fact]
    public async Task WhatIsNotThereIsNotToldToStrangers()
    {
        Assert.Equal(HttpStatusCode.Unauthorized, await service.Status(null, "GET", "/v1/nothing"));
        Assert.Equal(HttpStatusCode.Unauthorized, await service.Status(null, "TRACE", "/v1/models"));
        Assert.Equal(HttpStatusCode.NotFound, await service.Status(KeysService.First, "GET", "/v1/nothing"));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, await service.Status(KeysService.First, "PUT", "/v1/models"));
    }

    [Fact]
    public async Task TheDescriptionOfTheApiIsOpen() =>
        Assert.Equal(HttpStatusCode.OK, await service.Status(null, "GET", "/swagger/v1/swagger.json"));

    [Theory]
    [InlineData("Bearer first-key:a-secret:with.both-separators")]
    [InlineData("Bearer first-key.a-secret:with.both-separators")]
    [InlineData("bearer first-key:a-secret:with.both-separators")]
    public async Task AKeyIsTakenInBothItsForms(string header) => Assert.Equal(HttpStatusCode.OK, await WithHeader(header));

    [Theory]
    [InlineData("Bearer first-key:a-secret:with.both-separator")]
    [InlineData("Bearer first-key:a-secret:with.both-separatorS")]
    [InlineData("Bearer first-key:a-secret:with.both-separators2")]
    [InlineData("Bearer first-key:")]
    [InlineData("Bearer first-key")]
    [InlineData("Bearer :a-secret:with.both-separators")]
    [InlineData("Bearer FIRST-KEY:a-secret:with.both-separators")]
    [InlineData("Bearer other-key:a-secret:with.both-separators")]
    [InlineData("Bearer")]
    [InlineData("Basic Zmlyc3Qta2V5OmEtc2VjcmV0OndpdGguYm90aC1zZXBhcmF0b3Jz")]
    [InlineData("")]
    public async Task WhatIsNotAKeyIsRefused(string header) => Assert.Equal(HttpStatusCode.Unauthorized, await WithHeader(header));

    [Fact]
    public async Task AStrangerIsToldHowToSendAKeyButNotWhichKeysExist()
    {
        using var none = await service.Send(null, "GET", "/v1/models");
        Assert.Equal("Bearer", none.Headers.WwwAuthenticate.Single().Scheme);
        Assert.Contains("Authorization: Bearer ID:SECRET", await none.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        using var unknown = await service.Send("nobodys-key:secret", "GET", "/v1/models");
        using var wrong = await service.Send($"{KeysService.FirstId}:secret", "GET", "/v1/models");
        Assert.Equal(
            await unknown.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
            await wrong.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task ARevokedKeyIsRefusedFromItsNextCallOn()
    {
        var key = await service.CreateKey("read");
        Assert.Equal(HttpStatusCode.OK, await service.Status(key, "GET", "/v1/models"));
        var revoked = await service.Body(KeysService.First, "DELETE", $"/v1/keys/{KeysService.IdOf(key)}");
        Assert.NotNull(revoked["revokedAt"]);
        Assert.Equal(HttpStatusCode.Unauthorized, await service.Status(key, "GET", "/v1/models"));
        var again = await service.Body(KeysService.First, "DELETE", $"/v1/keys/{KeysService.IdOf(key)}");
        Assert.Equal((string?)revoked["revokedAt"], (string?)again["revokedAt"]);
    }

    [Fact]
    public async Task ASecretIsShownOnceAndIsNowhereInTheStore()
    {
        var key = await service.CreateKey("read");
        var (id, secret) = (KeysService.IdOf(key), key[(KeysService.IdOf(key).Length + 1)..]);
        var shown = await service.Body(KeysService.First, "GET", $"/v1/keys/{id}");
        Assert.Null(shown["secret"]);
        Assert.DoesNotContain(secret, (await service.Body(KeysService.First, "GET", "/v1/keys")).ToJsonString(), StringComparison.Ordinal);
        List<byte> stored = [];
        foreach (var file in Directory.GetFiles(service.DataDirectory, "metadata.db*"))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var copy = new MemoryStream();
            await stream.CopyToAsync(copy, TestContext.Current.CancellationToken);
            stored.AddRange(copy.ToArray());
        }
        Assert.True(Find(id) >= 0, "The search does not find what is there.");
        Assert.Equal(-1, Find(secret));
        Assert.Equal(-1, Find(KeysService.FirstSecret));
        Assert.Equal(-1, Find(service.MasterKey));

        int Find(string text) => stored.ToArray().AsSpan().IndexOf(Encoding.UTF8.GetBytes(text));
    }

    [Fact]
    public async Task WhoCanWriteTheStoreCannotRaiseAKeysRights()
    {
        var (scoped, limited, damaged, lent) = (await service.CreateKey("read"), await service.CreateKey("read", "models/a"),
            await service.CreateKey("read"), await service.CreateKey("read"));
        await service.Change(async context =>
        {
            (await Row(scoped)).Scopes = AccessScopes.Admin;
            (await Row(limited)).Limits = "";
            var secret = (await Row(damaged)).SealedSecret.ToArray();
            secret[^1] ^= 1;
            (await Row(damaged)).SealedSecret = secret;
            // The admin's row gets the sealed secret of a key whose secret the writer knows.
            (await Row(lent)).SealedSecret = (await Row(scoped)).SealedSecret;

            Task<AccessKey> Row(string key)
            {
                var id = KeysService.IdOf(key);
                return context.AccessKeys.SingleAsync(row => row.Id == id);
            }
        });
        foreach (var key in (string[])[scoped, limited, damaged, lent, KeysService.IdOf(lent) + scoped[KeysService.IdOf(scoped).Length..]])
            Assert.Equal(HttpStatusCode.Unauthorized, await service.Status(key, "GET", "/v1/models"));
    }

    [Fact]
    public async Task PredictionsAreHeldToARateForEachKey()
    {
        var (hasty, calm) = (await service.CreateKey("predict"), await service.CreateKey("predict"));
        HttpResponseMessage? refused = null;
        for (var i = 0; i < 50 && refused is null; i++)
        {
            var response = await service.Send(hasty, "POST", "/realtime/none", "{}");
            if (response.StatusCode == HttpStatusCode.TooManyRequests)
                refused = response;
            else
                response.Dispose();
        }
        using (refused)
        {
            Assert.NotNull(refused);
            Assert.True(refused.Headers.RetryAfter!.Delta >= TimeSpan.FromSeconds(1));
            Assert.Contains("Access:PredictionsPerSecond", await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
        Assert.Equal(HttpStatusCode.NotFound, await service.Status(calm, "POST", "/realtime/none", "{}"));
    }

    [Fact]
    public async Task KeysAreListedNewestFirstAPageAtATimeAndShowTheirUse()
    {
        var older = await service.CreateKey("read");
        var newer = await service.CreateKey("predict", "models/m-*");
        await service.Status(older, "GET", "/v1/models");
        List<string> listed = [];
        string? cursor = "";
        while (cursor is not null)
        {
            var page = await service.Body(KeysService.First, "GET", $"/v1/keys?limit=2{(cursor.Length == 0 ? "" : $"&cursor={cursor}")}");
            listed.AddRange(page["items"]!.AsArray().Select(item => (string)item!["id"]!));
            cursor = (string?)page["nextCursor"];
        }
        Assert.Equal(listed.Count, listed.Distinct().Count());
        Assert.True(listed.IndexOf(KeysService.IdOf(newer)) < listed.IndexOf(KeysService.IdOf(older)));
        Assert.Equal(KeysService.FirstId, listed[^1]);
        var shown = await service.Body(KeysService.First, "GET", $"/v1/keys/{KeysService.IdOf(newer)}");
        Assert.Equal("""["predict"]["models/m-*"]""", shown["scopes"]!.ToJsonString() + shown["limitedTo"]!.ToJsonString());
        Assert.Equal((KeysService.FirstId, null), ((string?)shown["createdBy"], (string?)shown["lastUsedAt"]));
        Assert.NotNull((await service.Body(KeysService.First, "GET", $"/v1/keys/{KeysService.IdOf(older)}"))["lastUsedAt"]);
    }

    [Theory]
    [InlineData("""{ "scopes": [] }""", "scopes")]
    [InlineData("""{ }""", "scopes")]
    [InlineData("""{ "scopes": [ "root" ] }""", "scopes")]
    [InlineData("""{ "scopes": [ null ] }""", "scopes")]
    [InlineData("""{ "scopes": [ "read" ], "limitedTo": [ "models" ] }""", "limitedTo")]
    [InlineData("""{ "scopes": [ "read" ], "limitedTo": [ null ] }""", "limitedTo")]
    public async Task AKeyThatCannotBeIsRefusedByTheMemberAtFault(string json, string field) =>
        Assert.Equal(field, (string?)(await service.Body(KeysService.First, "POST", "/v1/keys", json, HttpStatusCode.BadRequest))["field"]);

    /// <summary>Every call that is mapped, with something in the place of each parameter.</summary>
    // The console's pages are for people, who sign in.
    private List<(string Method, string Path)> Calls() =>
        [.. service.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Where(IsCall).SelectMany(
            endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET", "POST", "DELETE"],
            (endpoint, method) => (method, Parameter().Replace("/" + endpoint.RoutePattern.RawText!.TrimStart('/'), "nothing")))];

    private static bool IsCall(RouteEndpoint endpoint) =>
        endpoint.RoutePattern.RawText!.TrimStart('/').Split('/')[0] is "v1" or "realtime" or "health";

    private async Task<HttpStatusCode> WithHeader(string value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        Assert.True(request.Headers.TryAddWithoutValidation("Authorization", value));
        using var response = await service.Http.SendAsync(request, TestContext.Current.CancellationToken);
        return response.StatusCode;
    }

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Parameter();

    [Fact]
    public async Task ThePageOfTheApiAsksItsReaderForAKey()
    {
        var document = JsonNode.Parse(await service.Http.GetStringAsync("/swagger/v1/swagger.json", TestContext.Current.CancellationToken))!;
        var (name, scheme) = Assert.Single(document["components"]!["securitySchemes"]!.AsObject());
        Assert.Equal(("http", "bearer"), ((string?)scheme!["type"], (string?)scheme["scheme"]));
        Assert.Equal([name], document["security"]!.AsArray().Select(one => Assert.Single(one!.AsObject()).Key));
    }
}
