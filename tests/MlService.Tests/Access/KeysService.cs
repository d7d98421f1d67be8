using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.EntityFrameworkCore;
using MlService.Metadata;

namespace MlService.Tests.Access;

/// <summary>The whole service in keys mode, with a first key; one prediction a second for each key, two at once.</summary>
public class KeysService : IAsyncLifetime
{
    public const string FirstId = "first-key";
    public const string FirstSecret = "a-secret:with.both-separators";

    private WebApplication? _app;

    public string DataDirectory { get; } = Directory.CreateTempSubdirectory("mlservice-keys-").FullName;

    public string MasterKey { get; } = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    public HttpClient Http { get; private set; } = null!;

    public IServiceProvider Services => _app!.Services;

    /// <summary>Settings beyond those of a service on SQLite.</summary>
    public string[] More { get; private set; } = [];

    public static string First => $"{FirstId}:{FirstSecret}";

    public async ValueTask InitializeAsync()
    {
        More = await Settings();
        _app = ServiceApplication.Build(
        [
            .. More,
            "--urls=http://127.0.0.1:0", $"--Data:Directory={DataDirectory}", "--Access:Mode=Keys", $"--Access:MasterKey={MasterKey}",
            $"--Access:FirstKey:Id={FirstId}", $"--Access:FirstKey:Secret={FirstSecret}",
            "--Access:PredictionsPerSecond=1", "--Access:PredictionBurst=2", "--Serilog:MinimumLevel:Default=Fatal",
            "--Serilog:MinimumLevel:Override:Microsoft.Hosting.Lifetime=Fatal",
        ]);
        await ServiceApplication.Start(_app);
        var addresses = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        Http = new HttpClient { BaseAddress = new Uri(addresses.Single()), Timeout = TimeSpan.FromMinutes(1) };
    }

    /// <summary>Makes what the service needs, and tells of it.</summary>
    protected virtual Task<string[]> Settings() => Task.FromResult<string[]>([]);

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        Http.Dispose();
        await _app!.StopAsync();
        await _app.DisposeAsync();
        Directory.Delete(DataDirectory, recursive: true);
    }

    /// <summary>Sends a request with a key; null for none.</summary>
    public async Task<HttpResponseMessage> Send(string? key, string method, string path, string? json = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (key is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        if (json is not null)
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        return await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }

    /// <summary>The status of the answer, which must be a problem if it is an error.</summary>
    public async Task<HttpStatusCode> Status(string? key, string method, string path, string? json = null)
    {
        using var response = await Send(key, method, path, json);
        if (!response.IsSuccessStatusCode && method != "HEAD" && path != "/health/ready")
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        return response.StatusCode;
    }

    /// <summary>The body of an answer that must have this status.</summary>
    public async Task<JsonNode> Body(string key, string method, string path, string? json = null, HttpStatusCode status = HttpStatusCode.OK)
    {
        using var response = await Send(key, method, path, json);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.StatusCode == status, $"{method} {path}: {(int)response.StatusCode} {text}");
        return JsonNode.Parse(text)!;
    }

    /// <summary>Makes a key.</summary>
    /// <returns>What a caller sends: id and secret.</returns>
    public async Task<string> CreateKey(string scopes, params string[] limitedTo)
    {
        var request = new JsonObject
        {
            ["scopes"] = new JsonArray([.. scopes.Split(' ').Select(scope => (JsonNode)scope)]),
            ["limitedTo"] = new JsonArray([.. limitedTo.Select(pattern => (JsonNode)pattern)]),
        };
        var made = await Body(First, "POST", "/v1/keys", request.ToJsonString(), HttpStatusCode.Created);
        return $"{made["id"]}:{made["secret"]}";
    }

    public static string IdOf(string key) => key[..key.IndexOf(':', StringComparison.Ordinal)];

    /// <summary>Changes the metadata store behind the service's back.</summary>
    public async Task Change(Func<MetadataContext, Task> change)
    {
        var contexts = Services.GetRequiredService<IDbContextFactory<MetadataContext>>();
        await using var context = await contexts.CreateDbContextAsync(TestContext.Current.CancellationToken);
        await change(context);
        await context.SaveChangesAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Makes the signed requests that came so far come a minute earlier.</summary>
    public Task MakeSeenSignaturesOlder() => Change(context => context.SeenSignatures.ExecuteUpdateAsync(
        set => set.SetProperty(seen => seen.SeenAt, seen => seen.SeenAt.AddMinutes(-1)), TestContext.Current.CancellationToken));
}

/// <summary>The same on PostgreSQL.</summary>
public sealed class PostgreSqlKeysService(PostgreSqlServer server) : KeysService
{
    protected override async Task<string[]> Settings() =>
        [$"--ConnectionStrings:Metadata={await server.NewDatabase(isMigrated: false)}"];
}
