using MlService.Tests.Storage;

namespace MlService.Tests.Cluster;

/// <summary>
/// Services that are one cluster on a real PostgreSQL server and a real S3 server. What is frozen is a process of its own; that jobs of
/// killed ones go on is seen by <see cref="SpreadTests"/> and by the tests of chaos.
/// </summary>
public sealed class ClusterTests(PostgreSqlServer metadata, S3Server objects) : IDisposable
{
    // The S3 server keeps what other tests of the run left.
    private readonly string _mark = Guid.NewGuid().ToString("N")[..8];
    private readonly string _root = System.IO.Directory.CreateTempSubdirectory("mlservice-cluster-").FullName;

    private string Data => $"cluster-{_mark}/data.csv";

    private string Long => $"long-{_mark}";

    public void Dispose() => System.IO.Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task EveryProcessAnswersForJobsThatRunOnAnyOfThem()
    {
        var shared = await ClusterSettings.Of(metadata, objects, _mark);
        await using var first = await RunningService.Start(Directory("a"), shared);
        await using var second = await RunningService.Start(Directory("b"), shared);
        await first.Client.Upload(Data, ClusterSettings.Rows(2000));

        var ids = Enumerable.Range(0, 12).Select(index => $"source-{_mark}-{index}").ToList();
        foreach (var id in ids)
            await first.Client.Post("/v1/datasources", $$"""{"id": "{{id}}", "dataLocation": "s3://{{Data}}", "computeStatistics": true}""");
        foreach (var id in ids)
            Assert.Equal(2000, (int)(await second.Client.Completed($"/v1/datasources/{id}"))["rows"]!);

        Assert.All(ids, id => Assert.Single((first.Output + second.Output).Split('\n'), line => line.Contains($"DataSource/{id} attempt 1 started", StringComparison.Ordinal)));
        // Which of them completed what is up to how fast each was.
        Assert.Equal(ids.Count, Count("attempt 1 completed", first) + Count("attempt 1 completed", second));

        static int Count(string text, RunningService service) => service.Output.Split('\n').Count(line => line.Contains(text, StringComparison.Ordinal));
    }

    [Fact, LongProof]
    public async Task AFrozenProcessLosesItsJobAndCannotPublishItOnceItThaws()
    {
        var shared = await ClusterSettings.Of(metadata, objects, _mark);
        await using var runner = await ServiceProcess.Start(Directory("a"), shared);
        await ClusterSettings.StartLongTraining(runner.Client, _mark);
        await using var other = await RunningService.Start(Directory("b"), shared);

        await runner.Freeze();
        await other.Prints($"Model/{Long} attempt 2 started");
        await runner.Thaw();
        await runner.Ends(); // the others have taken it for dead, so it makes way for a fresh one
        Assert.DoesNotContain("completed", runner.Output[runner.Output.IndexOf($"Model/{Long}", StringComparison.Ordinal)..], StringComparison.Ordinal);
        Assert.Equal("INPROGRESS", (string?)(await other.Client.Get($"/v1/models/{Long}"))["status"]);
        await Cancel(other);
        await WithoutArtifacts(other, $"Model/{Long}/");
    }

    private string Directory(string name) => System.IO.Directory.CreateDirectory(Path.Combine(_root, name)).FullName;

    private async Task Cancel(RunningService process)
    {
        await process.Client.PostAsync($"/v1/models/{Long}/cancel", null, TestContext.Current.CancellationToken);
        Assert.Equal("Cancelled on request.", await process.Client.Failed($"/v1/models/{Long}"));
    }

    private static async Task WithoutArtifacts(RunningService process, string prefix) =>
        Assert.Empty((await process.Client.Get($"/v1/objects/mlservice?prefix={prefix}"))["objects"]!.AsArray());
}
