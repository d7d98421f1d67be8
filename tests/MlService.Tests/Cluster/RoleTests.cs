using System.Diagnostics;
using System.Net;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json.Nodes;
using MlService.Tests.Storage;

namespace MlService.Tests.Cluster;

/// <summary>A cluster whose jobs all run in one process, a worker, while two others answer.</summary>
public sealed class RoleTests(WorkerAndTwoApis cluster) : IClassFixture<WorkerAndTwoApis>
{
    private readonly string _mark = Guid.NewGuid().ToString("N")[..8];

    private RunningService First => cluster.First;

    private RunningService Second => cluster.Second;

    private string Data => $"cluster-{_mark}/data.csv";

    [Fact]
    public async Task AProcessOfRoleApiRunsNoJobsAndCancelsThoseOfAWorkerWhichAnswersNothingElse()
    {
        await ClusterSettings.StartLongTraining(First.Client, _mark);
        Assert.DoesNotContain("attempt 1", First.Output, StringComparison.Ordinal);
        var cancelled = await First.Client.Post($"/v1/models/long-{_mark}/cancel", "{}");
        Assert.Equal("FAILED", (string?)cancelled["status"]);
        Assert.Equal(HttpStatusCode.NotFound, (await cluster.Worker.Client.GetAsync("/v1/models", TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal("ok", (string?)(await cluster.Worker.Client.Get("/health/ready"))["status"]);
    }

    [Fact]
    public async Task ListenersOfEveryProcessHearOfJobsThatRunOnAnother()
    {
        await First.Client.Upload(Data, ClusterSettings.Rows(2000));
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        end.CancelAfter(TimeSpan.FromSeconds(60));
        // What is asked for comes after the answer's headers, and so after both listen.
        var heard = new[] { await Listen(First, end.Token), await Listen(Second, end.Token) };

        await First.Client.Post("/v1/datasources", $$"""{"id": "source-{{_mark}}", "dataLocation": "s3://{{Data}}", "computeStatistics": true}""");

        foreach (var events in heard)
        {
            var completed = await events.FirstAsync(item => ((string?)item["id"], (string?)item["status"]) == ($"source-{_mark}", "COMPLETED"), end.Token);
            Assert.Equal(2000, (int)completed["rows"]!);
        }

        static async Task<IAsyncEnumerable<JsonNode>> Listen(RunningService process, CancellationToken end)
        {
            var response = await process.Client.GetAsync("/v1/events?kind=datasources", HttpCompletionOption.ResponseHeadersRead, end);
            return SseParser.Create(await response.Content.ReadAsStreamAsync(end)).EnumerateAsync(end).Select(item => JsonNode.Parse(item.Data)!["resource"]!);
        }
    }

    [Fact]
    public async Task AChangedThresholdAndAClosedEndpointHoldOnEveryProcess()
    {
        await First.Client.Upload(Data, ClusterSettings.Rows(500));
        await First.Client.Post("/v1/datasources", $$"""{"id": "source-{{_mark}}", "dataLocation": "s3://{{Data}}", "computeStatistics": true}""");
        await First.Client.Post("/v1/models", $$$"""{"id": "model-{{{_mark}}}", "trainingDatasourceId": "source-{{{_mark}}}", "parameters": {"sgd.maxPasses": "1"}}""");
        var model = $"/v1/models/model-{_mark}";
        await First.Client.Completed(model);
        using (await First.Client.PutAsync($"{model}/endpoint", null, TestContext.Current.CancellationToken))
        {
            await First.Client.Patch(model, """{"scoreThreshold": 0}""");
            await Becomes(Second, "\"1\"");
            await First.Client.Patch(model, """{"scoreThreshold": 1}""");
            await Becomes(Second, "\"0\"");
            // The worker answers none.
            Assert.Equal(2, (int)(await First.Client.Get($"{model}/endpoint/traffic"))["processes"]!);
        }
        using (await First.Client.DeleteAsync($"{model}/endpoint", TestContext.Current.CancellationToken))
            await Becomes(Second, "is not open");

        async Task Becomes(RunningService process, string expected)
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
}

/// <summary>Three services, which are one cluster on a real PostgreSQL server and a real S3 server; none of them is ever killed, so they may live in this process.</summary>
public sealed class WorkerAndTwoApis(PostgreSqlServer metadata, S3Server objects) : IAsyncLifetime
{
    private readonly string _root = Directory.CreateTempSubdirectory("mlservice-roles-").FullName;
    private readonly List<RunningService> _members = [];

    /// <summary>Runs the jobs.</summary>
    public RunningService Worker => _members[0];

    /// <summary>Answers.</summary>
    public RunningService First => _members[1];

    /// <summary>Answers too.</summary>
    public RunningService Second => _members[2];

    public async ValueTask InitializeAsync()
    {
        var shared = await ClusterSettings.Of(metadata, objects, Guid.NewGuid().ToString("N")[..8]);
        foreach (var (name, role) in new[] { ("a", "Worker"), ("b", "Api"), ("c", "Api") })
            _members.Add(await RunningService.Start(Path.Combine(_root, name), [.. shared, $"--Role={role}"]));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var member in Enumerable.Reverse(_members))
            await member.DisposeAsync();
        Directory.Delete(_root, recursive: true);
    }
}
