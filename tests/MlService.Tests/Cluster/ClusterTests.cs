using System.Diagnostics;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json.Nodes;
using MlService.Tests.Storage;

namespace MlService.Tests.Cluster;

/// <summary>Real processes, which are one cluster on a real PostgreSQL server and a real S3 server.</summary>
public sealed class ClusterTests(PostgreSqlServer metadata, S3Server objects) : IDisposable
{
    // The S3 server keeps what other tests of the run left.
    private readonly string _mark = Guid.NewGuid().ToString("N")[..8];
    private readonly string _root = Directory.CreateTempSubdirectory("mlservice-cluster-").FullName;

    private string Data => $"cluster-{_mark}/data.csv";

    private string Long => $"long-{_mark}";

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task EveryProcessAnswersForJobsThatRunOnAnyOfThem()
    {
        var shared = await Shared();
        await using var first = await Start("a", shared);
        await using var second = await Start("b", shared);
        await first.Client.Upload(Data, Rows(2000));

        var ids = Enumerable.Range(0, 12).Select(index => $"source-{_mark}-{index}").ToList();
        foreach (var id in ids)
            await first.Client.Post("/v1/datasources", $$"""{"id": "{{id}}", "dataLocation": "s3://{{Data}}", "computeStatistics": true}""");
        foreach (var id in ids)
            Assert.Equal(2000, (int)(await second.Client.Completed($"/v1/datasources/{id}"))["rows"]!);

        Assert.All(ids, id => Assert.Single((first.Output + second.Output).Split('\n'), line => line.Contains($"DataSource/{id} attempt 1 started", StringComparison.Ordinal)));
        Assert.Contains("attempt 1 completed", first.Output, StringComparison.Ordinal);
        Assert.Contains("attempt 1 completed", second.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AProcessThatIsKilledLosesItsJobToAnother()
    {
        var shared = await Shared();
        await using var first = await Start("a", shared);
        await using var second = await Start("b", shared);
        var (runner, other) = await StartLongJob(first, second);

        await runner.Kill();
        var watch = Stopwatch.StartNew();
        await other.Prints($"Model/{Long} attempt 2 started");
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 30);
        await Cancel(other);
    }

    [Fact]
    public async Task AFrozenProcessLosesItsJobAndCannotPublishItOnceItThaws()
    {
        var shared = await Shared();
        await using var first = await Start("a", shared);
        await using var second = await Start("b", shared);
        var (runner, other) = await StartLongJob(first, second);

        await runner.Freeze();
        await other.Prints($"Model/{Long} attempt 2 started");
        await runner.Thaw();
        await runner.Ends(); // the others have taken it for dead, so it makes way for a fresh one
        Assert.DoesNotContain("completed", runner.Output[runner.Output.IndexOf($"Model/{Long}", StringComparison.Ordinal)..], StringComparison.Ordinal);
        Assert.Equal("INPROGRESS", (string?)(await other.Client.Get($"/v1/models/{Long}"))["status"]);
        await Cancel(other);
        await WithoutArtifacts(other, $"Model/{Long}/");
    }

    [Fact]
    public async Task AProcessOfRoleApiRunsNoJobsAndCancelsThoseOfAWorkerWhichAnswersNothingElse()
    {
        var shared = await Shared();
        await using var worker = await Start("a", shared, "--Role=Worker");
        await using var api = await Start("b", shared, "--Role=Api");
        await StartLongJob(api, worker);

        Assert.DoesNotContain("Job ", api.Output, StringComparison.Ordinal);
        var cancelled = await api.Client.Post($"/v1/models/{Long}/cancel", "{}");
        Assert.Equal("FAILED", (string?)cancelled["status"]);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await worker.Client.GetAsync("/v1/models", TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal("ok", (string?)(await worker.Client.Get("/health/ready"))["status"]);
    }

    [Fact]
    public async Task ListenersOfEveryProcessHearOfJobsThatRunOnAnother()
    {
        var shared = await Shared();
        await using var worker = await Start("a", shared, "--Role=Worker");
        await using var first = await Start("b", shared, "--Role=Api");
        await using var second = await Start("c", shared, "--Role=Api");
        await first.Client.Upload(Data, Rows(2000));
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        end.CancelAfter(TimeSpan.FromSeconds(60));
        // What is asked for comes after the answer's headers, and so after both listen.
        var heard = new[] { await Listen(first, end.Token), await Listen(second, end.Token) };

        await first.Client.Post("/v1/datasources", $$"""{"id": "source-{{_mark}}", "dataLocation": "s3://{{Data}}", "computeStatistics": true}""");

        foreach (var events in heard)
        {
            var completed = await events.FirstAsync(item => (string?)item["status"] == "COMPLETED", end.Token);
            Assert.Equal(2000, (int)completed["rows"]!);
        }

        static async Task<IAsyncEnumerable<JsonNode>> Listen(ServiceProcess process, CancellationToken end)
        {
            var response = await process.Client.GetAsync("/v1/events?kind=datasources", HttpCompletionOption.ResponseHeadersRead, end);
            return SseParser.Create(await response.Content.ReadAsStreamAsync(end)).EnumerateAsync(end).Select(item => JsonNode.Parse(item.Data)!["resource"]!);
        }
    }

    [Fact]
    public async Task AChangedThresholdAndAClosedEndpointHoldOnEveryProcess()
    {
        var shared = await Shared();
        await using var first = await Start("a", shared);
        await using var second = await Start("b", shared);
        await first.Client.Upload(Data, Rows(500));
        await first.Client.Post("/v1/datasources", $$"""{"id": "source-{{_mark}}", "dataLocation": "s3://{{Data}}", "computeStatistics": true}""");
        await first.Client.Post("/v1/models", $$$"""{"id": "model-{{{_mark}}}", "trainingDatasourceId": "source-{{{_mark}}}", "parameters": {"sgd.maxPasses": "1"}}""");
        var model = $"/v1/models/model-{_mark}";
        await first.Client.Completed(model);
        using (await first.Client.PutAsync($"{model}/endpoint", null, TestContext.Current.CancellationToken))
        {
            await first.Client.Patch(model, """{"scoreThreshold": 0}""");
            await Becomes(second, "\"1\"");
            await first.Client.Patch(model, """{"scoreThreshold": 1}""");
            await Becomes(second, "\"0\"");
            Assert.Equal(2, (int)(await first.Client.Get($"{model}/endpoint/traffic"))["processes"]!);
        }
        using (await first.Client.DeleteAsync($"{model}/endpoint", TestContext.Current.CancellationToken))
            await Becomes(second, "is not open");

        async Task Becomes(ServiceProcess process, string expected)
        {
            for (var watch = Stopwatch.StartNew(); ;)
            {
                using var body = new StringContent("""{"record": {"age": "44", "job": "j1"}}""", Encoding.UTF8, "application/json");
                using var answer = await process.Client.PostAsync($"/realtime/model-{_mark}", body, TestContext.Current.CancellationToken);
                if ((await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Contains(expected, StringComparison.Ordinal))
                {
                    TestContext.Current.TestOutputHelper?.WriteLine($"{expected} after {watch.ElapsedMilliseconds} ms");
                    return;
                }
                Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), $"The other process goes on without {expected}.");
            }
        }
    }

    /// <summary>What all processes of a cluster are told.</summary>
    private async Task<string[]> Shared()
    {
        var connection = await metadata.NewDatabase(isMigrated: false);
        return
        [
            $"--ConnectionStrings:Metadata={connection.Replace("Pooling=false;", "", StringComparison.Ordinal)}", "--Cluster:Mode=PostgreSql",
            "--Jobs:CheckpointSeconds=1000", $"--Storage:S3:ArtifactBucket=cluster-{_mark}-artifacts", .. (await objects.Options()).ToArguments(),
        ];
    }

    private Task<ServiceProcess> Start(string name, string[] shared, params string[] more) =>
        ServiceProcess.Start(Path.Combine(_root, name), [.. shared, .. more]);

    /// <summary>Starts a training that goes on far longer than a test.</summary>
    /// <returns>The process that runs it, and the other one.</returns>
    private async Task<(ServiceProcess Runner, ServiceProcess Other)> StartLongJob(ServiceProcess first, ServiceProcess second)
    {
        await first.Client.Upload(Data, Rows(40_000));
        await first.Client.Post("/v1/datasources", $$"""{"id": "source-{{_mark}}", "dataLocation": "s3://{{Data}}", "computeStatistics": true}""");
        await first.Client.Completed($"/v1/datasources/source-{_mark}");
        await first.Client.Post("/v1/models",
            $$$"""{"id": "{{{Long}}}", "trainingDatasourceId": "source-{{{_mark}}}", "parameters": {"sgd.maxPasses": "100", "sgd.l2RegularizationAmount": "1e-8"}}""");
        var deadline = DateTime.UtcNow.AddMinutes(1);
        JsonNode model;
        do
        {
            Assert.True(DateTime.UtcNow < deadline, "The training does not begin.");
            model = await first.Client.Get($"/v1/models/{Long}");
        }
        while ((string?)model["progress"]?["phase"] != "training");
        return first.Output.Contains($"Model/{Long} attempt 1 started", StringComparison.Ordinal) ? (first, second) : (second, first);
    }

    private async Task Cancel(ServiceProcess process)
    {
        await process.Client.PostAsync($"/v1/models/{Long}/cancel", null, TestContext.Current.CancellationToken);
        Assert.Equal("Cancelled on request.", await process.Client.Failed($"/v1/models/{Long}"));
    }

    private static async Task WithoutArtifacts(ServiceProcess process, string prefix) =>
        Assert.Empty((await process.Client.Get($"/v1/objects/mlservice?prefix={prefix}"))["objects"]!.AsArray());

    private static string Rows(int count)
    {
        var random = new Random(4);
        var text = new StringBuilder("age,job,words,bought\n");
        for (var row = 0; row < count; row++)
        {
            text.Append(random.Next(18, 90)).Append(",j").Append(random.Next(40)).Append(',');
            for (var word = 0; word < 15; word++)
                text.Append('w').Append(random.Next(30_000)).Append(' ');
            text.Append(',').Append(random.Next(2)).Append('\n');
        }
        return text.ToString();
    }
}
