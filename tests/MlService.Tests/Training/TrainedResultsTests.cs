using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace MlService.Tests.Training;

/// <summary>What is read of results, after the whole way has been gone by real jobs.</summary>
public class TrainedResultsTests(RunningService service) : IClassFixture<RunningService>
{
    // Of 600 rows, red ones are 1 in nine of ten cases and blue ones in one of ten; the size says nothing.
    private static string Csv(string target)
    {
        var csv = new StringBuilder("colour,size,y\n");
        for (var i = 0; i < 600; i++)
        {
            var isRed = i % 3 == 0;
            var isOne = isRed != (i % 10 == 7);
            var y = target switch { "class" => isRed ? "apple" : i % 3 == 1 ? "plum" : "pear", "number" => isRed ? "10.5" : "2.5", _ => isOne ? "1" : "0" };
            csv.Append(isRed ? "red" : i % 3 == 1 ? "blue" : "green").Append(',').Append(i * 7 % 13).Append(',').Append(y).Append('\n');
        }
        return csv.ToString();
    }

    [Fact]
    public async Task WeightsOfABinaryModelAreNamedAndSorted()
    {
        var ids = await Train("binary");
        var path = $"/v1/models/{ids["modelId"]}/weights";
        var body = await service.Client.Get($"{path}?sort=-weight");
        Assert.Equal("BINARY", (string?)body["type"]);
        var weights = Assert.Single(body["outputs"]!.AsArray())!["weights"]!.AsArray();
        Assert.Equal((int?)body["features"], weights.Count);
        var byName = weights.ToDictionary(weight => (string)weight!["name"]!, weight => (double)weight!["weight"]!);
        Assert.True(byName["colour=red"] > byName["colour=blue"]);
        Assert.Equal(byName.Values.OrderDescending(), weights.Select(weight => (double)weight!["weight"]!));

        var largest = (await service.Client.Get($"{path}?limit=1"))["outputs"]![0]!["weights"]!.AsArray();
        Assert.Equal(byName.Values.Max(Math.Abs), Math.Abs((double)Assert.Single(largest)!["weight"]!));
        await Refused($"{path}?limit=0", "limit");
        await Refused($"{path}?sort=colour", "sort");
        await Refused($"{path}?class=red", "class");
    }

    [Fact]
    public async Task TheLogOfAModelAndTheResultsOfABatchAreLinked()
    {
        var ids = await Train("binary");
        var model = await service.Client.Get($"/v1/models/{ids["modelId"]}");
        Assert.StartsWith($"{service.Address}v1/models/", (string)model["logUri"]!, StringComparison.Ordinal);
        Assert.Contains("pass", await service.Client.GetStringAsync((string)model["logUri"]!, TestContext.Current.CancellationToken), StringComparison.OrdinalIgnoreCase);

        await service.Client.Upload("results/a b+ü.csv", Csv("binary"));
        var source = await service.Client.Post("/v1/datasources", """{ "dataLocation": "s3://results/a b+ü.csv" }""");
        var batch = await service.Client.Post(
            "/v1/batch-predictions", $$"""{ "modelId": "{{ids["modelId"]}}", "datasourceId": "{{source["id"]}}", "outputUri": "s3://results/out/" }""");
        var path = $"/v1/batch-predictions/{batch["id"]}";
        await service.Client.Completed(path);
        var result = Assert.Single((await service.Client.Get($"{path}/results"))["results"]!.AsArray())!;
        Assert.Equal("s3://results/a b+ü.csv", (string?)result["input"]);
        Assert.Equal($"s3://results/out/batch-prediction/result/{batch["id"]}-a b+ü.csv.gz", (string?)result["output"]);
        var bytes = await service.Client.GetByteArrayAsync((string)result["url"]!, TestContext.Current.CancellationToken);
        Assert.Equal((0x1F, 0x8B), (bytes[0], bytes[1])); // gzip
    }

