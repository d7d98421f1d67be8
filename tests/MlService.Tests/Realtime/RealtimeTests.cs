using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using MlService.Problems;
using MlService.Realtime;
using MlService.Samples;
using MlService.Tests.Access;

namespace MlService.Tests.Realtime;

/// <summary>Predictions over HTTP, by a model that was trained over HTTP.</summary>
public sealed class RealtimeTests(RealtimeTests.TrainedService service) : IClassFixture<RealtimeTests.TrainedService>
{
    private HttpClient Client => service.Client;

    [Fact]
    public async Task RealTimeSaysWhatTheBatchSays()
    {
        await Client.Post(
            "/v1/datasources", """{"id": "batch-data", "dataLocation": "s3://samples/banking-batch.csv", "computeStatistics": false}""");
        await Client.Post(
            "/v1/batch-predictions",
            """{"id": "batch", "modelId": "bank", "datasourceId": "batch-data", "outputUri": "s3://realtime/out/"}""");
        await Client.Completed("/v1/batch-predictions/batch");
        var gzip = await Client.Download("realtime/out/batch-prediction/result/batch-banking-batch.csv.gz");
        using var results = new StreamReader(new GZipStream(new MemoryStream(gzip), CompressionMode.Decompress));
        Assert.Equal("bestAnswer,score", await results.ReadLineAsync(TestContext.Current.CancellationToken));

        foreach (var record in Records(50))
        {
            var expected = (await results.ReadLineAsync(TestContext.Current.CancellationToken))!.Split(',');
            var answer = await Predict(record);
            Assert.Equal(expected[0], answer["predictedLabel"]!.GetValue<string>());
            // The batch prints seven significant digits.
            Assert.Equal(double.Parse(expected[1], CultureInfo.InvariantCulture), Score(answer), Score(answer) * 1e-6 + 1e-12);
        }
    }

    [Fact]
    public async Task ContributionsAddUpToTheScore()
    {
        foreach (var record in Records(10))
        {
            var answer = await Predict(record, "?explain=true");
            var explanation = answer["explanation"]!;
            var sum = explanation["intercept"]!.GetValue<double>()
                + explanation["contributions"]!.AsArray().Sum(part => part!["contribution"]!.GetValue<double>());
            Assert.Equal(explanation["score"]!.GetValue<double>(), sum, 9);
            Assert.Equal(1 / (1 + Math.Exp(-sum)), Score(answer), 6);
            Assert.NotEmpty(explanation["contributions"]!.AsArray());
        }
    }

    [Fact]
    public async Task TextNumbersBooleansAndNullAreTakenForWhatTheyAreInTheFile()
    {
        var asText = await Predict(new JsonObject { ["age"] = "44", ["job"] = "student", ["duration"] = "300", ["euribor3m"] = "" });
        var asNumbers = await Predict(new JsonObject { ["age"] = 44, ["job"] = " student ", ["duration"] = 3e2, ["euribor3m"] = null, [" y"] = true });
        Assert.Equal(Score(asText), Score(asNumbers));
    }

