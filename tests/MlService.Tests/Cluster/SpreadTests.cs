using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using MlService.Tests.Storage;

namespace MlService.Tests.Cluster;

/// <summary>
/// Jobs whose shards live in several processes of a cluster. What they should come to is told by one process that has as many shards
/// to itself, on SQLite and a directory.
/// </summary>
public sealed class SpreadTests(PostgreSqlServer metadata, S3Server objects) : IDisposable
{
    private const string Results = "batch-prediction/result";

    private static readonly string[] SmallShards =
        ["--Jobs:MinProcessBytes=50000", "--Jobs:MinShardBytes=50000", "--Jobs:MinTrainingShardBytes=50000", "--Jobs:CheckpointSeconds=0"];

    private readonly string _mark = Guid.NewGuid().ToString("N")[..8];
    private readonly string _root = Directory.CreateTempSubdirectory("mlservice-spread-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact, LongProof]
    public async Task ThreeProcessesMakeOfAJobWhatOneMakesWithAsManyShardsEvenIfOneOfThemIsKilled()
    {
        await using var alone = await RunningService.Start(Path.Combine(_root, "alone"), [.. SmallShards, "--Jobs:ShardsPerJob=3"]);
        var expected = await MainJob(alone);
        var shared = await Shared();
        // Of the two that may be killed one is not the one that runs the job. The one that stays ends first: with others dead, it would wait for them.
        var others = await Task.WhenAll(ServiceProcess.Start(Path.Combine(_root, "b"), shared), ServiceProcess.Start(Path.Combine(_root, "c"), shared));
        await using var second = others[0];
        await using var third = others[1];
        await using var first = await RunningService.Start(Path.Combine(_root, "a"), shared);
        await AllKnowEachOther(first, second, third);
        var outcome = await MainJob(first);

        Assert.Equal(expected.Report, outcome.Report);
        Assert.Equal(expected.Weights, outcome.Weights);
        Assert.Equal(expected.Evaluation, outcome.Evaluation);
        Assert.Equal(expected.Predictions, outcome.Predictions);
        var output = first.Output + second.Output + third.Output;
        foreach (var job in (string[])["DataSource/source", "Model/model", "Evaluation/evaluation", "BatchPrediction/batch"])
            Assert.Contains($"{job}-{_mark} attempt 1 has 3 shards in 3 processes", output, StringComparison.Ordinal);

        // Of the same training once more, a shard dies with its process, and goes on in another within the same attempt.
        await CreateModel(first, "again");
        await first.Client.AtWork($"/v1/models/again-{_mark}", "training");
        IRunningService[] all = [first, second, third];
        var runner = all.Single(process => process.Output.Contains($"Model/again-{_mark} attempt 1 has 3 shards", StringComparison.Ordinal));
        await (runner == second ? third : second).Kill();
        var weights = await Weights(runner, "again");
        Assert.Contains("was lost with its process", runner.Output, StringComparison.Ordinal);
        Assert.Contains($"Model/again-{_mark} attempt 1 completed", runner.Output, StringComparison.Ordinal);
        Assert.Equal(expected.Weights, weights);

        var left = (await runner.Client.Get("/v1/objects/mlservice"))["objects"]!.AsArray().Select(item => item!.ToJsonString()).ToList();
        Assert.NotEmpty(left);
        Assert.DoesNotContain(left, item => item.Contains("exchange", StringComparison.Ordinal));
    }

    private async Task<(string Report, string Weights, string Evaluation, byte[] Predictions)> MainJob(RunningService service)
    {
        await service.Client.Upload($"spread-{_mark}/data.csv", Rows(8000));
        await service.Client.Post("/v1/datasources",
            $$"""{"id": "source-{{_mark}}", "dataLocation": "s3://spread-{{_mark}}/data.csv", "computeStatistics": true}""");
        await CreateModel(service, "model");
        await service.Client.Post("/v1/evaluations",
            $$"""{"id": "evaluation-{{_mark}}", "modelId": "model-{{_mark}}", "datasourceId": "source-{{_mark}}"}""");
        await service.Client.Post("/v1/batch-predictions",
            $$"""{"id": "batch-{{_mark}}", "modelId": "model-{{_mark}}", "datasourceId": "source-{{_mark}}", "outputUri": "s3://spread-{{_mark}}/"}""");
        await service.Client.Completed($"/v1/evaluations/evaluation-{_mark}");
        await service.Client.Completed($"/v1/batch-predictions/batch-{_mark}");
        return (
            (await service.Client.Get($"/v1/datasources/source-{_mark}/statistics")).ToJsonString(),
            await Weights(service, "model"),
            (await service.Client.Get($"/v1/evaluations/evaluation-{_mark}/report")).ToJsonString(),
            await service.Client.Download($"spread-{_mark}/{Results}/batch-{_mark}-data.csv.gz"));
    }

    /// <summary>Waits until a job has shards in all processes: they join the cluster before they listen, but others hear of it later.</summary>
    private async Task AllKnowEachOther(params IRunningService[] processes)
    {
        await processes[0].Client.Upload($"spread-{_mark}/data.csv", Rows(8000));
        for (var probe = 1; ; probe++)
        {
            Assert.True(probe < 50, "The processes do not become one cluster.");
            var id = $"probe-{probe}-{_mark}";
            await processes[0].Client.Post("/v1/datasources",
                $$"""{"id": "{{id}}", "dataLocation": "s3://spread-{{_mark}}/data.csv", "computeStatistics": true}""");
            await processes[0].Client.Completed($"/v1/datasources/{id}");
            if (processes.Any(process => process.Output.Contains($"DataSource/{id} attempt 1 has 3 shards in 3 processes", StringComparison.Ordinal)))
                return;
        }
    }

    private Task<JsonNode> CreateModel(RunningService service, string name) => service.Client.Post("/v1/models",
        $$$"""{"id": "{{{name}}}-{{{_mark}}}", "trainingDatasourceId": "source-{{{_mark}}}", "parameters": {"sgd.maxPasses": "15", "sgd.tolerance": "0", "sgd.l2RegularizationAmount": "1e-6"}}""");

    private async Task<string> Weights(IRunningService service, string name)
    {
        await service.Client.Completed($"/v1/models/{name}-{_mark}");
        return (await service.Client.Get($"/v1/models/{name}-{_mark}/weights")).ToJsonString();
    }

    private async Task<string[]> Shared()
    {
        var connection = await metadata.NewDatabase(isMigrated: false);
        return
        [
            $"--ConnectionStrings:Metadata={connection}", "--Cluster:Mode=PostgreSql",
            $"--Storage:S3:ArtifactBucket=spread-{_mark}-artifacts", "--Jobs:ShardsPerJob=1", .. SmallShards, .. (await objects.Options()).ToArguments(),
        ];
    }

    /// <summary>Some 800 kB: words with a meaning, a number, a category of many values, a target that depends on all of them.</summary>
    private static string Rows(int count)
    {
        var random = new Random(7);
        var text = new StringBuilder("size,city,words,bought\n");
        for (var row = 0; row < count; row++)
        {
            var (size, city, words) = (random.NextDouble() * 100, random.Next(500), Enumerable.Range(0, 12).Select(_ => random.Next(4000)).ToList());
            var score = size / 25 + city % 7 - 5 + words.Sum(word => (word % 11 - 5) / 8.0);
            text.Append(size.ToString("F3", CultureInfo.InvariantCulture)).Append(",c").Append(city).Append(',')
                .AppendJoin(' ', words.Select(word => $"w{word}")).Append(',').Append(random.NextDouble() < 1 / (1 + Math.Exp(-score)) ? 1 : 0).Append('\n');
        }
        return text.ToString();
    }
}