    [Fact]
    public async Task AModelIsDownloadedAsOnnx()
    {
        var id = (await Train("binary"))["modelId"];
        var bytes = await service.Client.GetByteArrayAsync($"/v1/models/{id}/export?format=onnx", TestContext.Current.CancellationToken);
        // What runs of it is proven in the engine's tests; the model's category is in it, and so are the operators of ONNX.
        var text = Encoding.Latin1.GetString(bytes);
        Assert.All(["MlService", "ai.onnx.ml", "LabelEncoder", "colour", "green", "predictedLabel"], part => Assert.Contains(part, text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task FoldsAskForACrossValidationBesideTheTraining()
    {
        var ids = await Train("binary");
        var plain = $"/v1/models/{ids["modelId"]}/cross-validation";
        using (var none = await service.Client.GetAsync(plain, TestContext.Current.CancellationToken))
            Assert.Equal(HttpStatusCode.Conflict, none.StatusCode);

        var model = await service.Client.Post(
            "/v1/models", $$"""{ "trainingDatasourceId": "{{ids["datasourceId"]}}", "parameters": { "sgd.folds": 4 } }""");
        await service.Client.Completed($"/v1/models/{model["id"]}");
        var result = await service.Client.Get($"/v1/models/{model["id"]}/cross-validation");
        Assert.Equal("BinaryAUC", (string?)result["metric"]);
        var folds = result["folds"]!.AsArray();
        Assert.Equal([1, 2, 3, 4], folds.Select(fold => (int)fold!["fold"]!));
        Assert.Equal(600, folds.Sum(fold => (int)fold!["rows"]!));
        Assert.Equal(folds.Average(fold => (double)fold!["value"]!), (double)result["mean"]!, 1e-12);
        // Red rows are right in nine of ten cases, and the others too: about 0.9.
        Assert.InRange((double)result["mean"]!, 0.8, 0.95);
        Assert.InRange((double)result["deviation"]!, 0, 0.1);
    }

    [Fact]
    public async Task AMulticlassModelHasWeightsForEachClass()
    {
        var path = $"/v1/models/{(await Train("class"))["modelId"]}/weights";
        Assert.Equal(["apple", "pear", "plum"], (await service.Client.Get(path))["outputs"]!.AsArray().Select(output => (string?)output!["class"]).Order());
        var plum = Assert.Single((await service.Client.Get($"{path}?class=plum&sort=-weight&limit=1"))["outputs"]!.AsArray())!;
        Assert.Equal("colour=blue", (string?)plum["weights"]![0]!["name"]);
        await Refused($"{path}?class=cherry", "class");
    }

    [Fact]
    public async Task TheThresholdOfABinaryReportMovesToWhereItIsAskedFor()
    {
        var ids = await Train("binary");
        var path = $"/v1/evaluations/{ids["evaluationId"]}/report";
        var report = await service.Client.Get(path);
        var (rows, positives) = ((long)report["rows"]!, (long)report["positives"]!);

        var all = await service.Client.Get($"{path}?threshold=0");
        Assert.Equal((positives, rows - positives, 0, 0), Counts(all));
        Assert.Equal((1.0, (double)positives / rows), ((double)all["recall"]!, (double)all["precision"]!));
        Assert.Equal(report["auc"]!.ToJsonString(), all["auc"]!.ToJsonString());

        var none = await service.Client.Get($"{path}?threshold=1");
        Assert.Equal((0, 0, rows - positives, positives), Counts(none));

        // Red rows have the highest scores; a third of all rows is red. Ties may take in a few more: size tells nothing, and red rows tie.
        var third = await service.Client.Get($"{path}?topShare=0.3");
        Assert.InRange((double)third["positiveShare"]!, 0.3, 0.4);
        Assert.True((double)third["precision"]! > 0.75);
        var found = await service.Client.Get($"{path}?recall=0.75");
        Assert.True((double)found["recall"]! >= 0.75);

        // A missed 1 costs so much that every row with any chance is worth a false alarm.
        var cheapest = await service.Client.Get($"{path}?falseNegativeCost=1000");
        Assert.Equal(0, (long)cheapest["falseNegatives"]!);
        Assert.Equal((double)cheapest["falsePositives"]!, (double)cheapest["cost"]!);
        Assert.InRange((double)report["auc"]!, (double)report["aucInterval"]!["low"]!, (double)report["aucInterval"]!["high"]!);

        await Refused($"{path}?threshold=2", "threshold");
        await Refused($"{path}?falsePositiveCost=-1", "falsePositiveCost");
        await Refused($"{path}?recall=0.5&topShare=0.1", "recall");

        static (long, long, long, long) Counts(JsonNode at) => (
            (long)at["truePositives"]!, (long)at["falsePositives"]!, (long)at["trueNegatives"]!, (long)at["falseNegatives"]!);
    }

    [Fact]
    public async Task OnlyBinaryReportsHaveAThreshold()
    {
        var path = $"/v1/evaluations/{(await Train("number"))["evaluationId"]}/report";
        Assert.Equal("REGRESSION", (string?)(await service.Client.Get(path))["modelType"]);
        await Refused($"{path}?threshold=0.5", "threshold");
    }

    [Fact]
    public async Task AnEvaluationThatIsNotToBeTrustedSaysWhy()
    {
        var ids = await Train("class");
        Assert.Empty((await service.Client.Get($"/v1/evaluations/{ids["evaluationId"]}/report"))["alerts"]!.AsArray());
        // All rows, of which the model has learned from the first 70 percent.
        var overlap = Assert.Single(await Alerts((string)ids["datasourceId"]!));
        Assert.Equal("overlap", overlap.Code);
        Assert.Contains("70%", overlap.Message, StringComparison.Ordinal);
        Assert.Equal(["same-data"], (await Alerts((string)ids["trainingDatasourceId"]!)).Select(alert => alert.Code));

        await service.Client.Upload("results/figs.csv", "colour,y\n" + string.Concat(Enumerable.Repeat("red,fig\n", 20)));
        var schema = (await service.Client.Get($"/v1/datasources/{ids["datasourceId"]}"))["schema"]!.DeepClone();
        schema["attributes"]!.AsArray().RemoveAt(1);
        var figs = await service.Client.Post("/v1/datasources", $$"""{ "dataLocation": "s3://results/figs.csv", "schema": {{schema.ToJsonString()}} }""");
        Assert.Equal(["few-rows", "other-schema", "one-class", "unknown-classes"], (await Alerts((string)figs["id"]!)).Select(alert => alert.Code));

        async Task<IReadOnlyList<(string Code, string Message)>> Alerts(string source)
        {
            var evaluation = await service.Client.Post("/v1/evaluations", $$"""{ "modelId": "{{ids["modelId"]}}", "datasourceId": "{{source}}" }""");
            await service.Client.Completed($"/v1/evaluations/{evaluation["id"]}");
            var report = await service.Client.Get($"/v1/evaluations/{evaluation["id"]}/report");
            return [.. report["alerts"]!.AsArray().Select(alert => ((string)alert!["code"]!, (string)alert["message"]!))];
        }
    }

    private async Task<JsonNode> Train(string target)
    {
        await service.Client.Upload($"results/{target}.csv", Csv(target));
        var ids = await service.Client.Post("/v1/train", $$"""{ "dataLocation": "s3://results/{{target}}.csv", "target": "y", "name": "{{target}}" }""");
        await service.Client.Completed($"/v1/evaluations/{ids["evaluationId"]}");
        return ids;
    }

    private async Task Refused(string path, string field)
    {
        using var response = await service.Client.GetAsync(path, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var problem = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal(field, (string?)problem["field"]);
    }
}