    [Theory]
    [InlineData("""{"record": {"aeg": 44}}""", "aeg")]
    [InlineData("""{"record": {"age": [44]}}""", "record.age")]
    [InlineData("""{"rekord": {"age": 44}}""", "rekord")]
    [InlineData("""{"record": 7}""", "record")]
    [InlineData("""{}""", "record")]
    [InlineData("""[]""", "record")]
    [InlineData("""{"record": {"age": 44}""", "line 1")]
    [InlineData("""{"record": {"age": 44}} tail""", "line 1")]
    [InlineData("""{"record": {"job": "\ud800"}}""", "Unicode")]
    [InlineData("""{"record": {"\ud800": 44}}""", "Unicode")]
    [InlineData("""{"record": {"age": NaN}}""", "line 1")]
    [InlineData("", "JSON")]
    public async Task ARequestThatIsNoneIsRefusedWithItsFault(string body, string expected)
    {
        using var response = await Post("bank", body);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        Assert.Contains(expected, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TextThatIsNotUtf8IsRefused()
    {
        using var body = new ByteArrayContent([.. """{"record": {"job": "caf"""u8, 0xE9, .. "\"}}"u8]) { Headers = { ContentType = new("application/json") } };
        using var response = await Client.PostAsync("/realtime/bank", body, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("Unicode", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ARecordOfMoreThanAHundredKilobytesIsRefused()
    {
        using var response = await Post("bank", $$$"""{"record": {"job": "{{{new string('x', 110_000)}}}"}}""");
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        using var huge = await Post("bank", $$$"""{"record": {"job": "{{{new string('x', 2_000_000)}}}"}}""");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, huge.StatusCode);
    }

    [Fact]
    public async Task AnUnknownModelIsNotFoundAndAClosedEndpointSaysHowToOpenIt()
    {
        using var unknown = await Post("nobody", """{"record": {}}""");
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);

        await Client.Post("/v1/models", """{"id": "closed", "trainingDatasourceId": "bank-data", "parameters": {"sgd.maxPasses": 1}}""");
        await Client.Completed("/v1/models/closed");
        using var closed = await Post("closed", """{"record": {}}""");
        Assert.Equal(HttpStatusCode.Conflict, closed.StatusCode);
        Assert.Contains(
            "PUT /v1/models/closed/endpoint",
            await closed.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
            StringComparison.Ordinal);

        using var opened = await Client.PutAsync("/v1/models/closed/endpoint", null, TestContext.Current.CancellationToken);
        var endpoint = JsonNode.Parse(await opened.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal("READY", endpoint["status"]!.GetValue<string>());
        using var answered = await Client.PostAsync(
            endpoint["url"]!.GetValue<string>(), Json("""{"record": {}}"""), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answered.StatusCode);

        using var refused = await Client.DeleteAsync("/v1/models/closed", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        using var shut = await Client.DeleteAsync("/v1/models/closed/endpoint", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, shut.StatusCode);
        using var again = await Post("closed", """{"record": {}}""");
        Assert.Equal(HttpStatusCode.Conflict, again.StatusCode);
        using var deleted = await Client.DeleteAsync("/v1/models/closed", TestContext.Current.CancellationToken);
        Assert.True(deleted.IsSuccessStatusCode);
    }

    [Fact]
    public async Task AMovedThresholdDecidesTheLabelSoonAfter()
    {
        await Client.Post("/v1/models", """{"id": "moved", "trainingDatasourceId": "bank-data", "parameters": {"sgd.maxPasses": 1}}""");
        await Client.Completed("/v1/models/moved");
        using var opened = await Client.PutAsync("/v1/models/moved/endpoint", null, TestContext.Current.CancellationToken);
        var record = Records(1).Single();
        await Client.Patch("/v1/models/moved", """{"scoreThreshold": 0}""");
        await UntilLabel("1");
        await Client.Patch("/v1/models/moved", """{"scoreThreshold": 1}""");
        await UntilLabel("0");

        async Task UntilLabel(string label)
        {
            var deadline = DateTime.UtcNow.AddSeconds(30);
            JsonNode answer;
            do
            {
                Assert.True(DateTime.UtcNow < deadline, $"The label does not become {label}.");
                answer = await Predict(record, model: "moved");
            }
            while (answer["predictedLabel"]!.GetValue<string>() != label);
            // The score is that of label 1 whichever label it leads to.
            Assert.Equal(label, answer["predictedScores"]!.AsObject().Single().Key);
        }
    }

    [Fact]
    public async Task AnEndpointThatAnotherProcessClosesIsClosedWithinASecond()
    {
        var time = new ManualTime();
        using var endpoints = OfAnotherProcess(time);
        await endpoints.Find("bank", time.GetTimestamp(), TestContext.Current.CancellationToken);
        using (await Client.DeleteAsync("/v1/models/bank/endpoint", TestContext.Current.CancellationToken))
            time.Advance(TimeSpan.FromSeconds(0.999));
        var closed = await Assert.ThrowsAsync<ProblemException>(
            async () => await endpoints.Find("bank", time.GetTimestamp(), TestContext.Current.CancellationToken));
        Assert.Equal(409, closed.Kind.Status);
        using var opened = await Client.PutAsync("/v1/models/bank/endpoint", null, TestContext.Current.CancellationToken);
        await endpoints.Find("bank", time.GetTimestamp(), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task AClosedEndpointIsClosedWithinASecondAlsoWhereTheStoreIsSlow()
    {
        var (time, store) = (new ManualTime(), new SlowStore(service.MetadataFile));
        using var endpoints = OfAnotherProcess(time, store);
        await Find();
        time.Advance(TimeSpan.FromSeconds(1));
        store.IsSlow = true;
        var before = Find();
        await store.HasRead; // a row of an open endpoint
        using (await Client.DeleteAsync("/v1/models/bank/endpoint", TestContext.Current.CancellationToken))
            time.Advance(TimeSpan.FromSeconds(1));
        var after = Find();
        store.IsSlow = false;

        await before;
        var closed = await Assert.ThrowsAsync<ProblemException>(() => after);
        Assert.Equal(409, closed.Kind.Status);
        using var opened = await Client.PutAsync("/v1/models/bank/endpoint", null, TestContext.Current.CancellationToken);

        Task<Predictor> Find() => endpoints.Find("bank", time.GetTimestamp(), TestContext.Current.CancellationToken).AsTask();
    }

    [Fact]
    public async Task AnEndpointThatNobodyCallsIsDroppedAndLoadedAgainForTheNextCall()
    {
        var time = new ManualTime();
        using var endpoints = OfAnotherProcess(time);
        await endpoints.Find("bank", time.GetTimestamp(), TestContext.Current.CancellationToken);
        foreach (var (minutes, atHand) in new[] { (14, 1), (2, 0) })
        {
            time.Advance(TimeSpan.FromMinutes(minutes));
            endpoints.DropIdle();
            Assert.Equal(atHand, endpoints.AtHand);
        }

        await endpoints.Find("bank", time.GetTimestamp(), TestContext.Current.CancellationToken);
        Assert.Equal(1, endpoints.AtHand);
    }

    [Fact]
    public async Task ManyRequestsAtOnceGetEachTheirOwnAnswer()
    {
        var records = Records(40).ToList();
        var alone = new List<double>();
        foreach (var record in records)
            alone.Add(Score(await Predict(record)));
        var together = await Task.WhenAll(Enumerable.Range(0, 400).Select(async index => Score(await Predict(records[index % 40]))));
        Assert.All(together.Index(), item => Assert.Equal(alone[item.Index % 40], item.Item));
        Assert.True(alone.Distinct().Count() > 20);
    }

    [Fact]
    public async Task CallsAreCountedByWhetherTheyWereAnswered()
    {
        var record = Records(1).Single();
        using var opened = await Client.PutAsync("/v1/models/bank/endpoint", null, TestContext.Current.CancellationToken);
        await Predict(record);
        var before = Counted();
        for (var i = 0; i < 3; i++)
            await Predict(record);
        using var refused = await Post("bank", """{"record": 7}""");
        Assert.Equal((before.Requests + 4, before.Failed + 1), Counted());

        var traffic = await Client.Get("/v1/models/bank/endpoint/traffic");
        Assert.Equal((1, 180), ((int)traffic["processes"]!, traffic["slots"]!.AsArray().Count));
        Assert.Equal(HttpStatusCode.NotFound, (await Client.GetAsync("/v1/models/nobody/endpoint/traffic", TestContext.Current.CancellationToken)).StatusCode);

        (long Requests, long Failed) Counted()
        {
            var slots = service.Services.GetRequiredService<RealtimeEndpoints>().TrafficHere("bank");
            return (slots.Sum(slot => slot.Requests), slots.Sum(slot => slot.Failed));
        }
    }

    private RealtimeEndpoints OfAnotherProcess(params object[] own) => ActivatorUtilities.CreateInstance<RealtimeEndpoints>(service.Services, own);

    private static IEnumerable<JsonObject> Records(int count)
    {
        using var reader = new StreamReader(BankingSample.Batch.OpenRead());
        var names = reader.ReadLine()!.Split(',');
        for (var row = 0; row < count; row++)
        {
            var values = reader.ReadLine()!.Split(',');
            yield return new JsonObject(names.Zip(values, (name, value) => KeyValuePair.Create(name, (JsonNode?)JsonValue.Create(value))));
        }
    }

    private static double Score(JsonNode answer) => answer["predictedScores"]!.AsObject().Single().Value!.GetValue<double>();

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    private Task<HttpResponseMessage> Post(string model, string body) =>
        Client.PostAsync($"/realtime/{model}", Json(body), TestContext.Current.CancellationToken);

    private Task<JsonNode> Predict(JsonObject record, string query = "", string model = "bank") =>
        Client.Post($"/realtime/{model}{query}", new JsonObject { ["record"] = record.DeepClone() }.ToJsonString());

    /// <summary>A service with the sample data, the model <c>bank</c> trained on it, and its endpoint open.</summary>
    public sealed class TrainedService : IAsyncLifetime
    {
        private readonly RunningService _service = new();

        public HttpClient Client => _service.Client;

        public IServiceProvider Services => _service.Services;

        public string MetadataFile => Path.Combine(_service.DataDirectory, "metadata.db");

        public async ValueTask InitializeAsync()
        {
            await _service.InitializeAsync();
            await Client.Upload("samples/banking-batch.csv", BankingSample.Batch.OpenRead());
            await Client.Upload("realtime/bank.csv", BankingSample.Labelled.OpenRead());
            await Client.Post("/v1/datasources", """{"id": "bank-data", "dataLocation": "s3://realtime/bank.csv", "computeStatistics": true}""");
            await Client.Post("/v1/models", """{"id": "bank", "trainingDatasourceId": "bank-data"}""");
            await Client.Completed("/v1/models/bank");
            using var opened = await Client.PutAsync("/v1/models/bank/endpoint", null);
            Assert.True(opened.IsSuccessStatusCode);
        }

        public ValueTask DisposeAsync() => _service.DisposeAsync();
    }
}
