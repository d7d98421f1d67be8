using System.Net;
using MlService.DataSources;
using MlService.Metadata;
using MlService.Tests.Metadata;

namespace MlService.Tests.DataSources;

public class DataSourceApiTests(QuietService service)
{
    private const string Collection = "/v1/datasources";

    [Fact]
    public async Task ACreatedDatasourceIsPendingShowsWhatWasAskedForAndItsJobHearsOfIt()
    {
        var id = QuietService.NewId("ds");
        var created = await service.Create("datasources", $$"""
            { "id": "{{id}}", "name": "bank", "dataLocation": "s3://bank/data/", "schema": {{QuietService.Schema()}},
              "split": { "percentBegin": 10, "percentEnd": 70.5, "strategy": "random", "seed": "7" }, "tags": { "team": "growth" } }
            """);
        var (status, read) = await service.Get($"{Collection}/{id}");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(created.ToJsonString(), read.ToJsonString());
        Assert.Equal("PENDING", (string?)read["status"]);
        Assert.Equal("s3://bank/data/", (string?)read["dataLocation"]);
        Assert.Equal("y", (string?)read["schema"]!["targetAttributeName"]);
        Assert.Equal("""{"percentBegin":10,"percentEnd":70.5,"strategy":"random","seed":"7","complement":false}""", read["split"]!.ToJsonString());
        Assert.True((bool)read["computeStatistics"]!);
        Assert.Equal("growth", (string?)read["tags"]!["team"]);
        Assert.Equal(0, (double)read["progress"]!["percent"]!);
        Assert.Null(read["startedAt"]);
        Assert.Contains($"Nudge DataSource/{id}", service.Jobs.Calls);
    }

    [Fact]
    public async Task WithoutAnIdEachRequestGetsOneOfItsOwn()
    {
        const string Request = """{ "dataLocation": "s3://bank/data.csv" }""";
        var first = (string)(await service.Create("datasources", Request))["id"]!;
        var second = (string)(await service.Create("datasources", Request))["id"]!;
        Assert.Matches("^ds-[a-z2-9]{12}$", first);
        Assert.NotEqual(first, second);
    }

    [Fact]
    public async Task TheSameRequestAgainChangesNothingWhateverTheOrderOfItsMembers()
    {
        var id = QuietService.NewId("ds");
        var first = await service.Create("datasources", $$"""
            { "id": "{{id}}", "dataLocation": "s3://bank/data.csv", "tags": { "a": "1", "b": "2" } }
            """);
        var again = await service.Create("datasources", $$"""
            { "tags": { "b": "2", "a": "1" }, "dataLocation": "s3://bank/data.csv", "id": "{{id}}", "computeStatistics": true }
            """);
        Assert.Equal(first.ToJsonString(), again.ToJsonString());
        Assert.Single(service.Jobs.Calls, $"Nudge DataSource/{id}");
    }

