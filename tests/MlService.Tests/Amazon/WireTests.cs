using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.Extensions.Logging.Abstractions;
using MlService.Amazon;

namespace MlService.Tests.Amazon;

/// <summary>What no well-meaning client sends, and what clients rely on without asking: the protocol byte by byte.</summary>
public sealed class WireTests(RunningService service) : IClassFixture<RunningService>
{
    private HttpClient Client => service.Client;

    [Theory]
    [InlineData("AmazonML_20141212.DescribeEverything")]
    [InlineData("AmazonML_20141212.")]
    [InlineData("AmazonML_20141212.describeMLModels")]
    [InlineData("AmazonML_20990101.DescribeMLModels")]
    [InlineData("DynamoDB_20120810.ListTables")]
    public async Task AnUnknownTargetIsAnUnknownOperation(string target) => await Client.Refused(target, "{}", "UnknownOperationException");

    [Fact]
    public async Task ACallWithoutTargetIsAnUnknownOperation()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = new StringContent("{}", Encoding.UTF8) };
        request.Content.Headers.ContentType = new("application/x-amz-json-1.1");
        var (status, body) = await Client.Amazon(request);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("UnknownOperationException", (string?)body["__type"]);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("null")]
    [InlineData("{} {}")]
    [InlineData("not json")]
    [InlineData("""{"MLModelId": 7}""")]
    [InlineData("""{"MLModelId": ["a"]}""")]
    [InlineData("""{"MLModelId": {"a": "b"}}""")]
    [InlineData("""{"MLModelId": "\ud800"}""")]
    [InlineData("""{"MLModelId": "m", "Verbose": "true"}""")]
    [InlineData("""{"MLModelId": "m", "Verbose": 1}""")]
    public async Task WhatIsNotJsonOfTheRightTypesIsASerializationError(string body) =>
        await Client.Refused("GetMLModel", body, "SerializationException");

    [Theory]
    [InlineData("GetMLModel", "{}", "MLModelId")]
    [InlineData("GetMLModel", "", "MLModelId")]
    [InlineData("GetMLModel", """{"MLModelId": null}""", "MLModelId")]
    [InlineData("GetMLModel", """{"mlModelId": "m"}""", "MLModelId")]
    [InlineData("GetMLModel", """{"MLModelId": ""}""", "MLModelId")]
    [InlineData("GetMLModel", """{"MLModelId": "a b"}""", "MLModelId")]
    [InlineData("GetMLModel", """{"MLModelId": "m\n"}""", "MLModelId")]
    [InlineData("UpdateMLModel", """{"MLModelId": "m"}""", "ScoreThreshold")]
    [InlineData("UpdateEvaluation", """{"EvaluationId": "e", "EvaluationName": "  "}""", "EvaluationName")]
    [InlineData("DescribeMLModels", """{"Limit": 0}""", "Limit")]
    [InlineData("DescribeMLModels", """{"Limit": 101}""", "Limit")]
    [InlineData("DescribeMLModels", """{"SortOrder": "desc"}""", "SortOrder")]
    [InlineData("DescribeMLModels", """{"EQ": "x"}""", "FilterVariable")]
    [InlineData("DescribeMLModels", """{"FilterVariable": "Colour", "EQ": "x"}""", "FilterVariable")]
    [InlineData("DescribeEvaluations", """{"FilterVariable": "TrainingDataURI", "EQ": "x"}""", "FilterVariable")]
    [InlineData("DescribeMLModels", """{"FilterVariable": "CreatedAt", "GT": "yesterday"}""", "CreatedAt")]
    [InlineData("DescribeMLModels", """{"FilterVariable": "LastUpdatedAt", "LE": "soon"}""", "LastUpdatedAt")]
    [InlineData("DescribeMLModels", """{"NextToken": "no token"}""", "NextToken")]
    [InlineData("DescribeMLModels", """{"FilterVariable": "Status", "EQ": "DONE"}""", "Status 'DONE'")]
    [InlineData("DescribeMLModels", """{"FilterVariable": "RealtimeEndpointStatus", "EQ": "OPEN"}""", "RealtimeEndpointStatus 'OPEN'")]
    [InlineData("CreateMLModel", """{"MLModelId": "m", "MLModelType": "CLUSTERING", "TrainingDataSourceId": "d"}""", "MLModelType")]
    [InlineData("CreateMLModel", """{"MLModelId": "m", "MLModelType": "BINARY", "TrainingDataSourceId": "none"}""", "TrainingDataSourceId")]
    [InlineData("CreateMLModel", """{"MLModelId": "..", "MLModelType": "BINARY", "TrainingDataSourceId": "none"}""", "MLModelId '..'")]
    [InlineData("CreateEvaluation", """{"EvaluationId": "e", "MLModelId": "none", "EvaluationDataSourceId": "none"}""", "MLModelId")]
    [InlineData("CreateDataSourceFromS3", """{"DataSourceId": "d", "DataSpec": {"DataLocationS3": "http://x/y"}}""", "DataSpec.DataLocationS3")]
    [InlineData("CreateDataSourceFromS3", """{"DataSourceId": "d", "DataSpec": {}}""", "DataSpec.DataLocationS3")]
    [InlineData("CreateDataSourceFromS3", """{"DataSourceId": "d", "DataSpec": {"DataLocationS3": "s3://bucket/key", "DataSchema": "{"}}""", "DataSchema")]
    [InlineData("CreateDataSourceFromS3", """{"DataSourceId": "d", "DataSpec": {"DataLocationS3": "s3://bucket/key", "DataRearrangement": "{"}}""", "DataRearrangement")]
    [InlineData("Predict", """{"MLModelId": "m", "Record": {}}""", "PredictEndpoint")]
    [InlineData("AddTags", """{"ResourceId": "m", "ResourceType": "Model", "Tags": []}""", "ResourceType")]
    public async Task WhatBreaksARuleOfTheModelIsInvalidInputWithTheMemberAtFault(string operation, string body, string member) =>
        Assert.Contains(member, await Client.Refused(operation, body, "InvalidInputException"), StringComparison.Ordinal);

    [Fact]
    public async Task WhatIsTooLongIsRefused()
    {
        await Client.Refused("GetMLModel", $$"""{"MLModelId": "{{new string('m', 65)}}"}""", "InvalidInputException");
        await Client.Refused("UpdateMLModel", $$"""{"MLModelId": "m", "MLModelName": "{{new string('m', 1025)}}"}""", "InvalidInputException");
        await Client.Refused("AddTags", $$"""{"ResourceId": "m", "ResourceType": "MLModel", "Tags": [{{string.Join(',', Enumerable.Range(0, 101).Select(i => $$"""{"Key": "k{{i}}"}"""))}}]}""", "InvalidInputException");
        await Client.Refused("Predict", $$$"""{"MLModelId": "m", "Record": {"{{{new string('x', 3000)}}}": 1}}""", "SerializationException");
    }

    [Fact]
    public async Task ABodyOfFiftyMegabytesIsRefusedWithAnAnswer()
    {
        var message = await Client.Refused(
            "GetMLModel", $$"""{"MLModelId": "{{new string('m', 50_000_000)}}"}""", "RequestEntityTooLargeException", 413);
        Assert.Contains("50000", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AMessageHasAtMost2048Characters()
    {
        var name = string.Join('.', Enumerable.Repeat("s3://b", 300));
        var message = await Client.Refused("CreateDataSourceFromS3", $$$"""{"DataSourceId": "d", "DataSpec": {"DataLocationS3": "{{{name}}}"}}""", "InvalidInputException");
        Assert.InRange(message.Length, 1, 2048);
    }

    [Fact]
    public async Task UnknownMembersAreIgnoredAndUnknownIdsAreNotFound()
    {
        Assert.Equal("No MLModel with id fake-model exists",
            await Client.Refused("GetMLModel", """{"MLModelId": "fake-model", "Novelty": [1]}""", "ResourceNotFoundException"));
        Assert.Equal("No BatchPrediction with id b exists", await Client.Refused("DeleteBatchPrediction", """{"BatchPredictionId": "b"}""", "ResourceNotFoundException"));
        await Client.Refused("DescribeTags", """{"ResourceId": "none", "ResourceType": "Evaluation"}""", "ResourceNotFoundException");
        await Client.Refused("Predict", """{"MLModelId": "none", "Record": {}, "PredictEndpoint": "any"}""", "ResourceNotFoundException");
        await Client.Refused("DeleteRealtimeEndpoint", """{"MLModelId": "none"}""", "ResourceNotFoundException");
    }

    [Fact]
    public async Task WhatTheGuardRefusesIsSaidInThisProtocolToo()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = new StringContent("{}") };
        request.Headers.Add("X-Amz-Target", "AmazonML_20141212.DescribeMLModels");
        request.Headers.Add("Origin", "http://elsewhere.example");
        var (status, body) = await Client.Amazon(request);
        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.Equal("AccessDeniedException", (string?)body["__type"]);
    }

    [Fact]
    public async Task OneIdMayNameObjectsOfDifferentTypesAndIsNeverGivenAgain()
    {
        await Client.Upload("flowers/flowers.csv", Flowers.Csv());
        await Flowers.Create(Client, "same");
        var model = """{"MLModelId": "same", "MLModelType": "BINARY", "TrainingDataSourceId": "same"}""";
        await Client.Ask("CreateMLModel", model);
        await Client.Ask("CreateMLModel", model);
        await Client.Ask("CreateMLModel", """{"RecipeUri": null, "Parameters": null, "TrainingDataSourceId": "same", "MLModelType": "BINARY", "MLModelId": "same"}""");
        foreach (var other in (string[])["\"MLModelName\": \"other\"", "\"Parameters\": {\"sgd.maxPasses\": \"3\"}"])
            await Client.Refused("CreateMLModel", model.Replace("}", $", {other}}}", StringComparison.Ordinal), "IdempotentParameterMismatchException");
        await Client.Ask("DeleteMLModel", """{"MLModelId": "same"}""");
        await Client.Refused("CreateMLModel", model, "IdempotentParameterMismatchException");
        await Client.Refused("UpdateMLModel", """{"MLModelId": "same", "MLModelName": "x"}""", "InvalidInputException");
        await Client.Refused("AddTags", """{"ResourceId": "same", "ResourceType": "MLModel", "Tags": [{"Key": "k"}]}""", "InvalidInputException");
    }

    [Fact]
    public async Task ARecipeThatDoesNotFitTheSchemaIsRefusedAtOnceWithItsPlace()
    {
        await Client.Upload("flowers/flowers.csv", Flowers.Csv());
        await Flowers.Create(Client, "of-recipes");
        foreach (var (recipe, place) in new[]
        {
            ("""{"outputs": []}""", "Recipe: outputs is empty"), ("""{"outputs": ["nothing"]}""", "Recipe: outputs[0]"), ("""{"outputs": ["tall"]}""", "target"),
            ("""{"outputs": ["height"]}""", "excluded"), ("""{"outputs": ["ngram(water, 2)"]}""", "water is NUMERIC"), ("""{"outputs": ["quantile_bin(colour, 10)"]}""", "colour is CATEGORICAL"),
            ("""{"groups": {"G": "group(ALL_INPUTS)"}, "outputs": ["G"]}""", "groups.G"), ("""{"groups": {"water": "group(light)"}, "outputs": ["water"]}""", "groups.water"),
            ("""{"assignments": {"a": "b", "b": "a"}, "outputs": ["a"]}""", "defined by itself"), ("""{"outputs": ["ALL_TEXT"]}""", "no variable is left"),
        })
        {
            var message = await Client.Refused("CreateMLModel", $$"""{"MLModelId": "none", "MLModelType": "BINARY", "TrainingDataSourceId": "of-recipes", "Recipe": {{Flowers.Quoted(recipe)}}}""", "InvalidInputException");
            Assert.StartsWith("Recipe: ", message, StringComparison.Ordinal);
            Assert.DoesNotContain("Recipe: Recipe", message, StringComparison.Ordinal);
            Assert.Contains(place, message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task EachTypeOfModelPredictsInItsOwnForm()
    {
        await Client.Upload("flowers/flowers.csv", Flowers.Csv());
        foreach (var (type, target) in new[] { ("BINARY", "tall"), ("MULTICLASS", "size"), ("REGRESSION", "height") })
        {
            await Flowers.Create(Client, $"of-{target}", target);
            await Client.Ask("CreateMLModel", $$"""{"MLModelId": "of-{{target}}", "MLModelType": "{{type}}", "TrainingDataSourceId": "of-{{target}}"}""");
            await Client.CompletedByGet("GetMLModel", $$"""{"MLModelId": "of-{{target}}"}""");
            await Client.Ask("CreateRealtimeEndpoint", $$"""{"MLModelId": "of-{{target}}"}""");
        }
        var record = """{"water": "0.05", "light": "0.1", "colour": "blue", "tall": "1", "nonsense": "x"}""";

        var binary = await Predict("of-tall", record, "/");
        Assert.Equal("0", (string?)binary["predictedLabel"]);
        // Under the predicted label, and nevertheless the score of label 1.
        var (label, score) = Assert.Single(binary["predictedScores"]!.AsObject());
        Assert.Equal("0", label);
        Assert.InRange((double)score!, 0, 0.2);
        Assert.Equal((double)score!, (double)(float)(double)score!);
        Assert.Equal("""{"PredictiveModelType":"BINARY","Algorithm":"SGD"}""", binary["details"]!.ToJsonString());

        // Some clients keep the path of the endpoint's URL.
        Assert.Equal(binary.ToJsonString(), (await Predict("of-tall", record, "/realtime/of-tall")).ToJsonString());
        Assert.Equal(binary.ToJsonString(), (await Predict("of-tall", record, "/any/path?at=all")).ToJsonString());

        var multiclass = await Predict("of-size", record, "/");
        Assert.Equal("small", (string?)multiclass["predictedLabel"]);
        var scores = multiclass["predictedScores"]!.AsObject();
        Assert.Equal(["large", "medium", "small"], scores.Select(pair => pair.Key).Order());
        Assert.Equal(1, scores.Sum(pair => (double)pair.Value!), 5);
        Assert.Equal("MULTICLASS", (string?)multiclass["details"]!["PredictiveModelType"]);

        var regression = await Predict("of-height", record, "/");
        // 10 · 0.05 + 5 · 0.1, and 0.5 in the mean.
        Assert.Equal(1.5, (double)regression["predictedValue"]!, 0.3);
        Assert.False(regression.AsObject().ContainsKey("predictedLabel") || regression.AsObject().ContainsKey("predictedScores"));
    }

    /// <summary>As a model made by Amazon's console showed them (its clients may read them as numbers).</summary>
    [Fact]
    public async Task AmountsOfRegularizationThatAreNotGivenLookAsTheyDid()
    {
        await Client.Upload("flowers/flowers.csv", Flowers.Csv());
        await Flowers.Create(Client, "of-amounts", "tall");
        await Client.Ask("CreateMLModel", """{"MLModelId": "of-amounts", "MLModelType": "BINARY", "TrainingDataSourceId": "of-amounts"}""");
        var shown = (await Client.Ask("GetMLModel", """{"MLModelId": "of-amounts"}"""))["TrainingParameters"]!;
        Assert.Equal(("0.0", "1e-6"), ((string?)shown["sgd.l1RegularizationAmount"], (string?)shown["sgd.l2RegularizationAmount"]));
    }

    /// <summary>The service model knows the word sgd alone, which would not be true of them.</summary>
    [Fact]
    public async Task AModelOfTreesSaysSoWhereClientsCanReadIt()
    {
        await Client.Upload("flowers/flowers.csv", Flowers.Csv());
        await Flowers.Create(Client, "of-trees", "tall");
        await Client.Ask("CreateMLModel", """{"MLModelId": "of-trees", "MLModelName": "trees", "MLModelType": "BINARY", "TrainingDataSourceId": "of-trees", "Parameters": {"algorithm": "fastTree"}}""");
        var model = await Client.CompletedByGet("GetMLModel", """{"MLModelId": "of-trees"}""");
        Assert.Equal("fastTree", (string?)model["TrainingParameters"]!["algorithm"]);
        var listed = Assert.Single((await Client.Ask("DescribeMLModels", """{"FilterVariable": "Name", "EQ": "trees"}"""))["Results"]!.AsArray());
        Assert.False(listed!.AsObject().ContainsKey("Algorithm"));
        await Client.Ask("CreateRealtimeEndpoint", """{"MLModelId": "of-trees"}""");
        var tall = await Predict("of-trees", """{"water": "0.95", "light": "0.9", "colour": "red"}""", "/");
        Assert.Equal("1", (string?)tall["predictedLabel"]);
        Assert.Equal("FASTTREE", (string?)tall["details"]!["Algorithm"]);
    }

    [Fact]
    public async Task ACallThatRunsOutOfTimeIsAnsweredInThisProtocolToo()
    {
        var context = new DefaultHttpContext { RequestAborted = new CancellationToken(canceled: true) };
        (context.Request.Method, context.Request.Headers["X-Amz-Target"]) = ("POST", "AmazonML_20141212.DescribeMLModels");
        context.Response.Body = new MemoryStream();
        context.Features.Set<IHttpRequestTimeoutFeature>(new RunOut());
        await new AmazonErrors(_ => throw new OperationCanceledException(), NullLogger<AmazonErrors>.Instance).InvokeAsync(context);
        Assert.Equal((503, "application/x-amz-json-1.1"), (context.Response.StatusCode, context.Response.ContentType));
        var body = JsonNode.Parse(((MemoryStream)context.Response.Body).ToArray())!;
        Assert.Equal("ServiceUnavailableException", (string?)body["__type"]);
    }

    [Fact]
    public async Task EveryLogUriOpens()
    {
        await Client.Upload("flowers/flowers.csv", Flowers.Csv());
        await Flowers.Create(Client, "logged");
        await Client.Ask("CreateMLModel", """{"MLModelId": "logged", "MLModelType": "BINARY", "TrainingDataSourceId": "logged"}""");
        await Client.Ask("CreateEvaluation", """{"EvaluationId": "logged", "MLModelId": "logged", "EvaluationDataSourceId": "logged"}""");
        await Client.CompletedByGet("GetEvaluation", """{"EvaluationId": "logged"}""");
        await Client.Ask("CreateDataSourceFromS3", """{"DataSourceId": "failed", "DataSpec": {"DataLocationS3": "s3://flowers/none.csv"}}""");
        while ((string)(await Client.Ask("GetDataSource", """{"DataSourceId": "failed"}"""))["Status"]! != "FAILED")
            await Task.Delay(20, TestContext.Current.CancellationToken);
        Assert.StartsWith("DataLocationS3: ", (string)(await Client.Ask("GetDataSource", """{"DataSourceId": "failed"}"""))["Message"]!, StringComparison.Ordinal);
        foreach (var (operation, id, expected) in new[]
        {
            ("GetDataSource", """{"DataSourceId": "logged"}""", "COMPLETED"), ("GetDataSource", """{"DataSourceId": "failed"}""", "none.csv"),
            ("GetMLModel", """{"MLModelId": "logged"}""", "BINARY model"), ("GetEvaluation", """{"EvaluationId": "logged"}""", "COMPLETED"),
        })
        {
            var uri = (string)(await Client.Ask(operation, id))["LogUri"]!;
            Assert.Contains(expected, await Client.GetStringAsync(uri, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
    }

    private async Task<JsonNode> Predict(string model, string record, string path)
    {
        var (status, body) = await Client.Amazon("Predict", $$"""{"MLModelId": "{{model}}", "Record": {{record}}, "PredictEndpoint": "wherever"}""", path);
        Assert.True(status == HttpStatusCode.OK, body.ToJsonString());
        return body["Prediction"]!;
    }

    private sealed class RunOut : IHttpRequestTimeoutFeature
    {
        public CancellationToken RequestTimeoutToken => new(canceled: true);

        public void DisableTimeout()
        {
        }
    }
}
