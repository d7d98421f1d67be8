using System.Net;
using System.Text.Json.Nodes;
using CsCheck;
using Microsoft.EntityFrameworkCore;
using MlService.Access;
using MlService.Amazon;
using MlService.Tests.Access;

namespace MlService.Tests.Amazon;

/// <summary>Amazon's protocol where every call needs a key: who is let in, how far, and what refusals look like.</summary>
public sealed class KeysModeTests(KeysService service) : IClassFixture<KeysService>
{
    private const string Denied = "AccessDeniedException 403";
    private const string Mismatch = "InvalidSignatureException 400";

    private static readonly string[] Lists = ["DescribeBatchPredictions", "DescribeDataSources", "DescribeEvaluations", "DescribeMLModels"];

    public static TheoryData<string> Operations => [.. Operation.All.Keys.Order()];

    private HttpClient Client => service.Http;

    [Fact]
    public async Task ASignedCallIsAnswered()
    {
        var key = await service.CreateKey("read");
        Assert.Empty(await Client.ErrorOf(key, "DescribeMLModels"));
        Assert.Equal("ResourceNotFoundException 400", await Client.ErrorOf(key, "GetMLModel", """{"MLModelId": "none"}"""));
        // A client's clock may be off.
        Assert.Empty(await Client.ErrorOf(key, "DescribeMLModels", age: TimeSpan.FromMinutes(14)));
        Assert.Empty(await Client.ErrorOf(key, "DescribeMLModels", age: TimeSpan.FromMinutes(-4)));
    }

    [Fact]
    public async Task ACallWithoutKeyIsMissingItsToken()
    {
        foreach (var operation in (string[])["DescribeMLModels", "CreateMLModel", "Predict", "Nonsense"])
        {
            var (status, body) = await Client.Amazon(operation);
            Assert.Equal((HttpStatusCode.Forbidden, "MissingAuthenticationTokenException"), (status, (string?)body["__type"]));
        }
    }

    [Fact]
    public async Task ABadSignatureIsRefusedAndNothingIsDone()
    {
        var key = await service.CreateKey("admin");
        var create = """{"DataSourceId": "forged", "DataSpec": {"DataLocationS3": "s3://flowers/flowers.csv"}}""";
        Assert.Equal(Mismatch, await Client.ErrorOf(key + "x", "CreateDataSourceFromS3", create));
        Assert.Equal(Mismatch, await Client.ErrorOf(key, "CreateDataSourceFromS3", "{}", request => request.Content = new StringContent(create)));
        Assert.Equal(Mismatch, await Client.ErrorOf(key, "GetDataSource", create, request =>
        {
            request.Headers.Remove("X-Amz-Target");
            request.Headers.Add("X-Amz-Target", "AmazonML_20141212.CreateDataSourceFromS3");
        }));
        Assert.Equal(Mismatch, await Client.ErrorOf(key, "CreateDataSourceFromS3", create, request => request.Headers.Host = "elsewhere.example"));
        Assert.Equal(Mismatch, await Client.ErrorOf(key, "CreateDataSourceFromS3", create, age: TimeSpan.FromMinutes(16)));
        Assert.Equal(Mismatch, await Client.ErrorOf(key, "CreateDataSourceFromS3", create, age: TimeSpan.FromMinutes(-6)));
        Assert.Equal("IncompleteSignatureException 400", await Client.ErrorOf(key, "CreateDataSourceFromS3", create, request =>
        {
            var half = Authorization(request).Split(", Signature")[0];
            request.Headers.Remove("Authorization");
            request.Headers.TryAddWithoutValidation("Authorization", half);
        }));
        Assert.Equal("UnrecognizedClientException 403", await Client.ErrorOf("no-such-key:" + KeysService.FirstSecret, "CreateDataSourceFromS3", create));
        Assert.Equal("ResourceNotFoundException 400", await Client.ErrorOf(key, "GetDataSource", """{"DataSourceId": "forged"}"""));
        Assert.DoesNotContain(await Entries(key), entry => ((string)entry["target"]!).Contains("forged", StringComparison.Ordinal));
    }