    [Fact]
    public async Task ManyEqualRequestsAtOnceCreateOneDatasource()
    {
        var id = QuietService.NewId("ds");
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ =>
            service.Create("datasources", $$"""{ "id": "{{id}}", "dataLocation": "s3://bank/data.csv", "tags": { "a": "1" } }""")));
        Assert.Single(answers.Select(answer => (string)answer["createdAt"]!).Distinct());
    }

    [Theory]
    [InlineData(""" "dataLocation": "s3://bank/other.csv" """)]
    [InlineData(""" "dataLocation": "s3://bank/data.csv", "name": "n" """)]
    [InlineData(""" "dataLocation": "s3://bank/data.csv", "computeStatistics": false """)]
    [InlineData(""" "dataLocation": "s3://bank/data.csv", "tags": { "a": "1" } """)]
    public async Task AnotherRequestWithATakenIdIsRefused(string members)
    {
        var id = QuietService.NewId("ds");
        await service.Create("datasources", $$"""{ "id": "{{id}}", "dataLocation": "s3://bank/data.csv" }""");
        await service.Refused(HttpMethod.Post, Collection, $$"""{ "id": "{{id}}", {{members}} }""", HttpStatusCode.Conflict, "id");
    }

    [Fact]
    public async Task TheIdOfADeletedDatasourceStaysTakenEvenForTheSameRequest()
    {
        var id = QuietService.NewId("ds");
        var request = $$"""{ "id": "{{id}}", "dataLocation": "s3://bank/data.csv" }""";
        await service.Create("datasources", request);
        await service.Send(HttpMethod.Delete, $"{Collection}/{id}");
        var detail = await service.Refused(HttpMethod.Post, Collection, request, HttpStatusCode.Conflict, "id");
        Assert.Contains("deleted", detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ }""", "dataLocation")]
    [InlineData("""{ "dataLocation": "" }""", "dataLocation")]
    [InlineData("""{ "dataLocation": "/etc/passwd" }""", "dataLocation")]
    [InlineData("""{ "dataLocation": "s3://B/x" }""", "dataLocation")]
    [InlineData("""{ "dataLocation": "s3://bank/x", "id": "a b" }""", "id")]
    [InlineData("""{ "dataLocation": "s3://bank/x", "id": "" }""", "id")]
    [InlineData("""{ "dataLocation": "s3://bank/x", "id": "01234567890123456789012345678901234567890123456789012345678901234" }""", "id")]
    [InlineData("""{ "dataLocation": "s3://bank/x", "name": "  " }""", "name")]
    [InlineData("""{ "dataLocation": "s3://bank/x", "schema": "{" }""", "schema")]
    [InlineData("""{ "dataLocation": "s3://bank/x", "schema": [] }""", "schema")]
    [InlineData("""{ "dataLocation": "s3://bank/x", "schema": { "attributes": [ { "attributeName": "a", "attributeType": "BLOB" } ] } }""", "schema")]
    [InlineData("""{ "dataLocation": "s3://bank/x", "schemaLocation": "s3://bank/dir/" }""", "schemaLocation")]
    [InlineData("""{ "dataLocation": "s3://bank/x", "schemaLocation": "x" }""", "schemaLocation")]
    [InlineData("""{ "dataLocation": "s3://bank/x", "schemaLocation": "s3://bank/x.schema", "schema": {} }""", "schemaLocation")]
    [InlineData("""{ "dataLocation": "s3://bank/x", "split": { "percentEnd": 101 } }""", "split.percentEnd")]
    [InlineData("""{ "dataLocation": "s3://bank/x", "split": { "percentBegin": -1 } }""", "split.percentBegin")]
    [InlineData("""{ "dataLocation": "s3://bank/x", "split": { "percentBegin": 70, "percentEnd": 30 } }""", "split.percentEnd")]
    [InlineData("""{ "dataLocation": "s3://bank/x", "split": { "strategy": "alphabetic" } }""", "split.strategy")]
    [InlineData("""{ "dataLocation": "s3://bank/x", "computeStatistics": "yes" }""", "computeStatistics")]
    [InlineData("""{ "dataLocation": "s3://bank/x", "tags": { "aws:x": "1" } }""", "tags")]
    [InlineData("""{ "dataLocation": "s3://bank/x", "dataLocaton": "s3://bank/y" }""", "dataLocaton")]
    public async Task EachErrorOfARequestNamesItsField(string request, string field) =>
        await service.Refused(HttpMethod.Post, Collection, request, HttpStatusCode.BadRequest, field);

    [Fact]
    public async Task OnlyTheNameOfADatasourceChanges()
    {
        var id = await service.CreateDataSource();
        var (status, renamed) = await service.Send(HttpMethod.Patch, $"{Collection}/{id}", """{ "name": "better" }""");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("better", (string?)renamed["name"]);
        await service.Refused(HttpMethod.Patch, $"{Collection}/{id}", """{ "dataLocation": "s3://bank/x" }""", HttpStatusCode.BadRequest, "dataLocation");
        await service.Refused(HttpMethod.Patch, $"{Collection}/{id}", "{}", HttpStatusCode.BadRequest, "name");
        Assert.Equal("better", (string?)(await service.Get($"{Collection}/{id}")).Body["name"]);
    }

    [Fact]
    public async Task ADeletedDatasourceStaysReadableLeavesTheListsAndItsJobStops()
    {
        var id = await service.CreateDataSource();
        for (var i = 0; i < 2; i++)
        {
            var (status, body) = await service.Send(HttpMethod.Delete, $"{Collection}/{id}");
            Assert.Equal((HttpStatusCode.OK, "DELETED"), (status, (string?)body["status"]));
        }
        Assert.Equal("DELETED", (string?)(await service.Get($"{Collection}/{id}")).Body["status"]);
        Assert.Empty((await service.Get($"{Collection}?id={id}")).Body["items"]!.AsArray());
        Assert.Single((await service.Get($"{Collection}?id={id}&status=DELETED")).Body["items"]!.AsArray());
        Assert.Contains($"Cancel DataSource/{id}", service.Jobs.Calls);
        await service.Refused(HttpMethod.Patch, $"{Collection}/{id}", """{ "name": "n" }""", HttpStatusCode.Conflict, null);
        await service.Refused(HttpMethod.Post, $"{Collection}/{id}/cancel", null, HttpStatusCode.Conflict, null);
    }

    [Fact]
    public async Task CancellingAsksTheJobToStopAndIsRefusedOnceItHasEnded()
    {
        var id = await service.CreateDataSource();
        Assert.Equal(HttpStatusCode.OK, (await service.Send(HttpMethod.Post, $"{Collection}/{id}/cancel")).Status);
        Assert.Contains($"Cancel DataSource/{id}", service.Jobs.Calls);
        await service.Change<DataSource>(id, row =>
        {
            Assert.True(row.CancelRequested);
            row.Status = ResourceStatus.Completed;
        });
        var detail = await service.Refused(HttpMethod.Post, $"{Collection}/{id}/cancel", null, HttpStatusCode.Conflict, null);
        Assert.Contains("COMPLETED", detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "")]
    [InlineData("DELETE", "")]
    [InlineData("POST", "/cancel")]
    [InlineData("GET", "/tags")]
    [InlineData("GET", "/statistics")]
    public async Task WhatIsNotThereIsNotFound(string method, string call)
    {
        var detail = await service.Refused(HttpMethod.Parse(method), $"{Collection}/nope{call}", null, HttpStatusCode.NotFound, "id");
        Assert.Equal("No datasource with id nope exists.", detail);
    }

    [Fact]
    public async Task TheDataReportIsReadOnceTheDatasourceIsCompleted()
    {
        var id = await service.CreateDataSource();
        var detail = await service.Refused(HttpMethod.Get, $"{Collection}/{id}/statistics", null, HttpStatusCode.Conflict, null);
        Assert.Contains("PENDING", detail, StringComparison.Ordinal);

        await service.Put($"s3://mlservice/DataSource/{id}/1/report.json", """{"rows":3}""");
        await service.Change<DataSource>(id, row => (row.Status, row.Artifacts) = (ResourceStatus.Completed, $"DataSource/{id}/1/"));
        Assert.Equal("""{"rows":3}""", (await service.Get($"{Collection}/{id}/statistics")).Body.ToJsonString());
    }

    [Fact]
    public async Task ADatasourceWithoutStatisticsSaysWhyItHasNoReport()
    {
        var id = await service.CreateDataSource(computeStatistics: false);
        var detail = await service.Refused(HttpMethod.Get, $"{Collection}/{id}/statistics", null, HttpStatusCode.Conflict, null);
        Assert.Contains("computeStatistics", detail, StringComparison.Ordinal);
    }
}

[Collection<PostgreSqlQuietTests>]
public sealed class PostgreSqlDataSourceApiTests(PostgreSqlQuietService service) : DataSourceApiTests(service);
