using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MlService.BatchPredictions;
using MlService.Jobs;
using MlService.Metadata;
using MlService.Models;
using MlService.Samples;
using MlService.Storage;

namespace MlService.Tests.Jobs;

/// <summary>Jobs that are cancelled or deleted while they wait and while they work.</summary>
public sealed class StoppedJobTests(StoppedJobTests.LargeData data) : IClassFixture<StoppedJobTests.LargeData>
{
    private readonly RunningService _service = data.Service;

    [Fact]
    public async Task ACancelledBatchPredictionSaysSoAndLeavesNeitherUploadsNorFiles()
    {
        var client = _service.Client;
        await client.Post(
            "/v1/batch-predictions", """{"id": "stopped", "modelId": "stopping", "datasourceId": "large", "outputUri": "s3://stopping/out/"}""");
        await _service.Client.AtWork("/v1/batch-predictions/stopped", "predicting");
        Assert.NotEmpty(await Uploads());

        var answer = await client.Post("/v1/batch-predictions/stopped/cancel", "{}");

        Assert.Equal("FAILED", (string)answer["status"]!);
        Assert.Equal("Cancelled on request.", (string)answer["message"]!);
        Assert.Empty(await Uploads());
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_service.DataDirectory, "scratch")));
    }

    [Fact]
    public async Task AModelDeletedInTrainingStopsAndLeavesNothing()
    {
        var client = _service.Client;
        await client.Post("/v1/models", """{"id": "unwanted", "trainingDatasourceId": "large"}""");
        await client.Post("/v1/evaluations", """{"id": "orphaned", "modelId": "unwanted", "datasourceId": "large"}""");
        await _service.Client.AtWork("/v1/models/unwanted", "encoding");

        using var answer = await client.DeleteAsync("/v1/models/unwanted", TestContext.Current.CancellationToken);

        Assert.True(answer.IsSuccessStatusCode);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_service.DataDirectory, "scratch")));
        Assert.Equal("DELETED", (string)(await client.Get("/v1/models/unwanted"))["status"]!);
        Assert.Contains("The model 'unwanted' was deleted", await client.Failed("/v1/evaluations/orphaned"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AJobThatWaitsForItsTurnCanBeCancelled()
    {
        var client = _service.Client;
        await client.Upload("stopping/few.csv", "n,y\n1,0\n2,1\n");
        var slots = _service.Services.GetRequiredService<JobSlots>();
        var taken = new List<IDisposable>();
        while (!slots.AreTaken(1))
            taken.Add(await slots.Enter(1, "", TestContext.Current.CancellationToken));
        await client.Post("/v1/datasources", """{"id": "waiting", "dataLocation": "s3://stopping/few.csv"}""");
        await client.Post("/v1/models", """{"id": "waits-for-it", "trainingDatasourceId": "waiting"}""");
        await _service.Client.AtWork("/v1/datasources/waiting", "waiting");

        var model = await client.Post("/v1/models/waits-for-it/cancel", "{}");
        var source = await client.Post("/v1/datasources/waiting/cancel", "{}");
        taken.ForEach(slot => slot.Dispose());

        Assert.Equal(("FAILED", "FAILED"), ((string)model["status"]!, (string)source["status"]!));
        Assert.False(slots.AreTaken(1));
    }

    [Fact]
    public async Task AnAttemptWhoseRowHasGoneOnWithoutItStopsByItself()
    {
        var client = _service.Client;
        await client.Post("/v1/models", """{"id": "overtaken", "trainingDatasourceId": "large"}""");
        await _service.Client.AtWork("/v1/models/overtaken", "encoding");
        // As another process would that could not reach this one.
        await using (var context = await Metadata())
            await context.Models.Where(row => row.Id == "overtaken")
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.CancelRequested, true), TestContext.Current.CancellationToken);

        Assert.Equal("Cancelled on request.", await client.Failed("/v1/models/overtaken"));
    }

    [Fact]
    public async Task ANewAttemptDropsTheUploadsOfAnEarlierOneWhichThenCannotPublishAndNobodyElses()
    {
        var own = await Objects.BeginUpload(ObjectUri.Parse("s3://stopping/out2/batch-prediction/result/b-few.csv.gz"), TestContext.Current.CancellationToken);
        var others = await Objects.BeginUpload(ObjectUri.Parse("s3://stopping/out2/batch-prediction/result/b-2-few.csv.gz"), TestContext.Current.CancellationToken);
        var part = await Objects.UploadPart(own, 1, new MemoryStream([1, 2, 3]), TestContext.Current.CancellationToken);
        await _service.Client.Upload("stopping/again/few.csv", BankingSample.Labelled.OpenRead());
        await _service.Client.Post("/v1/datasources", """{"id": "again", "dataLocation": "s3://stopping/again/few.csv", "computeStatistics": false}""");
        await _service.Client.Completed("/v1/datasources/again");
        await using (var context = await Metadata())
        {
            context.Add(new BatchPrediction
            {
                Id = "b",
                ModelId = "stopping",
                DataSourceId = "again",
                OutputUri = "s3://stopping/out2/",
                Status = ResourceStatus.InProgress,
                Attempt = 1, // whose process has died, or stands still just before it publishes
            });
            await context.SaveChangesAsync(TestContext.Current.CancellationToken);
        }

        await _service.Client.Completed("/v1/batch-predictions/b");

        Assert.Equal(others.Id, Assert.Single(await Uploads("out2/")).Id);
        Assert.NotEqual(own.Id, others.Id);
        var published = await Objects.Head(own.Target, TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<ObjectNotFoundException>(() => Objects.CompleteUpload(own, [part], TestContext.Current.CancellationToken));
        Assert.Equal(published, await Objects.Head(own.Target, TestContext.Current.CancellationToken));
        await Objects.AbortUpload(others, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task AnEarlierAttemptThatComesBackLateAndDropsTheUploadsOfThisOneOnlyMakesItBeginAnew()
    {
        await _service.Client.Post(
            "/v1/batch-predictions", """{"id": "disturbed", "modelId": "stopping", "datasourceId": "large", "outputUri": "s3://stopping/out3/"}""");
        await _service.Client.AtWork("/v1/batch-predictions/disturbed", "predicting");
        foreach (var upload in await Uploads("out3/"))
            await Objects.AbortUpload(upload, TestContext.Current.CancellationToken);

        await _service.Client.Completed("/v1/batch-predictions/disturbed");

        await using var context = await Metadata();
        var row = await context.BatchPredictions.SingleAsync(row => row.Id == "disturbed", TestContext.Current.CancellationToken);
        Assert.Equal((2, 1, 0), (row.Attempt, row.Interruptions, row.Faults));
        Assert.Empty(await Uploads("out3/"));
    }

    [Fact]
    public async Task AnEarlierAttemptThatComesBackLateAndRemovesItsCheckpointOnlyMakesThisOneBeginAnew()
    {
        var checkpoint = Artifacts.Checkpoint(new ResourceKey(ResourceKind.Model, "resumed")).Child("1.bin");
        await Objects.Put(checkpoint, new MemoryStream([1]), null, TestContext.Current.CancellationToken);
        await using (var context = await Metadata())
        {
            context.Add(new Model
            {
                Id = "resumed",
                TrainingDataSourceId = "large",
                Parameters = new Dictionary<string, string> { ["sgd.maxPasses"] = "1" },
                Status = ResourceStatus.InProgress,
                Attempt = 1,
            });
            await context.SaveChangesAsync(TestContext.Current.CancellationToken);
        }
        await _service.Client.AtWork("/v1/models/resumed", "encoding");
        await Objects.Delete(checkpoint, TestContext.Current.CancellationToken);

        await _service.Client.Completed("/v1/models/resumed");

        await using var after = await Metadata();
        var row = await after.Models.SingleAsync(row => row.Id == "resumed", TestContext.Current.CancellationToken);
        Assert.Equal((3, 1, 0), (row.Attempt, row.Interruptions, row.Faults));
    }

    [Fact]
    public async Task AnAttemptThatComesBackLateRemovesNothingOfThoseAfterIt()
    {
        var key = new ResourceKey(ResourceKind.Model, "taken-over");
        string[] later = ["Model/taken-over/3/model.bin", "Model/taken-over/checkpoint/1.bin"];
        foreach (var name in (string[])["Model/taken-over/1/model.bin", "Model/taken-over/2/model.bin", .. later])
            await Objects.Put(new ObjectUri(Artifacts.Bucket, name), new MemoryStream([1]), null, TestContext.Current.CancellationToken);
        var own = await Objects.BeginUpload(new ObjectUri(Artifacts.Bucket, "Model/taken-over/3/exchange-0"), TestContext.Current.CancellationToken);

        await Artifacts.RemoveBefore(Objects, key, attempt: 3, TestContext.Current.CancellationToken);

        var left = await Objects.List(Artifacts.Bucket, "Model/taken-over/", null, TestContext.Current.CancellationToken)
            .Select(item => item.Uri.Key).ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal(later, left);
        Assert.Equal(own.Id, Assert.Single(await Objects.ListUploads(Artifacts.Bucket, "Model/taken-over/", TestContext.Current.CancellationToken)
            .ToListAsync(TestContext.Current.CancellationToken)).Id);
        await Artifacts.Remove(Objects, key, TestContext.Current.CancellationToken);
    }

    private async Task<IReadOnlyList<MultipartUpload>> Uploads(string prefix = "out/")
    {
        var uploads = new List<MultipartUpload>();
        await foreach (var upload in Objects.ListUploads("stopping", prefix, TestContext.Current.CancellationToken))
            uploads.Add(upload);
        return uploads;
    }

    private IObjectStore Objects => _service.Services.GetRequiredService<IObjectStore>();

    private Task<MetadataContext> Metadata() => _service.Services.GetRequiredService<IDbContextFactory<MetadataContext>>()
        .CreateDbContextAsync(TestContext.Current.CancellationToken);

    /// <summary>A service with a model, and with data so large that its jobs can be met at work.</summary>
    public sealed class LargeData : IAsyncLifetime
    {
        private const int Copies = 8;

        public RunningService Service { get; } = new();

        public async ValueTask InitializeAsync()
        {
            await Service.InitializeAsync();
            var client = Service.Client;
            for (var copy = 0; copy < Copies; copy++)
                await client.Upload($"stopping/large/{copy}.csv", BankingSample.Labelled.OpenRead());
            await client.Post("/v1/datasources", """{"id": "large", "dataLocation": "s3://stopping/large/"}""");
            await client.Post(
                "/v1/datasources", """{"id": "small", "dataLocation": "s3://stopping/large/0.csv", "split": {"percentBegin": 0, "percentEnd": 5}}""");
            await client.Post("/v1/models", """{"id": "stopping", "trainingDatasourceId": "small", "parameters": {"sgd.maxPasses": "1"}}""");
            await client.Completed("/v1/datasources/large");
            await client.Completed("/v1/models/stopping");
        }

        public ValueTask DisposeAsync() => Service.DisposeAsync();
    }
}
