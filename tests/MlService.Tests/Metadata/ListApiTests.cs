using System.Net;

namespace MlService.Tests.Metadata;

public class ListApiTests(QuietService service)
{
    [Fact]
    public async Task CursorsLeadThroughTheWholeListInTheOrderAskedFor()
    {
        var mark = QuietService.NewId("list");
        foreach (var name in (string[])["b", "a", "c", "a", "b"])
            await service.Create("datasources", $$"""{ "name": "{{mark}} {{name}}", "dataLocation": "s3://bank/data.csv" }""");

        List<string> names = [];
        var path = $"/v1/datasources?name.prefix={mark}&sort=-name&limit=2";
        for (string? cursor = ""; cursor is not null;)
        {
            var (status, page) = await service.Get(cursor.Length == 0 ? path : $"{path}&cursor={Uri.EscapeDataString(cursor)}");
            Assert.Equal(HttpStatusCode.OK, status);
            names.AddRange(page["items"]!.AsArray().Select(item => ((string)item!["name"]!)[^1..]));
            cursor = (string?)page["nextCursor"];
        }
        Assert.Equal(["c", "b", "b", "a", "a"], names);
    }

    [Fact]
    public async Task WithoutASortTheNewestComesFirst()
    {
        var mark = QuietService.NewId("list");
        var first = (string?)(await service.Create("datasources", $$"""{ "name": "{{mark}}", "dataLocation": "s3://bank/data.csv" }"""))["id"];
        var second = (string?)(await service.Create("datasources", $$"""{ "name": "{{mark}}", "dataLocation": "s3://bank/data.csv" }"""))["id"];
        var items = (await service.Get($"/v1/datasources?name={mark}")).Body["items"]!.AsArray();
        Assert.Equal([second, first], items.Select(item => (string?)item!["id"]));
    }

    [Fact]
    public async Task ModelsEvaluationsAndPredictionsAreFoundByWhatTheyWereMadeFrom()
    {
        var source = await service.CreateDataSource();
        var model = await service.CreateModel(source);
        var evaluation = (string?)(await service.Create("evaluations", $$"""{ "modelId": "{{model}}", "datasourceId": "{{source}}" }"""))["id"];
        var prediction = (string?)(await service.Create("batch-predictions",
            $$"""{ "modelId": "{{model}}", "datasourceId": "{{source}}", "outputUri": "s3://results/" }"""))["id"];

        Assert.Equal([model], await Ids($"/v1/models?trainingDatasourceId={source}&type=BINARY&endpoint=NONE"));
        Assert.Empty(await Ids($"/v1/models?trainingDatasourceId={source}&endpoint=READY"));
        Assert.Equal([model], await Ids($"/v1/models?dataLocation=s3://test-bucket/{source}.csv"));
        Assert.Equal([evaluation], await Ids($"/v1/evaluations?modelId={model}&sort=datasourceId"));
        Assert.Equal([prediction], await Ids($"/v1/batch-predictions?datasourceId={source}&modelId.ne=x"));
    }

    [Fact]
    public async Task ATagFindsTheResourcesThatHaveItByItsKeyOrByItsValueToo()
    {
        var mark = QuietService.NewId("mark");
        async Task<string?> New(string tags) =>
            (string?)(await service.Create("datasources", $$"""{ "dataLocation": "s3://bank/data.csv", "tags": { {{tags}} } }"""))["id"];
        var first = await New($""" "{mark}": "growth", "year": "2026" """);
        var second = await New($""" "{mark}": "risk" """);
        var bare = await New($""" "{mark}": null """);
        await New(""" "other": "growth" """);

        Assert.Equal([bare, second, first], await Ids($"/v1/datasources?tag={mark}"));
        Assert.Equal([first], await Ids($"/v1/datasources?tag={mark}:growth"));
        Assert.Equal([first], await Ids($"/v1/datasources?tag={mark}&id={first}&limit=1"));
        Assert.Empty(await Ids($"/v1/datasources?tag={mark}:gro"));
        Assert.Empty(await Ids($"/v1/models?tag={mark}"));

        var page = (await service.Get($"/v1/datasources?tag={mark}&limit=2")).Body;
        Assert.Equal([first], await Ids($"/v1/datasources?tag={mark}&limit=2&cursor={Uri.EscapeDataString((string)page["nextCursor"]!)}"));
        Assert.Equal(HttpStatusCode.BadRequest, (await service.Get($"/v1/datasources?limit=2&cursor={Uri.EscapeDataString((string)page["nextCursor"]!)}")).Status);
    }

    [Fact]
    public async Task ListedResourcesShowTheirTags()
    {
        var id = QuietService.NewId("ds");
        await service.Create("datasources", $$"""{ "id": "{{id}}", "dataLocation": "s3://bank/data.csv", "tags": { "team": "growth", "bare": null } }""");
        var item = (await service.Get($"/v1/datasources?id={id}")).Body["items"]!.AsArray().Single()!;
        Assert.Equal("growth", (string?)item["tags"]!["team"]);
        Assert.True(item["tags"]!.AsObject().ContainsKey("bare"));
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=101", "limit")]
    [InlineData("limit=ten", "limit")]
    [InlineData("limit=1&limit=2", "limit")]
    [InlineData("sort=colour", "sort")]
    [InlineData("cursor=abc", "cursor")]
    [InlineData("cursor=%20", "cursor")]
    [InlineData("status=RUNNING", "status")]
    [InlineData("createdAt.ge=yesterday", "createdAt")]
    [InlineData("createdAt.prefix=2026", "createdAt")]
    [InlineData("name.like=x", "name.like")]
    [InlineData("modelId=x", "modelId")]
    public async Task EachErrorOfAQueryNamesItsParameter(string query, string field) =>
        await service.Refused(HttpMethod.Get, $"/v1/datasources?{query}", null, HttpStatusCode.BadRequest, field);

    [Fact]
    public async Task AnUnknownParameterIsToldWhichOnesThereAre()
    {
        var detail = await service.Refused(HttpMethod.Get, "/v1/models?colour=red", null, HttpStatusCode.BadRequest, "colour");
        Assert.Contains("id, name, status, createdAt, updatedAt, createdBy, type, trainingDatasourceId, dataLocation, endpoint", detail, StringComparison.Ordinal);
    }

    private async Task<IEnumerable<string?>> Ids(string path) =>
        (await service.Get(path)).Body["items"]!.AsArray().Select(item => (string?)item!["id"]);
}

[Collection<PostgreSqlQuietTests>]
public sealed class PostgreSqlListApiTests(PostgreSqlQuietService service) : ListApiTests(service);
