using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace MlService.Tests.Training;

/// <summary>Models of trees go the whole way of linear ones.</summary>
public class TreeModelTests(RunningService service) : IClassFixture<RunningService>
{
    private const string Recipe = """{ "groups": {}, "assignments": {}, "outputs": ["ALL_NUMERIC"] }""";

    private const string Schema = """
        {
          "version": "1.0", "dataFormat": "CSV", "dataFileContainsHeader": true, "targetAttributeName": "y", "rowId": "id",
          "attributes": [
            { "attributeName": "id", "attributeType": "CATEGORICAL" }, { "attributeName": "left", "attributeType": "NUMERIC" },
            { "attributeName": "right", "attributeType": "NUMERIC" }, { "attributeName": "y", "attributeType": "BINARY" }
          ]
        }
        """;

    // 1 where just one of two numbers is large: what no linear model of the two can tell.
    private static string Csv()
    {
        var csv = new StringBuilder("id,left,right,y\n");
        for (var i = 0; i < 900; i++)
        {
            var (left, right) = (i * 7 % 20, i * 11 % 13);
            csv.Append(CultureInfo.InvariantCulture, $"r{i},{left}.5,{right}.5,{((left >= 10) != (right >= 6) ? 1 : 0)}\n");
        }
        return csv.ToString();
    }

    [Theory]
    [InlineData("fastTree")]
    [InlineData("lightGbm")]
    public async Task TreesAreTrainedEvaluatedAndAskedLikeLinearModels(string algorithm)
    {
        var client = service.Client;
        await client.Upload("trees/data.csv", Csv());
        var source = await client.Post("/v1/datasources", $$"""{ "dataLocation": "s3://trees/data.csv", "schema": {{Schema}}, "computeStatistics": true }""");
        // Trees find the place to split a number at themselves: without a recipe they get it as it is, and not in bins.
        var (trees, linear) = (await Model(algorithm, null), await Model("sgd", Recipe));
        Assert.True(await Auc(trees) > 0.99);
        Assert.True(await Auc(linear) < 0.7);

        var weights = await client.Get($"/v1/models/{trees}/weights");
        Assert.Equal(["left", "right"], weights["outputs"]![0]!["weights"]!.AsArray().Select(weight => (string)weight!["name"]!).Order());

        var batch = await client.Post("/v1/batch-predictions", $$"""{ "modelId": "{{trees}}", "datasourceId": "{{source["id"]}}", "outputUri": "s3://trees/out/" }""");
        await client.Completed($"/v1/batch-predictions/{batch["id"]}");
        var result = (await client.Get($"/v1/batch-predictions/{batch["id"]}/results"))["results"]![0]!;
        using var unzipped = new StreamReader(new GZipStream(
            await client.GetStreamAsync((string)result["url"]!, TestContext.Current.CancellationToken), CompressionMode.Decompress));
        var lines = (await unzipped.ReadToEndAsync(TestContext.Current.CancellationToken)).TrimEnd('\n').Split('\n');
        Assert.Equal(901, lines.Length);
        using (var opened = await client.PutAsync($"/v1/models/{trees}/endpoint", null, TestContext.Current.CancellationToken))
            Assert.Equal(HttpStatusCode.OK, opened.StatusCode);
        for (var row = 0; row < 4; row++)
        {
            // Tag, true label, best answer, score.
            var batched = lines[row + 1].Split(',');
            var asked = await client.Post($"/realtime/{trees}?explain=true", $$$"""{ "record": { "left": {{{row * 7 % 20}}}.5, "right": {{{row * 11 % 13}}}.5 } }""");
            Assert.Equal(($"r{row}", batched[1]), (batched[0], batched[2]));
            Assert.Equal(batched[2], (string?)asked["predictedLabel"]);
            Assert.Equal(double.Parse(batched[3], CultureInfo.InvariantCulture), (double)asked["predictedScores"]![batched[2]]!, 1e-6);
            var explanation = asked["explanation"]!;
            Assert.Equal((double)explanation["score"]!,
                (double)explanation["intercept"]! + explanation["contributions"]!.AsArray().Sum(part => (double)part!["contribution"]!), 1e-4);
        }

        async Task<string> Model(string algorithm, string? recipe)
        {
            var model = await client.Post("/v1/models",
                $$"""{ "trainingDatasourceId": "{{source["id"]}}", "recipe": {{recipe ?? "null"}}, "parameters": { "algorithm": "{{algorithm}}" } }""");
            return (string)model["id"]!;
        }

        async Task<double> Auc(string model)
        {
            var evaluation = await client.Post("/v1/evaluations", $$"""{ "modelId": "{{model}}", "datasourceId": "{{source["id"]}}" }""");
            await client.Completed($"/v1/evaluations/{evaluation["id"]}");
            return (double)(await client.Get($"/v1/evaluations/{evaluation["id"]}/report"))["auc"]!;
        }
    }
}
