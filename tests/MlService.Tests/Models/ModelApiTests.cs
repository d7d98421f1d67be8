using System.Net;
using MlService.DataSources;
using MlService.Metadata;
using MlService.Models;
using MlService.Tests.Metadata;

namespace MlService.Tests.Models;

public class ModelApiTests(QuietService service)
{
    private const string Collection = "/v1/models";

    [Fact]
    public async Task AModelMayBeCreatedOnAPendingDatasourceAndShowsItsParametersWithDefaults()
    {
        var source = await service.CreateDataSource();
        var model = await service.Create("models", $$"""
            { "trainingDatasourceId": "{{source}}", "parameters": { "sgd.maxPasses": 3, "sgd.l1RegularizationAmount": "1e-5" },
              "recipe": { "groups": {}, "assignments": {}, "outputs": [ "ALL_INPUTS" ] } }
            """);
        Assert.Equal(("PENDING", "BINARY", source), ((string?)model["status"], (string?)model["type"], (string?)model["trainingDatasourceId"]));
        Assert.Equal(("3", "sgd", "104857600"), (
            (string?)model["parameters"]!["sgd.maxPasses"], (string?)model["parameters"]!["algorithm"],
            (string?)model["parameters"]!["sgd.maxMLModelSizeInBytes"]));
        Assert.Equal("ALL_INPUTS", (string?)model["recipe"]!["outputs"]![0]);
        Assert.Equal("""{"status":"NONE","peakRequestsPerSecond":0}""", model["endpoint"]!.ToJsonString());
        Assert.Null(model["scoreThreshold"]);
    }

    [Fact]
    public async Task TheParametersThatAModelShowsMakeAnotherModel()
    {
        var source = await service.CreateDataSource();
        var first = await service.Create("models", $$"""{ "trainingDatasourceId": "{{source}}" }""");
        var second = await service.Create("models", $$"""
            { "trainingDatasourceId": "{{source}}", "parameters": {{first["parameters"]!.ToJsonString()}} }
            """);
        Assert.Equal(first["parameters"]!.ToJsonString(), second["parameters"]!.ToJsonString());
    }

    [Theory]
    [InlineData("BINARY", "BINARY")]
    [InlineData("CATEGORICAL", "MULTICLASS")]
    [InlineData("NUMERIC", "REGRESSION")]
    public async Task TheTargetDecidesTheType(string target, string type)
    {
        var source = await service.CreateDataSource(target);
        Assert.Equal(type, (string?)(await service.Create("models", $$"""{ "trainingDatasourceId": "{{source}}" }"""))["type"]);
        var other = type == "BINARY" ? "REGRESSION" : "BINARY";
        await service.Refused(HttpMethod.Post, Collection,
            $$"""{ "trainingDatasourceId": "{{source}}", "type": "{{other}}" }""", HttpStatusCode.BadRequest, "type");
    }

    [Theory]
    [InlineData(""" "type": "FOREST" """, "type")]
    [InlineData(""" "recipe": "{", "name": "x" """, "recipe")]
    [InlineData(""" "recipe": 7 """, "recipe")]
    [InlineData(""" "recipeLocation": "s3://bank/" """, "recipeLocation")]
    [InlineData(""" "recipe": { "outputs": [ "ALL_INPUTS" ] }, "recipeLocation": "s3://bank/recipe.json" """, "recipeLocation")]
    [InlineData(""" "parameters": { "sgd.maxPasses": "0" } """, "parameters")]
    [InlineData(""" "parameters": { "sgd.maxPasses": [] } """, "parameters")]
    [InlineData(""" "parameters": { "sgd.colour": "red" } """, "parameters")]
    public async Task EachErrorOfARequestNamesItsField(string members, string field)
    {
        var source = await service.CreateDataSource();
        await service.Refused(HttpMethod.Post, Collection,
            $$"""{ "trainingDatasourceId": "{{source}}", {{members}} }""", HttpStatusCode.BadRequest, field);
    }

