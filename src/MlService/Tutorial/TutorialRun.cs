using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Text.Json.Nodes;
using MlService.Samples;

namespace MlService.Tutorial;

/// <summary>
/// The whole tutorial by itself, on generated sample data: from a CSV file to predictions. All ids are fixed, and creating the
/// same resource again with the same request changes nothing, so a second run finds everything where it was.
/// </summary>
internal sealed class TutorialRun(HttpClient http, TextWriter output, bool isInteractive)
{
    private const string TopShare = "0.03";

    private static readonly string[] Figures = ["auc", "threshold", "accuracy", "precision", "recall"];

    private readonly TutorialClient _service = new(http);
    private readonly List<(string Step, double Seconds)> _seconds = [];

    /// <summary>Runs all steps, telling of each, and closes with what to try next.</summary>
    public async Task Run(CancellationToken cancellation)
    {
        var address = http.BaseAddress!.ToString().TrimEnd('/');
        output.WriteLine();
        output.WriteLine("The tutorial, on sample data of a bank's telephone campaign: who will say yes?");
        output.WriteLine();

        await Step("upload", () => Upload(cancellation));
        await Step("schema", () => InferSchema(cancellation));
        await Step("data report", () => DescribeData(cancellation));
        await Step("70/30 split", () => Split(cancellation));
        await Step("training", () => Train(cancellation));
        await Step("evaluation", () => Evaluate(cancellation));
        var figures = await Step("threshold", () => MoveThreshold(cancellation));
        await Step("endpoint", () => OpenEndpoint(cancellation));
        await Step("batch", () => PredictBatch(cancellation));

        PrintSummary(figures);
        output.WriteLine($"""

            Ask the model about one customer:

              curl -s {address}/realtime/tutorial-model{(http.DefaultRequestHeaders.Authorization is null ? "" : " -H 'Authorization: Bearer ID:SECRET'")} -H 'Content-Type: application/json' \
                -d '{Customer().ToJsonString()}'

            Swagger UI   {address}/swagger
            REST         {address}/v1/models/tutorial-model
            Results      {address}/v1/objects/samples?prefix=tutorial/
            """);
        output.WriteLine();
        output.Flush();
    }

    private async Task<string> Upload(CancellationToken cancellation)
    {
        foreach (var sample in new[] { BankingSample.Labelled, BankingSample.Batch })
        {
            var path = $"/v1/objects/{BankingSample.Bucket}/{sample.Key}";
            if (await _service.Exists(path, cancellation))
                continue;
            await using var content = sample.OpenRead();
            await _service.Upload(path, content, cancellation);
        }

        return $"{BankingSample.Labelled.Uri} ({BankingSample.Labelled.Rows:N0} rows), {BankingSample.Batch.Uri} ({BankingSample.Batch.Rows:N0} rows)";
    }

    private async Task<string> InferSchema(CancellationToken cancellation)
    {
        var answer = await _service.Post(
            "/v1/schemas/infer", new JsonObject { ["dataLocation"] = BankingSample.Labelled.Uri }, cancellation);
        var attributes = answer["schema"]!["attributes"]!.AsArray();
        var types = attributes.GroupBy(attribute => attribute!["attributeType"]!.GetValue<string>())
            .Select(group => $"{group.Count()} {group.Key}");
        return $"{attributes.Count} attributes ({string.Join(", ", types)}), target {answer["schema"]!["targetAttributeName"]}";
    }

    private async Task<string> DescribeData(CancellationToken cancellation)
    {
        await _service.Post("/v1/datasources", DataSource("tutorial-data", "Banking, all rows"), cancellation);
        var data = await Await("/v1/datasources/tutorial-data", cancellation);
        var report = await _service.Get("/v1/datasources/tutorial-data/statistics", cancellation);
        var telling = report["attributes"]!.AsArray()
            .Where(attribute => attribute!["correlation"] is not null)
            .OrderByDescending(attribute => attribute!["correlation"]!.GetValue<double>())
            .Select(attribute => attribute!["name"]!.GetValue<string>()).Take(3).ToList();
        return telling.Count == 0
            ? $"{data["rows"]!.GetValue<long>():N0} rows"
            : $"{data["rows"]!.GetValue<long>():N0} rows; most telling about the target: {string.Join(", ", telling)}";
    }

    private async Task<string> Split(CancellationToken cancellation)
    {
        await _service.Post("/v1/datasources", DataSource("tutorial-train", "Banking, 70% to train", 0, 70), cancellation);
        await _service.Post("/v1/datasources", DataSource("tutorial-test", "Banking, 30% to evaluate", 70, 100), cancellation);
        var train = await Await("/v1/datasources/tutorial-train", cancellation);
        var test = await Await("/v1/datasources/tutorial-test", cancellation);
        return $"{train["rows"]!.GetValue<long>():N0} rows to train, {test["rows"]!.GetValue<long>():N0} to evaluate";
    }

    private async Task<string> Train(CancellationToken cancellation)
    {
        await _service.Post(
            "/v1/models",
            new JsonObject { ["id"] = "tutorial-model", ["name"] = "Banking", ["trainingDatasourceId"] = "tutorial-train" },
            cancellation);
        var model = await Await("/v1/models/tutorial-model", cancellation);
        return $"{model["type"]} model of {model["sizeInBytes"]!.GetValue<long>():N0} bytes, default parameters";
    }

    private async Task<string> Evaluate(CancellationToken cancellation)
    {
        await _service.Post(
            "/v1/evaluations",
            new JsonObject { ["id"] = "tutorial-evaluation", ["modelId"] = "tutorial-model", ["datasourceId"] = "tutorial-test" },
            cancellation);
        await Await("/v1/evaluations/tutorial-evaluation", cancellation);
        var report = await _service.Get("/v1/evaluations/tutorial-evaluation/report", cancellation);
        return $"AUC {Figure(report["auc"])} (a guess has {Figure(report["baselineAuc"])})";
    }

