using System.IO.Compression;
using System.Text;

namespace MlService.Tests.DataSources;

/// <summary>Data that cannot be used ends in a message for its owner, and the service goes on.</summary>
public sealed class BadDataTests(RunningService service) : IClassFixture<RunningService>
{
    private const string Schema = """
        {"version": "1.0", "dataFormat": "CSV", "dataFileContainsHeader": true, "targetAttributeName": "y", "attributes": [
          {"attributeName": "n", "attributeType": "NUMERIC"}, {"attributeName": "c", "attributeType": "CATEGORICAL"},
          {"attributeName": "y", "attributeType": "BINARY"}]}
        """;

    private static int _ids;

    private HttpClient Client => service.Client;

    public static TheoryData<string, byte[], string[]> Unusable => new()
    {
        { "empty", [], ["is empty", "empty.csv"] },
        { "header-only", Text("n,c,y\n"), ["no row of data"] },
        { "other-columns", Text("a,b\n1,2\n3,4\n"), ["schema", "3"] },
        { "ragged", Text("n,c,y\n" + string.Concat(Enumerable.Repeat("1,2\n", 20))), ["rejected", "2", "3"] },
        { "old-mac", Text("n,c,y\r1,a,0\r2,b,1\r"), ["CR"] },
        { "zip", [.. "PK\u0003\u0004"u8, .. new byte[2000]], ["zip"] },
        { "utf-16-without-mark", Encoding.Unicode.GetBytes("n,c,y\n1,a,0\n"), ["UTF-16"] },
        { "nul", [.. "n,c,y\n"u8, 0, 1, 2, 3, 0, 0, 10], ["NUL"] },
        { "cut-gzip", Gzip("n,c,y\n" + string.Concat(Enumerable.Range(0, 5000).Select(row => $"{row * 7919 % 104729},c{row * 31},1\n")))[..^2000], ["gzip"] },
        { "not-gzip", [0x1F, 0x8B, 8, 0, .. Encoding.ASCII.GetBytes(new string('x', 500))], ["gzip"] },
    };

    [Theory]
    [MemberData(nameof(Unusable))]
    public async Task AFileThatCannotBeUsedFailsWithAReasonThatNamesIt(string name, byte[] content, string[] expected)
    {
        await Client.Upload($"bad/{name}.csv", new MemoryStream(content));
        var message = await Client.Failed(await Create($"s3://bad/{name}.csv"));
        Assert.All(expected, part => Assert.Contains(part, message, StringComparison.OrdinalIgnoreCase));
        await AssertAlive();
    }

