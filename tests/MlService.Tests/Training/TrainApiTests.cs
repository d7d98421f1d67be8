using System.Net;
using System.Text.Json.Nodes;
using MlService.Learning.Records;
using MlService.Tests.Metadata;
using MlService.Training;

namespace MlService.Tests.Training;

public class TrainApiTests(QuietService service)
{
    private const string Csv = "age,job,y\n31,clerk,0\n45,farmer,1\n28,clerk,0\n52,farmer,1\n";

    [Fact]
    public async Task OneCallCreatesDatasourcesModelAndEvaluationThatBelongTogether()
    {
        await service.Put("s3://train/people.csv", Csv);
        var ids = await service.Create("train", """{ "dataLocation": "s3://train/people.csv", "target": "y", "parameters": { "sgd.maxPasses": 2 } }""");

        var (whole, training, held) = (await Read("datasources", "datasourceId"), await Read("datasources", "trainingDatasourceId"),
            await Read("datasources", "evaluationDatasourceId"));
        var (model, evaluation) = (await Read("models", "modelId"), await Read("evaluations", "evaluationId"));
        Assert.Null(whole["split"]);
        Assert.Equal((0, 70, "sequential"), Split(training));
        Assert.Equal((70, 100, "sequential"), Split(held));
        Assert.All((JsonNode[])[whole, training, held], source =>
        {
            Assert.Equal("y", (string?)source["schema"]!["targetAttributeName"]);
            Assert.Equal("s3://train/people.csv", (string?)source["dataLocation"]);
        });
        Assert.Equal("people.csv", (string?)whole["name"]);
        Assert.Equal("people.csv [percentBegin=0, percentEnd=70, strategy=sequential]", (string?)training["name"]);
        Assert.Equal(((string?)training["id"], "ML model: people.csv", "2"), (
            (string?)model["trainingDatasourceId"], (string?)model["name"], (string?)model["parameters"]!["sgd.maxPasses"]));
        Assert.Equal(((string?)model["id"], (string?)held["id"], "Evaluation: ML model: people.csv"), (
            (string?)evaluation["modelId"], (string?)evaluation["datasourceId"], (string?)evaluation["name"]));
        Assert.Contains($"Nudge DataSource/{ids["trainingDatasourceId"]}", service.Jobs.Calls);
        Assert.Contains($"Nudge Evaluation/{ids["evaluationId"]}", service.Jobs.Calls);

        async Task<JsonNode> Read(string collection, string member) => (await service.Get($"/v1/{collection}/{ids[member]}")).Body;
        static (double?, double?, string?) Split(JsonNode source) =>
            ((double?)source["split"]!["percentBegin"], (double?)source["split"]!["percentEnd"], (string?)source["split"]!["strategy"]);
    }

    [Theory]
    [InlineData("""{ "target": "y" }""", "dataLocation")]
    [InlineData("""{ "dataLocation": "s3://train/people.csv" }""", "target")]
    [InlineData("""{ "dataLocation": "s3://train/people.csv", "target": "z" }""", "target")]
    [InlineData("""{ "dataLocation": "s3://train/people.csv", "target": "y", "split": {} }""", "split.percentEnd")]
    [InlineData("""{ "dataLocation": "s3://train/people.csv", "target": "y", "recipe": "no" }""", "recipe")]
    [InlineData("""{ "dataLocation": "s3://train/people.csv", "target": "y", "parameters": { "sgd.maxPasses": "no" } }""", "parameters")]
    [InlineData("""{ "dataLocation": "s3://train/people.csv", "target": "y", "schema": { "attributes": [] } }""", "schema")]
    [InlineData("""{ "dataLocation": "s3://train/people.csv", "target": "y", "name": " " }""", "name")]
    public async Task ARefusedCallCreatesNothing(string request, string field)
    {
        await service.Put("s3://train/people.csv", Csv);
        var mark = QuietService.NewId("train");
        var unique = request.Contains("\"name\"", StringComparison.Ordinal) ? request : request.Replace("{ ", $$"""{ "name": "{{mark}}", """, StringComparison.Ordinal);
        await service.Refused(HttpMethod.Post, "/v1/train", unique, HttpStatusCode.BadRequest, field);
        Assert.Empty((await service.Get($"/v1/datasources?name.prefix={mark}")).Body["items"]!.AsArray());
    }

    [Theory]
    [InlineData(0, 70, false)]
    [InlineData(30, 100, false)]
    [InlineData(20, 80, false)]
    [InlineData(20, 80, true)]
    public void TheTwoPartsTakeEachRowExactlyOnce(double begin, double end, bool complement)
    {
        foreach (var strategy in Enum.GetValues<SplitStrategy>())
        {
            var learned = new DataSplit(begin, end, strategy, "7", complement);
            var rest = DefaultPath.Rest(learned);
            Assert.Equal(100, Share(learned) + Share(rest));
            Assert.Equal((learned.Strategy, learned.Seed), (rest.Strategy, rest.Seed));
            Assert.All(Enumerable.Range(0, 100), percent => Assert.NotEqual(Has(learned, percent), Has(rest, percent)));
        }

        static double Share(DataSplit split) => split.Complement ? 100 - (split.PercentEnd - split.PercentBegin) : split.PercentEnd - split.PercentBegin;
        static bool Has(DataSplit split, double percent) => (percent >= split.PercentBegin && percent < split.PercentEnd) != split.Complement;
    }
}

[Collection<PostgreSqlQuietTests>]
public sealed class PostgreSqlTrainApiTests(PostgreSqlQuietService service) : TrainApiTests(service);
