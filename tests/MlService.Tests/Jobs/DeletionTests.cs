using System.Text;
using Microsoft.Extensions.DependencyInjection;
using MlService.Jobs;
using MlService.Storage;

namespace MlService.Tests.Jobs;

public sealed class DeletionTests(RunningService service) : IClassFixture<RunningService>
{
    private const string Data = "n,y\n1,0\n2,1\n3,0\n4,1\n5,0\n6,1\n";

    [Fact]
    public async Task ADeletedResourceLeavesNoArtifacts()
    {
        await service.Client.Upload("deletion/data.csv", Data);
        await service.Client.Post("/v1/datasources", """{"id": "gone", "dataLocation": "s3://deletion/data.csv", "computeStatistics": true}""");
        await service.Client.Completed("/v1/datasources/gone");
        Assert.NotEmpty(await Keys("DataSource/gone/"));

        using var response = await service.Client.DeleteAsync("/v1/datasources/gone", TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode);
        await Until(async () => (await Keys("DataSource/gone/")).Count == 0);
    }

    [Fact]
    public async Task WhatDeadAttemptsLeftIsSweptUpAndWhatCountsIsKept()
    {
        await service.Client.Upload("deletion/data.csv", Data);
        await service.Client.Post("/v1/datasources", """{"id": "kept", "dataLocation": "s3://deletion/data.csv", "computeStatistics": true}""");
        await service.Client.Completed("/v1/datasources/kept");
        var kept = await Keys("DataSource/kept/");
        // A killed process: an attempt that came to nothing, an upload of a resource that nobody knows.
        await Leave("DataSource/kept/0/report.json");
        await Leave("Model/stranger/1/model.bin");

        using var sweeper = ActivatorUtilities.CreateInstance<ArtifactSweeper>(service.Services);
        await sweeper.StartAsync(TestContext.Current.CancellationToken);
        await Until(async () => !(await Keys("DataSource/kept/")).Contains("DataSource/kept/0/report.json"));
        await sweeper.StopAsync(TestContext.Current.CancellationToken);

        Assert.Equal(kept, await Keys("DataSource/kept/"));
        Assert.Single(await Keys("Model/stranger/"));
    }

    private static async Task Until(Func<Task<bool>> holds)
    {
        for (var deadline = DateTime.UtcNow.AddSeconds(30); !await holds();)
        {
            Assert.True(DateTime.UtcNow < deadline);
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    private async Task<IReadOnlyList<string>> Keys(string prefix)
    {
        var keys = new List<string>();
        await foreach (var item in Objects.List(Artifacts.Bucket, prefix, null, TestContext.Current.CancellationToken))
            keys.Add(item.Uri.Key);
        return keys;
    }

    private IObjectStore Objects => service.Services.GetRequiredService<IObjectStore>();

    private Task<ObjectInfo> Leave(string key) => Objects.Put(
        new ObjectUri(Artifacts.Bucket, key),
        new MemoryStream(Encoding.UTF8.GetBytes("left")),
        cancellationToken: TestContext.Current.CancellationToken);
}
