using System.Net;

namespace MlService.Tests.Access;

/// <summary>Keys that are limited to named resources and to prefixes of buckets.</summary>
public sealed class LimitedKeyTests(LimitedKeyTests.Setup setup) : IClassFixture<LimitedKeyTests.Setup>
{
    public sealed class Setup : IAsyncLifetime
    {
        private bool _isMade;

        public KeysService Service { get; } = new();

        public string Key { get; private set; } = "";

        public async ValueTask InitializeAsync()
        {
            await Service.InitializeAsync();
            Key = await Service.CreateKey("admin", "datasources/team-*", "models/team-*", "batch-predictions/team-*", "models/shared", "s3://team-bucket/in/", "s3://common/one.csv");
            foreach (var (path, content) in new[] { ("team-bucket/in/a.csv", "x,y\n1,0\n2,1\n"), ("team-bucket/out/b.csv", "x\n1\n"), ("common/one.csv", "x\n1\n") })
                Assert.Equal(HttpStatusCode.Created, await Service.Status(KeysService.First, "PUT", $"/v1/objects/{path}", content));
            await Service.Body(KeysService.First, "POST", "/v1/datasources",
                """{ "id": "others", "dataLocation": "s3://team-bucket/out/b.csv" }""", HttpStatusCode.Accepted);
        }

        public ValueTask DisposeAsync() => Service.DisposeAsync();

        /// <summary>Datasources within the reach of a key and beyond; one is deleted.</summary>
        public async Task MakeMany()
        {
            foreach (var id in new[] { "many-0", "many-1", "many-2", "many-3", "one", "one-more", "manx" })
            {
                await Service.Body(KeysService.First, "POST", "/v1/datasources",
                    $$"""{ "id": "{{id}}", "name": "{{(id == "one" ? "x" : "n")}}", "dataLocation": "s3://team-bucket/in/a.csv" }""",
                    id == "many-0" && _isMade ? HttpStatusCode.Conflict : HttpStatusCode.Accepted);
            }
            await Service.Body(KeysService.First, "DELETE", "/v1/datasources/many-0");
            _isMade = true;
        }
    }

    [Theory]
    [InlineData("GET", "/v1/models/team-1", 404)]
    [InlineData("GET", "/v1/models/shared", 404)]
    [InlineData("DELETE", "/v1/models/team-1/endpoint", 404)]
    [InlineData("POST", "/realtime/team-1", 404)]
    [InlineData("GET", "/v1/objects/team-bucket/in/a.csv", 200)]
    [InlineData("HEAD", "/v1/objects/team-bucket/in/a.csv", 200)]
    [InlineData("GET", "/v1/objects/common/one.csv", 200)]
    [InlineData("GET", "/v1/objects/team-bucket?prefix=in/", 200)]
    [InlineData("GET", "/v1/objects/team-bucket?prefix=in/a", 200)]
    public async Task WhatALimitNamesCanBeReached(string method, string path, int status) =>
        Assert.Equal((HttpStatusCode)status, await setup.Service.Status(setup.Key, method, path));

    [Theory]
    [InlineData("GET", "/v1/models/shared2")]
    [InlineData("GET", "/v1/models/Team-1")]
    [InlineData("GET", "/v1/evaluations/team-1")]
    [InlineData("GET", "/v1/datasources/others")]
    [InlineData("GET", "/v1/datasources/others/tags")]
    [InlineData("DELETE", "/v1/datasources/others")]
    [InlineData("POST", "/realtime/others")]
    [InlineData("GET", "/v1/keys")]
    [InlineData("POST", "/v1/keys")]
    [InlineData("GET", "/v1/audit")]
    [InlineData("GET", "/v1/objects/team-bucket?prefix=out/&prefix=in/")]
    [InlineData("GET", "/v1/objects/team-bucket?prefix=out")]
    [InlineData("GET", "/v1/objects/mlservice")]
    [InlineData("GET", "/v1/events?kind=datasources&id=others", HttpStatusCode.NotFound)]
    [InlineData("GET", "/v1/objects/team-bucket/out/b.csv")]
    [InlineData("PUT", "/v1/objects/team-bucket/input.csv")]
    [InlineData("PUT", "/v1/objects/team-bucket/in%2Fa.csv%2F..%2F..%2Fout/b.csv")]
    [InlineData("DELETE", "/v1/objects/common/one.csv2")]
    [InlineData("GET", "/v1/objects/mlservice/models/team-1/1/model")]
    public async Task WhatNoLimitNamesIsOutOfReach(string method, string path, HttpStatusCode expected = HttpStatusCode.Forbidden)
    {
        var status = await setup.Service.Status(setup.Key, method, path, method == "GET" ? null : "{}");
        Assert.True(status == expected || (status is HttpStatusCode.BadRequest && path.Contains("..", StringComparison.Ordinal)), $"{(int)status}");
    }

