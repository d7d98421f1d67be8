using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using MlService.Learning.Records;
using MlService.Learning.Schemas;
using MlService.Learning.Statistics;
using MlService.Problems;

namespace MlService.Tests.DataSources;

/// <summary>
/// One reading of the data serves the whole, its splits and its folds. Whether the rows were read again shows in what they say: after
/// the first reading they are others on the disk, under a version that says they are not.
/// </summary>
public sealed class KeptStatisticsTests(KeptStatisticsTests.KeepingService service) : IClassFixture<KeptStatisticsTests.KeepingService>
{
    private static readonly DataSchema Schema = new(
        [
            new("n", AttributeType.Numeric), new("c", AttributeType.Categorical), new("t", AttributeType.Text), new("y", AttributeType.Binary),
        ],
        hasHeader: true, target: "y");

    private static int _ids;

    private HttpClient Client => service.Client;

    [Theory]
    [InlineData("sequential", "0-100", "0-70 70-100 0-80 80-100 20-40 !20-40 25-50 0-100")]
    [InlineData("sequential", "0-12.5", "12.5-25 !12.5-25 87.5-100 0-100")]
    [InlineData("random", "0-65", "65-100 !0-65 0-100")]
    public async Task OneReadingServesTheWholeItsSplitsAndItsFolds(string strategy, string first, string others)
    {
        var (path, text) = await Upload();
        await AssertReport(path, text, first, strategy);
        Overwrite(path, text);
        foreach (var other in others.Split(' '))
            await AssertReport(path, text, other, strategy);
    }

    [Fact]
    public async Task DatasourcesMadeAtOnceShareOneReading()
    {
        var (path, text) = await Upload();
        var created = await Task.WhenAll(new[] { "0-100", "0-70", "70-100" }.Select(split => Create(path, split, "sequential")));
        foreach (var (id, split) in created.Zip(["0-100", "0-70", "70-100"]))
            Assert.Equal(Expected(text, Split(split, "sequential")), await Report(id));
        Assert.Single(created, id => Directory.EnumerateFiles(service.DataDirectory, "parts.json", SearchOption.AllDirectories)
            .Any(file => file.Contains($"/{id}/", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WhatWasKeptOfAnotherVersionOrIsGoneIsReadAnew(bool isChanged)
    {
        var (path, text) = await Upload();
        var first = await AssertReport(path, text, "0-100", "sequential");
        var next = Text(rows: 900, seed: 77);
        if (isChanged)
            await Client.Upload(path, next);
        else
        {
            Overwrite(path, text);
            next = Overwritten(text);
            await Client.DeleteAsync($"/v1/datasources/{first}", TestContext.Current.CancellationToken);
        }
        await AssertReport(path, next, "0-70", "sequential");
    }

    [Fact]
    public async Task WhatIsDamagedIsReadAnew()
    {
        var (path, text) = await Upload();
        var first = await AssertReport(path, text, "0-100", "sequential");
        foreach (var part in Directory.EnumerateFiles(service.DataDirectory, "part-*.bin", SearchOption.AllDirectories)
            .Where(file => file.Contains($"/{first}/", StringComparison.Ordinal)))
        {
            await File.WriteAllBytesAsync(part, (await File.ReadAllBytesAsync(part, TestContext.Current.CancellationToken))[..^5], TestContext.Current.CancellationToken);
        }
        await AssertReport(path, text, "0-70", "sequential");
    }

    private async Task<(string Path, string Text)> Upload()
    {
        var (path, text) = ($"kept/data-{Interlocked.Increment(ref _ids)}.csv", Text(rows: 1500, seed: _ids));
        await Client.Upload(path, text);
        return (path, text);
    }

    private static string Text(int rows, int seed)
    {
        var random = new Random(seed);
        var text = new StringBuilder("n,c,t,y\n");
        for (var row = 0; row < rows; row++)
            text.Append(CultureInfo.InvariantCulture, $"{random.Next(500)},c{random.Next(30)},word{random.Next(50)} and word{random.Next(9)},{random.Next(2)}\n");
        return text.ToString();
    }

    /// <summary>The same text with other values, each row as long as before.</summary>
    private static string Overwritten(string text) => "n,c,t,y\n" + text["n,c,t,y\n".Length..].Replace('c', 'd').Replace("word", "wort", StringComparison.Ordinal);

    /// <summary>Changes the rows behind the store's back: a file's version is its size and its time.</summary>
    private void Overwrite(string path, string text)
    {
        var file = Path.Combine(service.DataDirectory, "objects", path);
        var time = File.GetLastWriteTimeUtc(file);
        File.WriteAllText(file, Overwritten(text));
        File.SetLastWriteTimeUtc(file, time);
    }

    private async Task<string> AssertReport(string path, string text, string split, string strategy)
    {
        var id = await Create(path, split, strategy);
        Assert.Equal(Expected(text, Split(split, strategy)), await Report(id));
        return id;
    }

    private async Task<string> Create(string path, string split, string strategy)
    {
        var id = $"kept-{Interlocked.Increment(ref _ids)}";
        var ends = split.TrimStart('!').Split('-');
        var complement = split[0] == '!' ? "true" : "false";
        await Client.Post("/v1/datasources", $$"""
            { "id": "{{id}}", "dataLocation": "s3://{{path}}", "schema": {{Schema.ToJson()}},
              "split": { "percentBegin": {{ends[0]}}, "percentEnd": {{ends[1]}}, "strategy": "{{strategy}}", "seed": "s", "complement": {{complement}} } }
            """);
        return id;
    }

    private async Task<string> Report(string id)
    {
        await Client.Completed($"/v1/datasources/{id}");
        return (await Client.Get($"/v1/datasources/{id}/statistics")).ToJsonString();
    }

    private static DataSplit Split(string split, string strategy)
    {
        var ends = split.TrimStart('!').Split('-').Select(end => double.Parse(end, CultureInfo.InvariantCulture)).ToArray();
        return new DataSplit(ends[0], ends[1], strategy == "random" ? SplitStrategy.Random : SplitStrategy.Sequential, "s", split[0] == '!');
    }

    /// <summary>The report of one reading of the split's rows alone.</summary>
    private static string Expected(string text, DataSplit split)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        DataFile[] files = [DataSet.Inspect("memory", "1", new MemoryStream(bytes), bytes.Length, Schema)];
        using var reader = new RecordReader(Schema, files, DataSet.Shards(files, split, 1)[0], split, (_, offset, _) => new MemoryStream(bytes[(int)offset..]));
        var statistics = new DataStatistics(Schema);
        while (reader.Read())
            statistics.Add(reader.Record, reader.RowPosition);
        return JsonNode.Parse(System.Text.Json.JsonSerializer.Serialize(statistics.ToReport(), JsonRules.Options))!.ToJsonString();
    }

    /// <summary>A service that keeps statistics of the smallest data, and cuts it into shards.</summary>
    public sealed class KeepingService : IAsyncLifetime
    {
        private readonly RunningService _service = new() { More = ["--Jobs:MinPartedBytes=1", "--Jobs:MinShardBytes=10000", "--Jobs:ShardsPerJob=3"] };

        public HttpClient Client => _service.Client;

        public string DataDirectory => _service.DataDirectory;

        public ValueTask InitializeAsync() => _service.InitializeAsync();

        public ValueTask DisposeAsync() => _service.DisposeAsync();
    }
}
