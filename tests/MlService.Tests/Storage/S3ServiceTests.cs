using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using MlService.Learning;
using MlService.Storage;

namespace MlService.Tests.Storage;

/// <summary>The whole service with its objects on a real S3 server.</summary>
public sealed class S3ServiceTests(S3Server server) : IAsyncLifetime
{
    private readonly string _unique = "service-" + Guid.NewGuid().ToString("N")[..8];
    private readonly string _data = Directory.CreateTempSubdirectory("mlservice-s3-").FullName;
    private S3Options _options = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() =>
        _options = (await server.Options()).With(options => (options.ArtifactBucket, options.MaxRetries) = ($"{_unique}-artifacts", 1));

    public async ValueTask DisposeAsync()
    {
        if (_options is not null)
        {
            using var store = new S3ObjectStore(_options.With(options => options.ArtifactBucket = BucketName.Reserved));
            await S3Cleaning.DropBuckets(_options.With(options => options.ArtifactBucket = BucketName.Reserved), store, name => name.StartsWith(_unique, StringComparison.Ordinal));
        }

        Directory.Delete(_data, recursive: true);
    }

    // The id makes results hard to compress, so that they need several parts; y follows x.
    private static string Csv(int first, int rows)
    {
        var csv = new StringBuilder("id,x,y\n");
        for (var i = first; i < first + rows; i++)
            csv.Append(CultureInfo.InvariantCulture, $"{Id(i)},{i % 100},{(i % 100 > 60 ? 1 : 0)}\n");
        return csv.ToString();
    }

    private static string Id(int i)
    {
        var bytes = new byte[330];
        new Random(i).NextBytes(bytes);
        return Convert.ToBase64String(bytes);
    }

    private const string Schema = """
        {"version": "1.0", "rowId": "id", "targetAttributeName": "y", "dataFormat": "CSV", "dataFileContainsHeader": true, "attributes": [
          {"attributeName": "id", "attributeType": "CATEGORICAL"}, {"attributeName": "x", "attributeType": "NUMERIC"},
          {"attributeName": "y", "attributeType": "BINARY"}]}
        """;

    private async Task CreateAll(HttpClient client, int rows)
    {
        await client.Upload($"{_unique}/data/1.csv", Csv(0, rows));
        await client.Upload($"{_unique}/data/2.csv", Csv(rows, 100));
        var schema = JsonNode.Parse(Schema)!.ToJsonString();
        await client.Post("/v1/datasources", $$"""{"id": "all", "dataLocation": "s3://{{_unique}}/data/", "schema": {{schema}}, "computeStatistics": true}""");
        await client.Post("/v1/models", """{"id": "model", "trainingDatasourceId": "all", "recipe": {"groups": {}, "assignments": {}, "outputs": ["x"]}}""");
        await client.Post("/v1/evaluations", """{"id": "evaluation", "modelId": "model", "datasourceId": "all"}""");
        await client.Post("/v1/batch-predictions", $$"""{"id": "batch", "modelId": "model", "datasourceId": "all", "outputUri": "s3://{{_unique}}/out/"}""");
    }

    private async Task CheckResults(HttpClient client, int rows)
    {
        var batch = await client.Completed("/v1/batch-predictions/batch");
        Assert.Equal(rows + 100, (int)batch["totalRecordCount"]!);
        await client.Completed("/v1/evaluations/evaluation");
        var report = await client.Get("/v1/evaluations/evaluation/report");
        Assert.Equal(1.0, (double)report["auc"]!, 6);
        var first = await Lines(client, $"{_unique}/out/batch-prediction/result/batch-1.csv.gz");
        Assert.Equal(Enumerable.Range(0, rows).Select(Id), first.Skip(1).Select(line => line[..line.IndexOf(',', StringComparison.Ordinal)]));
        var second = await Lines(client, $"{_unique}/out/batch-prediction/result/batch-2.csv.gz");
        Assert.Equal(101, second.Length);
        using var store = new S3ObjectStore(_options);
        foreach (var bucket in new[] { _unique, BucketName.Reserved })
            Assert.Empty(await store.ListUploads(bucket, "", Cancellation).ToListAsync(Cancellation));
    }