    [Fact]
    public async Task AMissingObjectFailsWithItsName()
    {
        await Client.Upload("bad/there.csv", "n,c,y\n1,a,0\n");
        var message = await Client.Failed(await Create("s3://bad/nowhere.csv"));
        Assert.Contains("s3://bad/nowhere.csv", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnEmptyPrefixFailsWithItsName()
    {
        await Client.Upload("bad/there.csv", "n,c,y\n1,a,0\n");
        Assert.Contains("s3://bad/none/", await Client.Failed(await Create("s3://bad/none/")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatASpreadsheetWritesIsReadAsItIs()
    {
        await Client.Upload("bad/spreadsheet.csv", new MemoryStream([0xFF, 0xFE, .. Encoding.Unicode.GetBytes("n;c;y\r\n1;\"a;b\";0\r\n2;ü;1\r\n")]));
        var source = await Client.Completed(await Create("s3://bad/spreadsheet.csv"));
        Assert.Equal(2, source["rows"]!.GetValue<long>());
        var report = await Client.GetStringAsync($"/v1/datasources/{source["id"]}/statistics", TestContext.Current.CancellationToken);
        Assert.Contains("\"a;b\"", report, StringComparison.Ordinal);
        Assert.Contains("\"ü\"", System.Text.RegularExpressions.Regex.Unescape(report), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AFewRaggedRowsAreCountedAndTheRestIsUsed()
    {
        await Client.Upload("bad/few.csv", "n,c,y\n1,a,0\n2,b\n3,c,1\n4,\"d,1\n5,e,0\n");
        var source = await Client.Completed(await Create("s3://bad/few.csv"));
        Assert.Equal(3, source["rows"]!.GetValue<long>());
        Assert.Equal(2, source["rejectedRows"]!.GetValue<long>());
        Assert.Contains("2 of 5 rows", source["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task MoreThanTenThousandRejectedRowsFailTheWholeFile()
    {
        var text = "n,c,y\n" + string.Concat(Enumerable.Repeat("1,a,0\n2,b\n", 10_001));
        await Client.Upload("bad/many.csv", text);
        Assert.Contains("More than 10000 rows", await Client.Failed(await Create("s3://bad/many.csv")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task NumbersThatAreNoneAreCountedAsInvalid()
    {
        await Client.Upload("bad/numbers.csv", "n,c,y\nNaN,a,0\n1e999,b,1\n-Infinity,c,1\nabc,d,0\n,e,1\n7,f,0\n");
        var path = await Create("s3://bad/numbers.csv");
        await Client.Completed(path);
        var report = await Client.Get(path + "/statistics");
        var n = report["attributes"]!.AsArray().Single(attribute => attribute!["name"]!.GetValue<string>() == "n")!;
        Assert.Equal(4, n["invalid"]!.GetValue<long>());
        Assert.Equal(1, n["missing"]!.GetValue<long>());
    }

    [Fact, LongProof]
    public async Task ALineOfAHundredMegabytesIsRejectedWithoutBeingHeld()
    {
        var data = Directory.CreateTempSubdirectory("mlservice-test-").FullName;
        // The runtime lets it have 80 MB, so that who holds the line runs out of memory.
        await using (var limited = await ServiceProcess.Start(
            new Dictionary<string, string> { ["DOTNET_GCHeapHardLimit"] = "0x5000000" }, ServiceProcess.Arguments(data)))
        {
            await limited.Client.Upload("bad/long.csv", new LongLine("n,c,y\n1,a,0\n", 100 << 20, "\n2,b,1\n"));
            var source = await limited.Client.Completed(await Create(limited.Client, "s3://bad/long.csv"));
            Assert.Equal(2, source["rows"]!.GetValue<long>());
            Assert.Equal(1, source["rejectedRows"]!.GetValue<long>());
        }
        Directory.Delete(data, recursive: true);
    }

    [Theory]
    [InlineData("""{"dataLocation": "s3://bad/there.csv", "dataLokation": 1}""", "dataLokation")]
    [InlineData("""{"dataLocation": 7}""", "dataLocation")]
    [InlineData("""{"dataLocation": "http://bad/there.csv"}""", "s3://")]
    [InlineData("""{"dataLocation": "s3://B_A_D/there.csv"}""", "bucket")]
    [InlineData("""{}""", "dataLocation")]
    [InlineData("""{"dataLocation": "s3://bad/there.csv", "schema": {"version": "1.0", "attributes": []}}""", "attributes")]
    [InlineData("""{"dataLocation": "s3://bad/there.csv", "split": {"percentBegin": 80, "percentEnd": 20}}""", "percentBegin")]
    [InlineData("""{"dataLocation": """, "line")]
    public async Task ARequestThatIsWrongIsRefusedWithTheFieldAtFault(string body, string expected)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await Client.PostAsync("/v1/datasources", content, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal(400, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        Assert.Contains(expected, text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task ATargetWithOneClassFailsTheModel()
    {
        await Client.Upload("bad/one-class.csv", "n,c,y\n1,a,0\n2,b,0\n3,c,0\n");
        var message = await TrainOn("s3://bad/one-class.csv");
        Assert.Contains("the same value of the target \"y\"", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ATargetWithoutAUsableLabelFailsTheModel()
    {
        await Client.Upload("bad/labels.csv", "n,c,y\n1,a,maybe\n2,b,perhaps\n3,c,maybe\n");
        Assert.Contains("3 have no valid value of the target \"y\"", await TrainOn("s3://bad/labels.csv"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatDependsOnAFailureFailsAndSaysSo()
    {
        // One call makes all five resources at once, so the model is there before its datasource can have failed.
        var made = await Client.Post("/v1/train", $$"""{"dataLocation": "s3://bad/vanished.csv", "target": "y", "schema": {{Schema}}}""");
        var evaluation = await Client.Failed($"/v1/evaluations/{made["evaluationId"]}");
        var model = await Client.Failed($"/v1/models/{made["modelId"]}");
        Assert.Contains($"'{made["trainingDatasourceId"]}' failed", model, StringComparison.Ordinal);
        Assert.Contains("s3://bad/vanished.csv", model, StringComparison.Ordinal);
        Assert.Contains("failed", evaluation, StringComparison.Ordinal);
    }

    private async Task<string> TrainOn(string location)
    {
        var source = (await Create(location)).Split('/')[^1];
        var model = await Client.Post("/v1/models", $$"""{"trainingDatasourceId": "{{source}}"}""");
        var message = await Client.Failed($"/v1/models/{model["id"]}");
        await AssertAlive();
        return message;
    }

    private Task<string> Create(string location) => Create(Client, location);

    private static async Task<string> Create(HttpClient client, string location)
    {
        var id = $"bad-{Interlocked.Increment(ref _ids)}";
        await client.Post(
            "/v1/datasources", $$"""{"id": "{{id}}", "dataLocation": "{{location}}", "schema": {{Schema}}, "computeStatistics": true}""");
        return $"/v1/datasources/{id}";
    }

    private async Task AssertAlive()
    {
        using var response = await Client.GetAsync("/health/ready", TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode);
    }

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    private static byte[] Gzip(string text)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Optimal))
            gzip.Write(Text(text));
        return bytes.ToArray();
    }

    /// <summary>A head, many times the letter x, a tail; made while it is read.</summary>
    private sealed class LongLine(string head, long middle, string tail) : Stream
    {
        private readonly byte[] _head = Text(head);
        private readonly byte[] _tail = Text(tail);
        private long _position;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => _head.Length + middle + _tail.Length;

        public override long Position { get => _position; set => throw new NotSupportedException(); }

        public override int Read(Span<byte> buffer)
        {
            var tail = _position - _head.Length - middle;
            if (_position >= _head.Length && tail < 0)
            {
                var filled = (int)Math.Min(buffer.Length, -tail);
                buffer[..filled].Fill((byte)'x');
                _position += filled;
                return filled;
            }
            var rest = tail < 0 ? _head.AsSpan((int)_position) : _tail.AsSpan((int)tail);
            var count = Math.Min(buffer.Length, rest.Length);
            rest[..count].CopyTo(buffer);
            _position += count;
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() { }
    }
}
