using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using MlService.Metadata;

namespace MlService.Tests.Chaos;

/// <summary>
/// One piece of work that a user would give the service: two datasources, a model, an evaluation, a batch prediction, all asked for at
/// once; and another batch prediction that is called off again.
/// </summary>
internal sealed class Round(string name, Dataset data)
{
    private string Train => $"{name}-train";

    private string Test => $"{name}-test";

    private string Model => $"{name}-model";

    private string Evaluation => $"{name}-evaluation";

    private string Batch => $"{name}-batch";

    private string Unwanted => $"{name}-unwanted";

    public Dataset Data => data;

    /// <summary>The jobs that must complete.</summary>
    public IEnumerable<ResourceKey> Wanted =>
    [
        new(ResourceKind.DataSource, Train), new(ResourceKind.DataSource, Test), new(ResourceKind.Model, Model),
        new(ResourceKind.Evaluation, Evaluation), new(ResourceKind.BatchPrediction, Batch),
    ];

    /// <summary>The job that may complete before it is called off.</summary>
    public ResourceKey CalledOff => new(ResourceKind.BatchPrediction, Unwanted);

    /// <summary>Where in the bucket results lie; the called-off ones elsewhere.</summary>
    private string Output => $"out/{name}/";

    private string UnwantedOutput => $"unwanted/{name}/";

    public async Task Ask(PatientClient client)
    {
        await client.Upload($"chaos/schemas/{name}.json", Dataset.Schema());
        foreach (var (id, begin, end) in new[] { (Train, 0, 70), (Test, 0, 100) })
            await client.Create("datasources", new JsonObject
            {
                ["id"] = id,
                ["dataLocation"] = $"s3://chaos/{data.Name}/",
                ["schemaLocation"] = $"s3://chaos/schemas/{name}.json",
                ["computeStatistics"] = true,
                ["split"] = new JsonObject { ["percentBegin"] = begin, ["percentEnd"] = end },
                ["tags"] = new JsonObject { ["round"] = name },
            });
        await client.Create("models", new JsonObject
        {
            ["id"] = Model,
            ["trainingDatasourceId"] = Train,
            ["parameters"] = new JsonObject { ["sgd.maxPasses"] = "5" },
        });
        await client.Create("evaluations", new JsonObject { ["id"] = Evaluation, ["modelId"] = Model, ["datasourceId"] = Test });
        foreach (var (id, output) in new[] { (Batch, Output), (Unwanted, UnwantedOutput) })
            await client.Create(
                "batch-predictions", new JsonObject { ["id"] = id, ["modelId"] = Model, ["datasourceId"] = Test, ["outputUri"] = $"s3://chaos/{output}" });
    }

    /// <summary>Calls the one job off some time after its model is there, and waits for all.</summary>
    public async Task Finish(PatientClient client, TimeSpan regret)
    {
        await client.Finished($"/v1/models/{Model}");
        await Task.Delay(regret, TestContext.Current.CancellationToken);
        await client.Cancel($"/v1/batch-predictions/{Unwanted}");
        foreach (var key in Wanted.Append(CalledOff))
            await client.Finished(Path(key));
    }

    /// <summary>All that a user could see of what the wanted jobs made, part by part, without the round's own name.</summary>
    public async Task<IReadOnlyList<string>> Outcome(PatientClient client)
    {
        var lines = new List<string>();
        foreach (var path in new[]
        {
            $"/v1/datasources/{Train}/statistics", $"/v1/datasources/{Test}/statistics", $"/v1/models/{Model}/weights", $"/v1/evaluations/{Evaluation}/report",
        })
            lines.Add($"{path} {Hash(await client.Download(path))}");

        var batch = await client.Get($"/v1/batch-predictions/{Batch}");
        lines.Add($"{batch["totalRecordCount"]} rows, {batch["invalidRecordCount"]} invalid");
        var root = $"{Output}batch-prediction/";
        lines.Add(Encoding.UTF8.GetString(await client.Download($"/v1/objects/chaos/{root}{Batch}.manifest")));
        for (var file = 0; file < data.Files.Count; file++)
        {
            var key = $"{root}result/{Batch}-{data.Files[file]}.gz";
            var text = await Unzip(await client.Download($"/v1/objects/chaos/{key}"));
            // The first column is the row's own id.
            var ids = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line[..line.IndexOf(',', StringComparison.Ordinal)]);
            Assert.True(ids.SequenceEqual(data.Ids(file)), $"{key} does not have every row once and in order.");
            lines.Add($"{key} {Hash(Encoding.UTF8.GetBytes(text))}");
        }
        return [.. lines.Select(line => line.Replace(name, "*", StringComparison.Ordinal))];
    }

    /// <summary>The objects that the jobs leave in the users' bucket.</summary>
    /// <param name="isCalledOffDone">Whether the job that was called off had completed before.</param>
    public IEnumerable<string> Keys(bool isCalledOffDone)
    {
        var batches = isCalledOffDone ? new[] { (Output, Batch), (UnwantedOutput, Unwanted) } : [(Output, Batch)];
        foreach (var (output, batch) in batches)
        {
            yield return $"{output}batch-prediction/{batch}.manifest";
            foreach (var file in data.Files)
                yield return $"{output}batch-prediction/result/{batch}-{file}.gz";
        }
    }

    /// <summary>Opens the model's real-time endpoint.</summary>
    /// <returns>The path of its predictions.</returns>
    public async Task<string> OpenEndpoint(PatientClient client)
    {
        await client.Put($"/v1/models/{Model}/endpoint");
        return $"/realtime/{Model}";
    }

    private static string Path(ResourceKey key) => $"/v1/{key.Kind.ToCollection()}/{key.Id}";

    private static async Task<string> Unzip(byte[] bytes)
    {
        using var reader = new StreamReader(new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress));
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    private string Hash(byte[] bytes)
    {
        var text = Encoding.UTF8.GetString(bytes).Replace(name, "*", StringComparison.Ordinal);
        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];
    }
}