    private static async Task<string[]> Lines(HttpClient client, string key)
    {
        using var reader = new StreamReader(new GZipStream(new MemoryStream(await client.Download(key)), CompressionMode.Decompress));
        return (await reader.ReadToEndAsync(Cancellation)).TrimEnd('\n').Split('\n');
    }

    [Fact, LongProof]
    public async Task APrefixOfMoreFilesThanAPageOfTheServersListIsReadRowByRow()
    {
        const int Files = 1200;
        await using var service = new RunningService { More = _options.ToArguments() };
        await service.InitializeAsync();
        await service.Client.Upload($"{_unique}/many/first.csv", "n\n-1\n"); // makes the bucket
        using var store = new S3ObjectStore(_options);
        await Parallel.ForAsync(0, Files, new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Cancellation }, async (number, cancel) =>
        {
            // Some are too large to be read as one piece, and one is gzip.
            var text = Encoding.UTF8.GetBytes("n\n" + string.Concat(Enumerable.Repeat($"{number}\n", number is 500 or 501 ? 100_000 : 1)));
            var isGzip = number == 700;
            await store.Put(new ObjectUri(_unique, $"many/{number:D4}.csv{(isGzip ? ".gz" : "")}"), new MemoryStream(isGzip ? Gzip(text) : text), cancellationToken: cancel);
        });

        await service.Client.Post("/v1/datasources", $$"""
            { "id": "many", "dataLocation": "s3://{{_unique}}/many/", "computeStatistics": true,
              "schema": { "version": "1.0", "dataFormat": "CSV", "dataFileContainsHeader": true, "attributes": [ { "attributeName": "n", "attributeType": "NUMERIC" } ] } }
            """);
        var source = await service.Client.Completed("/v1/datasources/many");
        Assert.Equal(Files - 2 + 200_000 + 1, (long)source["rows"]!);
        var statistics = await service.Client.Get("/v1/datasources/many/statistics");
        var mean = (Enumerable.Range(0, Files).Sum() - 1 + (500 + 501) * 99_999.0) / (Files - 2 + 200_000 + 1);
        Assert.Equal(mean, (double)statistics["attributes"]![0]!["numbers"]!["mean"]!, 1e-6);

