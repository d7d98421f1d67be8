using System.Net;
using MlService.BatchPredictions;
using MlService.Metadata;
using MlService.Tests.Metadata;

namespace MlService.Tests.BatchPredictions;

public class BatchPredictionApiTests(QuietService service)
{
    [Theory]
    [InlineData("s3://results", "s3://results/")]
    [InlineData("s3://results/may", "s3://results/may/")]
    [InlineData("s3://results/may/", "s3://results/may/")]
    public async Task ResultsGoUnderAPrefixWhichEndsWithASlash(string given, string shown)
    {
        var (model, source) = (await service.CreateModel(), await service.CreateDataSource());
        var created = await service.Create("batch-predictions",
            $$"""{ "modelId": "{{model}}", "datasourceId": "{{source}}", "outputUri": "{{given}}" }""");
        Assert.Equal(shown, (string?)created["outputUri"]);
        Assert.Null(created["manifestUri"]);
    }

    [Fact]
    public async Task ACompletedPredictionShowsItsCountsAndItsManifest()
    {
        var (model, source) = (await service.CreateModel(), await service.CreateDataSource());
        var id = (string)(await service.Create("batch-predictions",
            $$"""{ "modelId": "{{model}}", "datasourceId": "{{source}}", "outputUri": "s3://results/may" }"""))["id"]!;
        await service.Change<BatchPrediction>(id, row =>
            (row.Status, row.TotalRecordCount, row.InvalidRecordCount) = (ResourceStatus.Completed, 100, 2));
        var (_, done) = await service.Get($"/v1/batch-predictions/{id}");
        Assert.Equal((100, 2), ((long?)done["totalRecordCount"], (long?)done["invalidRecordCount"]));
        Assert.Equal($"s3://results/may/batch-prediction/{id}.manifest", (string?)done["manifestUri"]);
    }

    [Theory]
    [InlineData("""{ "s3://in/a.csv": "s3://manifests/out/batch-prediction/result/*-a.csv.gz" }""", null)]
    [InlineData("""{ "s3://in/a.csv": "s3://secrets/salaries.csv" }""", "s3://secrets/salaries.csv")]
    [InlineData("""{ "s3://in/a.csv": "s3://manifests/out/batch-prediction/result/other-a.csv.gz" }""", "other-a.csv.gz")]
    [InlineData("""{ "s3://in/a.csv": "nonsense" }""", "nonsense")]
    [InlineData("""{ "s3://in/a.csv": """, "not valid JSON")]
    public async Task LinksLeadToResultsAloneWhateverSomeoneWroteIntoTheManifest(string manifest, string? refused)
    {
        var (model, source) = (await service.CreateModel(), await service.CreateDataSource());
        var id = (string)(await service.Create("batch-predictions",
            $$"""{ "modelId": "{{model}}", "datasourceId": "{{source}}", "outputUri": "s3://manifests/out/" }"""))["id"]!;
        await service.Change<BatchPrediction>(id, row => row.Status = ResourceStatus.Completed);
        await service.Put($"s3://manifests/out/batch-prediction/{id}.manifest", manifest.Replace("*", id, StringComparison.Ordinal));
        if (refused is not null)
            Assert.Contains(refused, await service.Refused(HttpMethod.Get, $"/v1/batch-predictions/{id}/results", null, HttpStatusCode.Conflict, null), StringComparison.Ordinal);
        else
            Assert.Equal("s3://in/a.csv", (string?)(await service.Get($"/v1/batch-predictions/{id}/results")).Body["results"]![0]!["input"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("results/")]
    [InlineData("s3://results/a:b/")]
    [InlineData("s3://results//a/")]
    [InlineData("s3://results/a//b/")]
    [InlineData("s3://results/./a/")]
    [InlineData("s3://results/a/../b/")]
    [InlineData("s3://results/..")]
    [InlineData("s3://mlservice/a/")]
    public async Task AnOutputThatCannotBeWrittenToIsRefused(string output)
    {
        var (model, source) = (await service.CreateModel(), await service.CreateDataSource());
        await service.Refused(HttpMethod.Post, "/v1/batch-predictions",
            $$"""{ "modelId": "{{model}}", "datasourceId": "{{source}}", "outputUri": "{{output}}" }""", HttpStatusCode.BadRequest, "outputUri");
    }
}

[Collection<PostgreSqlQuietTests>]
public sealed class PostgreSqlBatchPredictionApiTests(PostgreSqlQuietService service) : BatchPredictionApiTests(service);