    private async Task<(string, JsonNode)> MoveThreshold(CancellationToken cancellation)
    {
        var figures = await _service.Get($"/v1/evaluations/tutorial-evaluation/report?topShare={TopShare}", cancellation);
        var threshold = figures["threshold"]!.GetValue<double>();
        await _service.Patch("/v1/models/tutorial-model", new JsonObject { ["scoreThreshold"] = threshold }, cancellation);
        return ($"{Figure(figures["threshold"])}: the top 3% of customers are predicted to say yes", figures);
    }

    private async Task<string> OpenEndpoint(CancellationToken cancellation)
    {
        await _service.Put("/v1/models/tutorial-model/endpoint", cancellation);
        var answer = await _service.Post("/realtime/tutorial-model", Customer(), cancellation);
        return $"open; a first customer gets label {answer["predictedLabel"]}, "
            + $"score {Figure(answer["predictedScores"]!.AsObject().First().Value)}";
    }

    private async Task<string> PredictBatch(CancellationToken cancellation)
    {
        var source = new JsonObject
        {
            ["id"] = "tutorial-batch-data",
            ["name"] = "Banking, new customers",
            ["dataLocation"] = BankingSample.Batch.Uri,
            ["computeStatistics"] = false,
        };
        await _service.Post("/v1/datasources", source, cancellation);
        await _service.Post(
            "/v1/batch-predictions",
            new JsonObject
            {
                ["id"] = "tutorial-batch",
                ["modelId"] = "tutorial-model",
                ["datasourceId"] = "tutorial-batch-data",
                ["outputUri"] = $"s3://{BankingSample.Bucket}/tutorial/",
            },
            cancellation);
        var batch = await Await("/v1/batch-predictions/tutorial-batch", cancellation);
        var key = $"tutorial/batch-prediction/result/tutorial-batch-{BankingSample.Batch.Key}.gz";
        var gzip = await _service.Download($"/v1/objects/{BankingSample.Bucket}/{key}", cancellation);
        await using var plain = new GZipStream(new MemoryStream(gzip), CompressionMode.Decompress);
        using var reader = new StreamReader(plain);
        var header = await reader.ReadLineAsync(cancellation);
        var yes = 0;
        while (await reader.ReadLineAsync(cancellation) is { } line)
            yes += line.StartsWith("1,", StringComparison.Ordinal) ? 1 : 0;
        return $"{batch["totalRecordCount"]!.GetValue<long>():N0} customers, {yes:N0} to call first; columns {header}";
    }

    private async Task<JsonNode> Await(string path, CancellationToken cancellation)
    {
        var result = await _service.Await(path, Show, cancellation);
        if (isInteractive)
            output.Write("\r\u001b[K");
        return result;

        void Show(JsonNode resource)
        {
            if (!isInteractive)
                return;
            var progress = resource["progress"];
            output.Write($"\r\u001b[K  … {resource["id"]}: {progress?["phase"] ?? "pending"} {progress?["percent"]}% ");
            output.Flush();
        }
    }

    private Task<object?> Step(string name, Func<Task<string>> step) => Step<object?>(name, async () => (await step(), null));

    private async Task<T> Step<T>(string name, Func<Task<(string Words, T Result)>> step)
    {
        var watch = Stopwatch.StartNew();
        var (words, result) = await step();
        _seconds.Add((name, watch.Elapsed.TotalSeconds));
        output.WriteLine($"  {name,-12} {watch.Elapsed.TotalSeconds,6:0.00} s   {words}");
        output.Flush();
        return result;
    }

    /// <summary>The table at the end: the model's figures on the left, the seconds of each step on the right.</summary>
    private void PrintSummary(JsonNode figures)
    {
        var left = Figures.Select(name => (Name: name == "auc" ? "AUC" : name, Value: Figure(figures[name]))).ToList();
        var right = _seconds.Append(("in all", _seconds.Sum(step => step.Seconds))).ToList();
        output.WriteLine();
        output.WriteLine($"  {"at the top 3%",-15}{"",8}     {"step",-12}{"seconds",9}");
        output.WriteLine($"  {new string('-', 23)}     {new string('-', 21)}");
        for (var row = 0; row < Math.Max(left.Count, right.Count); row++)
        {
            var figure = row < left.Count ? $"  {left[row].Name,-15}{left[row].Value,8}" : new string(' ', 25);
            output.WriteLine($"{figure}     {right[row].Item1,-12}{right[row].Item2,9:0.00}");
        }
    }

    private static string Figure(JsonNode? value) =>
        value is null ? "-" : value.GetValue<double>().ToString("0.0000", CultureInfo.InvariantCulture);

    private static JsonObject DataSource(string id, string name, double? begin = null, double? end = null)
    {
        var body = new JsonObject
        {
            ["id"] = id,
            ["name"] = name,
            ["dataLocation"] = BankingSample.Labelled.Uri,
            ["computeStatistics"] = true,
        };
        if (begin is not null)
            body["split"] = new JsonObject { ["percentBegin"] = begin, ["percentEnd"] = end };
        return body;
    }

    /// <summary>The first data row of the batch sample, as a real-time record.</summary>
    private static JsonObject Customer()
    {
        using var reader = new StreamReader(BankingSample.Batch.OpenRead());
        var names = reader.ReadLine()!.Split(',');
        var values = reader.ReadLine()!.Split(',');
        var record = new JsonObject();
        for (var column = 0; column < names.Length; column++)
            if (values[column].Length > 0)
                record[names[column]] = values[column];
        return new JsonObject { ["record"] = record };
    }
}
