using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using MlService.Samples;

namespace MlService.Tests.Jobs;

/// <summary>Real processes, killed with SIGKILL while they work.</summary>
public sealed class KillTests : IDisposable
{
    private const int Files = 2;

    private static readonly string[] Resources =
    [
        "datasources/all", "datasources/train", "datasources/test", "models/model", "evaluations/evaluation",
        "batch-predictions/batch",
    ];

    private readonly string _undisturbed = Directory.CreateTempSubdirectory("mlservice-calm-").FullName;
    private readonly string _killed = Directory.CreateTempSubdirectory("mlservice-kill-").FullName;

    public void Dispose()
    {
        Directory.Delete(_undisturbed, recursive: true);
        Directory.Delete(_killed, recursive: true);
    }

    [Fact, LongProof]
    public async Task EveryJobCompletesExactlyOnceHoweverOftenItsProcessIsKilled()
    {
        await using var calm = await RunningService.Start(_undisturbed);
        await Upload(calm.Client);
        await CreateAll(calm.Client);
        foreach (var resource in Resources)
            await calm.Client.Completed($"/v1/{resource}");
        var expected = await Outcome(calm.Client);

        // A seeded sequence of moments: some before a job begins, some in its midst, some at its end.
        var random = new Random(20261123);
        var service = await ServiceProcess.Start(_killed, "--Jobs:CheckpointSeconds=0");
        try
        {
            await Upload(service.Client);
            await CreateAll(service.Client);
            for (var kill = 0; kill < 3; kill++)
            {
                await Task.Delay(random.Next(20, 900), TestContext.Current.CancellationToken);
                await service.Kill();
                await service.DisposeAsync();
                service = await ServiceProcess.Start(_killed, "--Jobs:CheckpointSeconds=0");
            }

            foreach (var resource in Resources)
                await service.Client.Completed($"/v1/{resource}");
            Assert.Equal(expected, await Outcome(service.Client));
        }
        finally
        {
            await service.DisposeAsync();
        }

        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_killed, "scratch")));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_killed, "objects", ".uploads")));
    }

    private static async Task Upload(HttpClient client)
    {
        for (var file = 0; file < Files; file++)
            await client.Upload($"kill/data/{file}.csv", BankingSample.Labelled.OpenRead());
    }

    private static async Task CreateAll(HttpClient client)
    {
        foreach (var (id, split) in new[] { ("all", "0, 100"), ("train", "0, 70"), ("test", "70, 100") })
        {
            var (begin, end) = (split.Split(", ")[0], split.Split(", ")[1]);
            await client.Post(
                "/v1/datasources",
                $$$"""{"id": "{{{id}}}", "dataLocation": "s3://kill/data/", "computeStatistics": true, "split": {"percentBegin": {{{begin}}}, "percentEnd": {{{end}}}}}""");
        }

        await client.Post("/v1/models", """{"id": "model", "trainingDatasourceId": "train"}""");
        await client.Post("/v1/evaluations", """{"id": "evaluation", "modelId": "model", "datasourceId": "test"}""");
        await client.Post(
            "/v1/batch-predictions",
            """{"id": "batch", "modelId": "model", "datasourceId": "test", "outputUri": "s3://kill/out/"}""");
    }

    /// <summary>All that a user could see of what the jobs made, as one text.</summary>
    private static async Task<string> Outcome(HttpClient client)
    {
        var lines = new List<string>();
        foreach (var source in new[] { "all", "train", "test" })
            lines.Add($"{source} {Hash(await Bytes(client, $"/v1/datasources/{source}/statistics"))}");
        lines.Add($"evaluation {Hash(await Bytes(client, "/v1/evaluations/evaluation/report"))}");
        lines.Add($"model {(await client.Get("/v1/models/model"))["sizeInBytes"]}");

        var rows = 0;
        foreach (var result in await Keys(client, "kill", "out/"))
        {
            var bytes = await client.Download($"kill/{result}");
            if (result.EndsWith(".gz", StringComparison.Ordinal))
            {
                using var reader = new StreamReader(new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress));
                var text = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
                rows += text.Count(letter => letter == '\n') - 1;
                bytes = System.Text.Encoding.UTF8.GetBytes(text);
            }

            lines.Add($"{result} {Hash(bytes)}");
        }

        lines.Add($"rows {rows}");

        // Each resource has the artifacts of one attempt, and no attempt but the one that completed left any.
        var artifacts = (await Keys(client, "mlservice", "")).Select(key => key.Split('/'));
        lines.AddRange(artifacts.GroupBy(key => $"{key[0]}/{key[1]}")
            .Select(group => $"{group.Key} {group.Select(key => key[2]).Distinct().Count()} {string.Join(' ', group.Select(key => key[^1]))}"));
        return string.Join('\n', lines);
    }

    private static async Task<IReadOnlyList<string>> Keys(HttpClient client, string bucket, string prefix) =>
        [.. (await client.Get($"/v1/objects/{bucket}?prefix={prefix}"))["objects"]!.AsArray()
            .Select(item => new Uri(item!["uri"]!.GetValue<string>()).AbsolutePath.TrimStart('/'))];

    private static async Task<byte[]> Bytes(HttpClient client, string path) =>
        System.Text.Encoding.UTF8.GetBytes((await client.Get(path)).ToJsonString());

    private static string Hash(byte[] bytes) => Convert.ToHexString(SHA256.HashData(bytes))[..16];
}