    [Fact]
    public async Task AChangeIsNotMadeAgainByACopyOfItsRequestAndWhatReadsMayBeCopied()
    {
        var key = await service.CreateKey("admin");
        const string create = """{"DataSourceId": "replayed", "DataSpec": {"DataLocationS3": "s3://flowers/none.csv"}}""";
        const string tag = """{"ResourceId": "replayed", "ResourceType": "DataSource", "Tags": [{"Key": "k"}]}""";
        const string untag = """{"ResourceId": "replayed", "ResourceType": "DataSource", "TagKeys": ["k"]}""";
        await Client.AskSigned(key, "CreateDataSourceFromS3", create);
        // Who asks for the same twice in a second signs the same twice.
        HttpRequestMessage? first = null;
        Assert.Empty(await Client.ErrorOf(key, "AddTags", tag, request => first = request));
        Assert.Empty(await Client.ErrorOf(key, "AddTags", tag, request => SignedCalls.Repeat(first!, request)));
        Assert.Empty(await Client.ErrorOf(key, "DeleteTags", untag));

        await service.MakeSeenSignaturesOlder();
        Assert.Equal(Mismatch, await Client.ErrorOf(key, "AddTags", tag, request => SignedCalls.Repeat(first!, request)));
        const string describe = """{"ResourceId": "replayed", "ResourceType": "DataSource"}""";
        Assert.Empty((await Client.AskSigned(key, "DescribeTags", describe))["Tags"]!.AsArray());
        Assert.Empty(await Client.ErrorOf(key, "DescribeTags", describe, request => first = request));
        Assert.Empty(await Client.ErrorOf(key, "DescribeTags", describe, request => SignedCalls.Repeat(first!, request)));
    }

    [Fact]
    public async Task WhatAKeyMayNotChangeIsNotRemembered()
    {
        var key = await service.CreateKey("read");
        var before = await Remembered();
        Assert.Equal(Denied, await Client.ErrorOf(key, "DeleteMLModel", """{"MLModelId": "none"}"""));
        Assert.Equal(before, await Remembered());

        async Task<int> Remembered()
        {
            var count = 0;
            await service.Change(async context => count = await context.SeenSignatures.CountAsync(TestContext.Current.CancellationToken));
            return count;
        }
    }

    /// <summary>A key's row may be at hand for a moment, so it is not that which refuses.</summary>
    [Fact]
    public async Task AChangeIsNotMadeWhereItCannotBeToldWhetherItIsACopy()
    {
        await Change("ALTER TABLE seen_signatures RENAME TO away");
        try
        {
            Assert.Equal("InternalServerException 500", await Client.ErrorOf(
                KeysService.First, "CreateDataSourceFromS3", """{"DataSourceId": "untold", "DataSpec": {"DataLocationS3": "s3://flowers/none.csv"}}"""));
        }
        finally
        {
            await Change("ALTER TABLE away RENAME TO seen_signatures");
        }
        Assert.Equal("ResourceNotFoundException 400", await Client.ErrorOf(KeysService.First, "GetDataSource", """{"DataSourceId": "untold"}"""));

        Task Change(string statement) => service.Change(context => context.Database.ExecuteSqlRawAsync(statement, TestContext.Current.CancellationToken));
    }

    /// <summary>Whatever becomes of a signature on its way, the answer is a refusal in the protocol's form.</summary>
    [Fact]
    public async Task ASignatureThatIsChangedAnywhereIsRefused()
    {
        var key = await service.CreateKey("read");
        await Gen.Select(Gen.Int[0, int.MaxValue], Gen.Char[' ', '~']).SampleAsync(async (place, letter) =>
        {
            var isChanged = false;
            var error = await Client.ErrorOf(key, "DescribeMLModels", change: request =>
            {
                var header = Authorization(request);
                var at = place % header.Length;
                var changed = $"{header[..at]}{letter}{header[(at + 1)..]}";
                isChanged = Essence(changed) != Essence(header);
                request.Headers.Remove("Authorization");
                request.Headers.TryAddWithoutValidation("Authorization", changed);
            });
            if (isChanged)
                Assert.Contains(error, (string[])[Mismatch, "IncompleteSignatureException 400", "UnrecognizedClientException 403", "MissingAuthenticationTokenException 403"]);
        }, iter: 200, threads: 1);

        // Blanks and doubled commas between the parts do not count.
        static string Essence(string header) => header.Replace(" ", "", StringComparison.Ordinal).Replace(",,", ",", StringComparison.Ordinal);
    }

    [Fact]
    public async Task ARevokedKeyIsNotRecognized()
    {
        var key = await service.CreateKey("read");
        Assert.Empty(await Client.ErrorOf(key, "DescribeMLModels"));
        Assert.Equal(HttpStatusCode.OK, await service.Status(KeysService.First, "DELETE", $"/v1/keys/{KeysService.IdOf(key)}"));
        Assert.Equal("UnrecognizedClientException 403", await Client.ErrorOf(key, "DescribeMLModels"));
    }

