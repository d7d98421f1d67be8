using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MlService.Health;
using MlService.Jobs;
using MlService.Metadata;
using MlService.Models;
using MlService.OpenApi;
using MlService.Problems;
using MlService.Storage;

[assembly: AssemblyFixture(typeof(MlService.Tests.Metadata.QuietService))]

namespace MlService.Tests.Metadata;

/// <summary>
/// The service over real HTTP on a directory of its own, with a job engine that does nothing: resources stay as they were
/// created, unless a test plays the job with <see cref="Change{T}"/>.
/// </summary>
public class QuietService : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("mlservice-").FullName;
    private DataDirectory? _data;
    private WebApplication? _app;

    public SilentJobs Jobs { get; } = new();

    public HttpClient Http { get; private set; } = null!;

    public IServiceProvider Services => _app!.Services;

    /// <summary>The metadata server to use; null for SQLite.</summary>
    protected virtual Task<string?> MetadataServer() => Task.FromResult<string?>(null);

    public async ValueTask InitializeAsync()
    {
        _data = DataDirectory.Open(_directory);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration[$"ConnectionStrings:{MetadataSetup.ConnectionName}"] = await MetadataServer();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddMetadata(builder.Configuration, _data).AddStorage(builder.Configuration, _data).AddProblems();
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton(Jobs.Client).AddSingleton(_ => _data);
        builder.Services.AddSingleton<TrainedModels>().AddSingleton<FinishedJobs>();
        builder.Services.AddResources().AddOpenApiDocument();
        _app = builder.Build();
        _app.UseProblems();
        _app.UseRouting();
        _app.UseOpenApiDocument();
        _app.MapObjects();
        _app.MapHealth();
        _app.MapResources();
        await _app.Services.MigrateMetadata(CancellationToken.None);
        await _app.StartAsync();
        Http = new HttpClient { BaseAddress = new Uri(_app.Urls.Single()) };
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        Http.Dispose();
        await _app!.DisposeAsync();
        _data!.Dispose();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>An id that no other test has.</summary>
    public static string NewId(string prefix) => $"{prefix}-{Guid.NewGuid():N}"[..24];

    public async Task<(HttpStatusCode Status, JsonNode Body)> Send(HttpMethod method, string path, string? json = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (json is not null)
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return (response.StatusCode, JsonNode.Parse(text) ?? throw new InvalidOperationException("The body is empty."));
    }

    public Task<(HttpStatusCode Status, JsonNode Body)> Get(string path) => Send(HttpMethod.Get, path);

    /// <summary>Posts what must be accepted.</summary>
    public async Task<JsonNode> Create(string collection, string json)
    {
        var (status, body) = await Send(HttpMethod.Post, $"/v1/{collection}", json);
        Assert.True(status == HttpStatusCode.Accepted, body.ToJsonString());
        return body;
    }

    /// <summary>Sends what must be refused, and asserts how.</summary>
    public async Task<string> Refused(HttpMethod method, string path, string? json, HttpStatusCode status, string? field)
    {
        var (actual, body) = await Send(method, path, json);
        Assert.True(actual == status, $"{(int)actual}: {body.ToJsonString()}");
        Assert.Equal(field, (string?)body["field"]);
        Assert.Equal((int)status, (int)body["status"]!);
        return (string)body["detail"]!;
    }

    /// <summary>A datasource, which stays pending; its schema has the target <c>y</c>.</summary>
    public async Task<string> CreateDataSource(string targetType = "BINARY", bool computeStatistics = true)
    {
        var id = NewId("ds");
        await Create("datasources", $$"""
            { "id": "{{id}}", "dataLocation": "s3://test-bucket/{{id}}.csv", "computeStatistics": {{(computeStatistics ? "true" : "false")}},
              "schema": {{Schema(targetType)}} }
            """);
        return id;
    }

    public async Task<string> CreateModel(string? dataSourceId = null)
    {
        var id = NewId("ml");
        await Create("models", $$"""{ "id": "{{id}}", "trainingDatasourceId": "{{dataSourceId ?? await CreateDataSource()}}" }""");
        return id;
    }

    public static string Schema(string targetType = "BINARY") => $$"""
        { "version": "1.0", "targetAttributeName": "y", "dataFormat": "CSV", "dataFileContainsHeader": true,
          "attributes": [ { "attributeName": "age", "attributeType": "NUMERIC" }, { "attributeName": "y", "attributeType": "{{targetType}}" } ] }
        """;

    /// <summary>Changes a row as its job would.</summary>
    public async Task Change<T>(string id, Action<T> change) where T : Resource
    {
        var contexts = Services.GetRequiredService<IDbContextFactory<MetadataContext>>();
        await using var context = await contexts.CreateDbContextAsync(TestContext.Current.CancellationToken);
        var row = await context.Set<T>().SingleAsync(row => row.Id == id, TestContext.Current.CancellationToken);
        change(row);
        row.UpdatedAt = DateTime.UtcNow;
        await context.SaveChangesAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Leaves an object in storage.</summary>
    public async Task Put(string uri, string content)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(content));
        await Services.GetRequiredService<IObjectStore>().Put(ObjectUri.Parse(uri), stream, null, TestContext.Current.CancellationToken);
    }
}

/// <summary>The same on PostgreSQL.</summary>
public sealed class PostgreSqlQuietService(PostgreSqlServer server) : QuietService
{
    protected override async Task<string?> MetadataServer() => await server.NewDatabase(isMigrated: false);
}

/// <summary>The tests that share it.</summary>
[CollectionDefinition]
public sealed class PostgreSqlQuietTests : ICollectionFixture<PostgreSqlQuietService>;