    [Theory]
    [InlineData("datasources", """{ "id": "mine", "dataLocation": "s3://team-bucket/in/a.csv" }""", "id")]
    [InlineData("datasources", """{ "dataLocation": "s3://team-bucket/in/a.csv" }""", "id")]
    [InlineData("datasources", """{ "id": "team-x", "dataLocation": "s3://team-bucket/out/b.csv" }""", "dataLocation")]
    [InlineData("datasources", """{ "id": "team-x", "dataLocation": "s3://team-bucket/" }""", "dataLocation")]
    [InlineData("datasources", """{ "id": "team-x", "dataLocation": "s3://team-bucket/in/a.csv", "schemaLocation": "s3://elsewhere/s.schema" }""", "schemaLocation")]
    [InlineData("datasources", """{ "id": "others", "dataLocation": "s3://team-bucket/out/b.csv" }""", "id")]
    [InlineData("models", """{ "id": "team-x", "trainingDatasourceId": "others" }""", "trainingDatasourceId")]
    [InlineData("models", """{ "id": "team-x", "trainingDatasourceId": "not-there" }""", "trainingDatasourceId")]
    [InlineData("batch-predictions", """{ "id": "team-x", "modelId": "others", "datasourceId": "team-1", "outputUri": "s3://team-bucket/in/" }""", "modelId")]
    [InlineData("train", """{ "dataLocation": "s3://team-bucket/out/b.csv", "target": "x" }""", "dataLocation")]
    [InlineData("train", """{ "dataLocation": "s3://team-bucket/in/a.csv", "target": "y" }""", "id")]
    [InlineData("schemas/infer", """{ "dataLocation": "s3://team-bucket/out/b.csv" }""", "dataLocation")]
    public async Task NothingIsCreatedFromOrUnderWhatIsOutOfReach(string collection, string json, string field)
    {
        var problem = await setup.Service.Body(setup.Key, "POST", $"/v1/{collection}", json, HttpStatusCode.Forbidden);
        Assert.Equal(field, (string?)problem["field"]);
    }

    [Fact]
    public async Task WhatIsWithinReachIsCreatedAndSaysByWhom()
    {
        var made = await setup.Service.Body(setup.Key, "POST", "/v1/datasources",
            """{ "id": "team-1", "dataLocation": "s3://team-bucket/in/a.csv" }""", HttpStatusCode.Accepted);
        Assert.Equal("team-1", (string?)made["id"]);
        await setup.Service.Body(setup.Key, "POST", "/v1/schemas/infer", """{ "dataLocation": "s3://team-bucket/in/a.csv" }""");
        string? by = null;
        await setup.Service.Change(async context => by = (await context.DataSources.FindAsync("team-1"))!.CreatedBy);
        Assert.Equal(KeysService.IdOf(setup.Key), by);
    }

    [Theory]
    [InlineData("", "many-1 many-2 many-3 one")]
    [InlineData("&sort=-name", "one many-3 many-2 many-1")]
    [InlineData("&id.ge=many-2", "many-2 many-3 one")]
    [InlineData("&name.prefix=x", "one")]
    [InlineData("&id=others", "")]
    [InlineData("&status=DELETED", "many-0")]
    public async Task AListShowsWhatTheLimitsNameAndNothingElseOnAllItsPages(string query, string expected)
    {
        var key = await setup.Service.CreateKey("read", "datasources/many-*", "datasources/one", "models/others");
        await setup.MakeMany();
        List<string> seen = [];
        string? cursor = null;
        do
        {
            var sort = query.Contains("sort", StringComparison.Ordinal) ? query : $"&sort=id{query}";
            var page = await setup.Service.Body(key, "GET", $"/v1/datasources?limit=2{sort}{(cursor is null ? "" : $"&cursor={cursor}")}");
            seen.AddRange(page["items"]!.AsArray().Select(item => (string)item!["id"]!));
            cursor = (string?)page["nextCursor"];
        }
        while (cursor is not null);
        Assert.Equal(expected, string.Join(' ', seen));
    }

    [Theory]
    [InlineData("", "a/1 a/2 a/b/3 c")]
    [InlineData("a/", "a/1 a/2 a/b/3")]
    [InlineData("a/b", "a/b/3")]
    [InlineData("c", "c")]
    public async Task AListOfObjectsShowsWhatTheLimitsNameInOrderAndOnce(string prefix, string expected)
    {
        var key = await setup.Service.CreateKey("read", "s3://pages/c", "s3://pages/a/b/", "s3://pages/missing", "s3://pages/a/");
        foreach (var name in new[] { "a/1", "a/2", "a/b/3", "b", "c", "c/4" })
            await setup.Service.Status(KeysService.First, "PUT", $"/v1/objects/pages/{name}", "x");
        List<string> seen = [];
        string? cursor = null;
        do
        {
            var page = await setup.Service.Body(key, "GET", $"/v1/objects/pages?limit=1&prefix={prefix}{(cursor is null ? "" : $"&cursor={cursor}")}");
            seen.AddRange(page["objects"]!.AsArray().Select(item => ((string)item!["uri"]!)["s3://pages/".Length..]));
            cursor = (string?)page["nextCursor"];
        }
        while (cursor is not null);
        Assert.Equal(expected, string.Join(' ', seen));
        Assert.Equal(["pages"], (await setup.Service.Body(key, "GET", "/v1/objects"))["buckets"]!.AsArray().Select(name => (string)name!));
    }

    [Fact]
    public async Task EventsTellOfWhatTheLimitsNameAlone()
    {
        var key = await setup.Service.CreateKey("read", "datasources/heard-*");
        using var response = await setup.Service.Send(key, "GET", "/v1/events");
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        Assert.Equal(": listening", await lines.ReadLineAsync(TestContext.Current.CancellationToken));
        foreach (var id in new[] { "unheard-1", "heard-1" })
        {
            await setup.Service.Body(KeysService.First, "POST", "/v1/datasources",
                $$"""{ "id": "{{id}}", "dataLocation": "s3://team-bucket/in/a.csv" }""", HttpStatusCode.Accepted);
        }
        var told = "";
        while (!told.Contains("COMPLETED", StringComparison.Ordinal))
        {
            told = await lines.ReadLineAsync(TestContext.Current.CancellationToken) ?? throw new EndOfStreamException();
            Assert.DoesNotContain("unheard", told, StringComparison.Ordinal);
        }
        Assert.Contains("\"heard-1\"", told, StringComparison.Ordinal);
    }
}