    [Fact]
    public async Task ADatasourceThatCannotBeLearnedFromIsRefused()
    {
        await Refused("nope", "Create it first");
        await Refused(await service.CreateDataSource(computeStatistics: false), "computeStatistics");
        var failed = await service.CreateDataSource();
        await service.Change<DataSource>(failed, row => row.Status = ResourceStatus.Failed);
        await Refused(failed, "failed");
        var deleted = await service.CreateDataSource();
        await service.Send(HttpMethod.Delete, $"/v1/datasources/{deleted}");
        await Refused(deleted, "deleted");
        var aimless = (string)(await service.Create("datasources", """
            { "dataLocation": "s3://bank/x", "schema": { "version": "1.0", "dataFormat": "CSV", "attributes": [ { "attributeName": "a", "attributeType": "NUMERIC" } ] } }
            """))["id"]!;
        await Refused(aimless, "targetAttributeName");
        await service.Refused(HttpMethod.Post, Collection, "{}", HttpStatusCode.BadRequest, "trainingDatasourceId");

        async Task Refused(string source, string why)
        {
            var detail = await service.Refused(
                HttpMethod.Post, Collection, $$"""{ "trainingDatasourceId": "{{source}}" }""", HttpStatusCode.BadRequest, "trainingDatasourceId");
            Assert.Contains(why, detail, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task TheThresholdOfACompletedBinaryModelCanBeSet()
    {
        var id = await service.CreateModel();
        await service.Refused(HttpMethod.Patch, $"{Collection}/{id}", """{ "scoreThreshold": 0.7 }""", HttpStatusCode.Conflict, "scoreThreshold");
        await service.Change<Model>(id, row => row.Status = ResourceStatus.Completed);
        Assert.Equal(0.5, (double?)(await service.Get($"{Collection}/{id}")).Body["scoreThreshold"]);

        var (status, model) = await service.Send(HttpMethod.Patch, $"{Collection}/{id}", """{ "name": "n", "scoreThreshold": 0.77 }""");
        Assert.Equal((HttpStatusCode.OK, "n", 0.77), (status, (string?)model["name"], (double?)model["scoreThreshold"]));
        await service.Send(HttpMethod.Patch, $"{Collection}/{id}", """{ "name": "m" }""");
        Assert.Equal(0.77, (double?)(await service.Get($"{Collection}/{id}")).Body["scoreThreshold"]);
    }

    [Theory]
    [InlineData("""{ "scoreThreshold": 1.01 }""", "scoreThreshold")]
    [InlineData("""{ "scoreThreshold": -0.1 }""", "scoreThreshold")]
    [InlineData("""{ "scoreThreshold": "0.5" }""", "scoreThreshold")]
    [InlineData("""{ "name": " " }""", "name")]
    [InlineData("""{ }""", "name")]
    public async Task AnUpdateThatCannotBeIsRefused(string update, string field)
    {
        var id = await service.CreateModel();
        await service.Change<Model>(id, row => row.Status = ResourceStatus.Completed);
        await service.Refused(HttpMethod.Patch, $"{Collection}/{id}", update, HttpStatusCode.BadRequest, field);
    }

    [Fact]
    public async Task OnlyBinaryModelsHaveAThreshold()
    {
        var id = await service.CreateModel(await service.CreateDataSource("NUMERIC"));
        await service.Change<Model>(id, row => row.Status = ResourceStatus.Completed);
        await service.Refused(HttpMethod.Patch, $"{Collection}/{id}", """{ "scoreThreshold": 0.7 }""", HttpStatusCode.BadRequest, "scoreThreshold");
        Assert.Null((await service.Get($"{Collection}/{id}")).Body["scoreThreshold"]);
    }

    [Fact]
    public async Task AModelWithAnOpenEndpointShowsItsAddressAndCannotBeDeleted()
    {
        var id = await service.CreateModel();
        await service.Change<Model>(id, row => (row.Status, row.EndpointCreatedAt) = (ResourceStatus.Completed, DateTime.UtcNow));
        var endpoint = (await service.Get($"{Collection}/{id}")).Body["endpoint"]!;
        Assert.Equal(("READY", $"{service.Http.BaseAddress}realtime/{id}"), ((string?)endpoint["status"], (string?)endpoint["url"]));

        var detail = await service.Refused(HttpMethod.Delete, $"{Collection}/{id}", null, HttpStatusCode.Conflict, null);
        Assert.Contains($"DELETE /v1/models/{id}/endpoint", detail, StringComparison.Ordinal);
        await service.Change<Model>(id, row => row.EndpointCreatedAt = null);
        Assert.Equal(HttpStatusCode.OK, (await service.Send(HttpMethod.Delete, $"{Collection}/{id}")).Status);
    }

    [Fact]
    public async Task LogAndFileOfACompletedModelAreDownloaded()
    {
        var id = await service.CreateModel();
        await service.Put($"s3://mlservice/Model/{id}/1/log.txt", "pass 1: loss 0.3");
        await service.Put($"s3://mlservice/Model/{id}/1/model.bin", "weights");
        await service.Change<Model>(id, row => (row.Status, row.Artifacts) = (ResourceStatus.Completed, $"Model/{id}/1/"));

        var stop = TestContext.Current.CancellationToken;
        Assert.Equal("pass 1: loss 0.3", await service.Http.GetStringAsync($"{Collection}/{id}/log", stop));
        Assert.Equal("weights", await service.Http.GetStringAsync($"{Collection}/{id}/export?format=native", stop));
        await service.Refused(HttpMethod.Get, $"{Collection}/{id}/export?format=onxx", null, HttpStatusCode.BadRequest, "format");
    }

    [Fact]
    public async Task AModelThatIsNotTrainedYetHasNoOnnxFile() => Assert.Contains("COMPLETED", await service.Refused(
        HttpMethod.Get, $"{Collection}/{await service.CreateModel()}/export?format=onnx", null, HttpStatusCode.Conflict, null), StringComparison.Ordinal);
}

[Collection<PostgreSqlQuietTests>]
public sealed class PostgreSqlModelApiTests(PostgreSqlQuietService service) : ModelApiTests(service);