        static byte[] Gzip(byte[] text)
        {
            using var packed = new MemoryStream();
            using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
                gzip.Write(text);
            return packed.ToArray();
        }
    }

    [Fact]
    public async Task TheMainJobRunsFromDataToPredictions()
    {
        await using var service = new RunningService { More = [.. _options.ToArguments(), "--Jobs:MinShardBytes=1000000", "--Jobs:ShardsPerJob=2"] };
        await service.InitializeAsync();
        await CreateAll(service.Client, 50_000);
        await CheckResults(service.Client, 50_000);

        // What does not fit into one part of 8 MiB has several, which the ETag tells.
        using var result = await service.Client.SendAsync(
            new HttpRequestMessage(HttpMethod.Head, $"/v1/objects/{_unique}/out/batch-prediction/result/batch-1.csv.gz"), Cancellation);
        Assert.Matches("-[2-9]\"$", result.Headers.ETag!.Tag);
        // Links lead to the storage itself, and need no key.
        using var stranger = new HttpClient();
        var log = await stranger.GetStringAsync((string)(await service.Client.Get("/v1/models/model"))["logUri"]!, Cancellation);
        Assert.Equal(await service.Client.GetStringAsync("/v1/models/model/log", Cancellation), log);
        var links = (await service.Client.Get("/v1/batch-predictions/batch/results"))["results"]!.AsArray();
        Assert.Equal([$"s3://{_unique}/data/1.csv", $"s3://{_unique}/data/2.csv"], links.Select(link => (string?)link!["input"]));
        var linked = await stranger.GetByteArrayAsync((string)links[1]!["url"]!, Cancellation);
        Assert.Equal(await service.Client.Download($"{_unique}/out/batch-prediction/result/batch-2.csv.gz"), linked);
        Assert.StartsWith(_options.Endpoint!, (string)links[1]!["url"]!, StringComparison.Ordinal);

        Assert.Equal("ok", (string?)(await service.Client.Get("/health/ready"))["parts"]!["storage"]);
        Assert.False(Directory.Exists(Path.Combine(service.DataDirectory, "objects")));
        var buckets = (await service.Client.Get("/v1/objects"))["buckets"]!.AsArray().Select(name => (string)name!).ToList();
        Assert.Contains("mlservice", buckets);
        Assert.DoesNotContain(_options.ArtifactBucket, buckets);
        using var hidden = await service.Client.GetAsync($"/v1/objects/{_options.ArtifactBucket}", Cancellation);
        Assert.Equal(HttpStatusCode.Forbidden, hidden.StatusCode);
    }

    [Fact, LongProof]
    public async Task WhatAKilledProcessWasUploadingIsDroppedAndWrittenAnew()
    {
        string[] more = [.. _options.ToArguments(), "--Jobs:MinShardBytes=1000000", "--Jobs:ShardsPerJob=2"];
        using var store = new S3ObjectStore(_options);
        await using (var killed = await ServiceProcess.Start(_data, more))
        {
            await CreateAll(killed.Client, 8000);
            while (!await store.ListUploads(_unique, "out/", Cancellation).AnyAsync(Cancellation))
                await Task.Delay(5, Cancellation);
            await killed.Kill();
        }

        // Whether the process died with its upload is up to the moment; this one certainly is what it would leave.
        await store.BeginUpload(new ObjectUri(_unique, "out/batch-prediction/result/batch-1.csv.gz"), Cancellation);
        await using var again = await RunningService.Start(_data, more);
        await again.Client.Completed("/v1/batch-predictions/batch");
        await CheckResults(again.Client, 8000);
    }

    [Fact]
    public async Task AServiceWithWrongKeysDoesNotStartAndSaysWhy()
    {
        var wrong = _options.With(options => options.SecretKey = "wrong").ToArguments();
        await using var app = ServiceApplication.Build(["--urls=http://127.0.0.1:0", $"--Data:Directory={_data}", .. wrong]);
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => ServiceApplication.Start(app, Cancellation));
        Assert.Contains("Storage:S3:SecretKey", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AServiceWhoseServerGoesAwayBeforeItsBucketIsMadeStarts()
    {
        using var proxy = LosingProxy.ForHttp(_options.Endpoint!, line => line.StartsWith("PUT ", StringComparison.Ordinal));
        await using var service = new RunningService { More = _options.With(options => (options.Endpoint, options.MaxRetries) = ($"http://{proxy.Address}", 0)).ToArguments() };
        await service.InitializeAsync();
        Assert.Equal(1, proxy.Lost);
    }

    [Fact]
    public async Task AServiceWhoseServerIsDownStartsAndIsNotReady()
    {
        await using var service = new RunningService { More = _options.With(options => options.Endpoint = "http://127.0.0.1:1").ToArguments() };
        await service.InitializeAsync();
        using var live = await service.Client.GetAsync("/health/live", Cancellation);
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        using var ready = await service.Client.GetAsync("/health/ready", Cancellation);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        var parts = JsonNode.Parse(await ready.Content.ReadAsStringAsync(Cancellation))!["parts"]!;
        Assert.Contains("http://127.0.0.1:1", (string)parts["storage"]!, StringComparison.Ordinal);
        Assert.Equal("ok", (string?)parts["metadata"]);

        using var upload = await service.Client.PutAsync("/v1/objects/bucket/key", new StringContent("x"), Cancellation);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, upload.StatusCode);
        Assert.Equal("/problems/unavailable", (string?)JsonNode.Parse(await upload.Content.ReadAsStringAsync(Cancellation))!["type"]);
    }
}