    [Fact]
    public async Task ABearerTokenIsTakenToo()
    {
        using var good = Bearer(await service.CreateKey("read"));
        Assert.Equal(HttpStatusCode.OK, (await Client.Amazon(good)).Status);
        using var bad = Bearer(KeysService.FirstId + ":guessed");
        var (status, body) = await Client.Amazon(bad);
        Assert.Equal((HttpStatusCode.Forbidden, "UnrecognizedClientException"), (status, (string?)body["__type"]));

        static HttpRequestMessage Bearer(string key)
        {
            var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = new StringContent("{}") };
            request.Headers.Add("X-Amz-Target", "AmazonML_20141212.DescribeMLModels");
            request.Headers.Add("Authorization", $"Bearer {key}");
            return request;
        }
    }

    [Theory]
    [InlineData(true, "RequestEntityTooLargeException 413")]
    [InlineData(false, "UnrecognizedClientException 403")]
    public async Task FiftyMegabytesAreRefusedWithAnAnswer(bool isKnown, string error) => Assert.Equal(error, await Client.ErrorOf(
        isKnown ? KeysService.First : "no-such-key:x", "GetMLModel", $$"""{"MLModelId": "{{new string('m', 50_000_000)}}"}"""));

    /// <summary>Without a scope that an operation needs, its members are not even looked at.</summary>
    [Theory]
    [MemberData(nameof(Operations))]
    public async Task EveryOperationNeedsItsScope(string operation)
    {
        var isRead = operation.StartsWith("Get", StringComparison.Ordinal) || operation.StartsWith("Describe", StringComparison.Ordinal);
        Assert.Equal(isRead, await Client.ErrorOf(await Key("read"), operation) != Denied);
        Assert.Equal(operation == "Predict", await Client.ErrorOf(await Key("predict"), operation) != Denied);
        Assert.NotEqual(Denied, await Client.ErrorOf(KeysService.First, operation));
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task AKeyReachesNoResourceButThoseThatItIsLimitedTo(string operation)
    {
        var key = await Key("admin", "datasources/team-*", "models/team-*", "evaluations/team-*", "batch-predictions/team-*", "s3://team/");
        var (mine, others) = (await Client.ErrorOf(key, operation, Request("team-1")), await Client.ErrorOf(key, operation, Request("other-1")));
        Assert.NotEqual(Denied, mine);
        Assert.Equal(Lists.Contains(operation), others != Denied);

        string Request(string id) => $$"""
            {
              "MLModelId": "{{id}}", "DataSourceId": "{{id}}", "EvaluationId": "{{id}}", "BatchPredictionId": "{{id}}", "ResourceId": "{{id}}",
              "ResourceType": "MLModel", "Tags": [], "TagKeys": [], "Record": {}, "PredictEndpoint": "any",
              "MLModelName": "n", "DataSourceName": "n", "EvaluationName": "n", "BatchPredictionName": "n",
              "MLModelType": "BINARY", "TrainingDataSourceId": "team-1", "EvaluationDataSourceId": "team-1", "BatchPredictionDataSourceId": "team-1",
              "OutputUri": "s3://team/out/", "RoleARN": "role", "DataSpec": {{Data(operation)}}, "RDSData": {{Data(operation)}}
            }
            """;

        static string Data(string operation) => operation == "CreateDataSourceFromS3" ? """{"DataLocationS3": "s3://team/a.csv"}""" : """
            {
              "DatabaseInformation": {"InstanceIdentifier": "i", "ClusterIdentifier": "i", "DatabaseName": "d"}, "SelectSqlQuery": "select 1",
              "DatabaseCredentials": {"Username": "u", "Password": "password"}, "S3StagingLocation": "s3://team/staging/",
              "ResourceRole": "r", "ServiceRole": "s", "SubnetId": "n", "SecurityGroupIds": ["g"]
            }
            """;
    }

    [Fact]
    public async Task ALimitedKeyReachesNoDataOrDependencyOfOthers()
    {
        var key = await Key("admin", "datasources/team-*", "models/team-*", "s3://team/");
        Assert.Equal(Denied, await Client.ErrorOf(key, "CreateDataSourceFromS3", """{"DataSourceId": "team-2", "DataSpec": {"DataLocationS3": "s3://others/a.csv"}}"""));
        Assert.Equal(Denied, await Client.ErrorOf(key, "CreateMLModel", """{"MLModelId": "team-2", "MLModelType": "BINARY", "TrainingDataSourceId": "others"}"""));
    }

    [Fact]
    public async Task ALimitedKeyIsShownListsOfWhatItReaches()
    {
        await Client.AskSigned(KeysService.First, "CreateDataSourceFromS3", """{"DataSourceId": "theirs", "DataSpec": {"DataLocationS3": "s3://flowers/none.csv"}}""");
        await Client.AskSigned(KeysService.First, "CreateDataSourceFromS3", """{"DataSourceId": "seen-1", "DataSpec": {"DataLocationS3": "s3://flowers/none.csv"}}""");
        var shown = await Client.AskSigned(await Key("read", "datasources/seen-*"), "DescribeDataSources");
        Assert.Equal(["seen-1"], shown["Results"]!.AsArray().Select(item => (string)item!["DataSourceId"]!));
        Assert.Empty((await Client.AskSigned(await Key("read", "models/seen-*"), "DescribeDataSources"))["Results"]!.AsArray());
    }

    [Fact]
    public async Task TheAuditLogNamesOperationsAndWhatTheyChange()
    {
        var key = await service.CreateKey("admin");
        await Client.Signed(key, "CreateDataSourceFromS3", """{"DataSourceId": "noted", "DataSpec": {"DataLocationS3": "s3://flowers/none.csv"}}""");
        await Client.Signed(key, "AddTags", """{"ResourceId": "noted", "ResourceType": "DataSource", "Tags": [{"Key": "k"}]}""");
        await Client.Signed(key, "GetDataSource", """{"DataSourceId": "noted"}""");
        await Client.Signed(key, "DeleteMLModel", """{"MLModelId": "none"}""");
        await Client.Signed(key, "UpdateEvaluation", "{");
        Assert.Equal(
            ["UpdateEvaluation / 400", "DeleteMLModel /v1/models/none 400", "AddTags /v1/datasources/noted 200", "CreateDataSourceFromS3 /v1/datasources/noted 200"],
            (await Entries(key)).Select(entry => $"{entry["action"]} {entry["target"]} {entry["status"]}"));
    }

    [Fact]
    public async Task ALogUriOpensWithoutAKeyUntilItsKeyIsRevoked()
    {
        var key = await service.CreateKey("admin");
        await Client.AskSigned(key, "CreateDataSourceFromS3", """{"DataSourceId": "logged", "DataSpec": {"DataLocationS3": "s3://flowers/none.csv"}}""");
        var link = (string)(await Client.AskSigned(key, "GetDataSource", """{"DataSourceId": "logged"}"""))["LogUri"]!;
        Assert.Contains("datasource logged", await Client.GetStringAsync(link, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        foreach (var changed in (string[])[link.Replace("logged", "other", StringComparison.Ordinal), link.Replace("Expires=3600", "Expires=7200", StringComparison.Ordinal),
            link[..^1] + (link[^1] == 'a' ? 'b' : 'a'), link[..link.IndexOf('?', StringComparison.Ordinal)]])
            Assert.Equal(HttpStatusCode.Unauthorized, await service.Status(null, "GET", changed));
        Assert.Equal(HttpStatusCode.Unauthorized, await service.Status(null, "DELETE", link));
        Assert.Equal(HttpStatusCode.OK, await service.Status(KeysService.First, "DELETE", $"/v1/keys/{KeysService.IdOf(key)}"));
        Assert.Equal(HttpStatusCode.Unauthorized, await service.Status(null, "GET", link));
    }

    [Fact]
    public async Task PredictionsAreHeldToTheirRate()
    {
        var key = await service.CreateKey("predict");
        var errors = new List<string>();
        for (var call = 0; call < 3; call++)
            errors.Add(await Client.ErrorOf(key, "Predict", """{"MLModelId": "none", "Record": {}, "PredictEndpoint": "any"}"""));
        Assert.Equal(["ResourceNotFoundException 400", "ResourceNotFoundException 400", "LimitExceededException 400"], errors);
    }

    private static string Authorization(HttpRequestMessage request) => request.Headers.NonValidated["Authorization"].ToString();

    private Task<string> Key(string scopes, params string[] limits) => service.CreateKey(scopes, limits);

    private async Task<IReadOnlyList<JsonNode>> Entries(string key) =>
        [.. (await service.Body(KeysService.First, "GET", $"/v1/audit?who={KeysService.IdOf(key)}"))["items"]!.AsArray()!];
}
