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
        var shared = await ClusterSettings.Of(metadata, objects, _mark);
        await using var first = await Start("a", shared);
        await using var second = await Start("b", shared);
        await first.Client.Upload(Data, ClusterSettings.Rows(2000));

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
        var shared = await ClusterSettings.Of(metadata, objects, _mark);
        await using var first = await Start("a", shared);
        await using var second = await Start("b", shared);
        var (runner, other) = await StartLongJob(first, second);

        await runner.Kill();
        await other.Prints($"Model/{Long} attempt 2 started");
        await Cancel(other);
    }

    [Fact]
    public async Task AFrozenProcessLosesItsJobAndCannotPublishItOnceItThaws()
    {
        var shared = await ClusterSettings.Of(metadata, objects, _mark);
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

    private Task<ServiceProcess> Start(string name, string[] shared, params string[] more) =>
        ServiceProcess.Start(Path.Combine(_root, name), [.. shared, .. more]);

    /// <summary>Starts a long training.</summary>
    /// <returns>The process that runs it, and the other one.</returns>
    private async Task<(ServiceProcess Runner, ServiceProcess Other)> StartLongJob(ServiceProcess first, ServiceProcess second)
    {
        await ClusterSettings.StartLongTraining(first.Client, _mark);
        return first.Output.Contains($"Model/{Long} attempt 1 started", StringComparison.Ordinal) ? (first, second) : (second, first);
    }

    private async Task Cancel(ServiceProcess process)
    {
        await process.Client.PostAsync($"/v1/models/{Long}/cancel", null, TestContext.Current.CancellationToken);
        Assert.Equal("Cancelled on request.", await process.Client.Failed($"/v1/models/{Long}"));
    }

    private static async Task WithoutArtifacts(ServiceProcess process, string prefix) =>
        Assert.Empty((await process.Client.Get($"/v1/objects/mlservice?prefix={prefix}"))["objects"]!.AsArray());
}
