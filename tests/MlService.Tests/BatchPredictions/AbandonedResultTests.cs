using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MlService.BatchPredictions;
using MlService.Metadata;
using MlService.Models;
using MlService.Storage;
using MlService.Tests.Metadata;

namespace MlService.Tests.BatchPredictions;

/// <summary>Uploads of results, and results, that a killed process did not live to drop.</summary>
public class AbandonedResultTests(QuietService service)
{
    private readonly string _bucket = QuietService.NewId("uploads");
    private readonly string _id = QuietService.NewId("bp");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private IObjectStore Objects => service.Services.GetRequiredService<IObjectStore>();

    [Fact]
    public async Task TheSweepDropsThoseOfFinishedBatchPredictionsAndNobodyElses()
    {
        await Create(_id, ResourceStatus.Failed);
        await Create($"{_id}-2", ResourceStatus.InProgress);
        await Begin($"batch-prediction/result/{_id}-data.csv.gz", $"batch-prediction/{_id}.manifest");
        // Perhaps of the one that works; of a stranger; and not where results lie at all.
        string[] kept = [$"batch-prediction/result/{_id}-2-data.csv.gz", "batch-prediction/result/stranger-data.csv.gz", $"{_id}-data.csv.gz"];
        await Begin(kept);

        await using var context = await service.Services.GetRequiredService<IDbContextFactory<MetadataContext>>().CreateDbContextAsync(Cancellation);
        await Job().DropLeftovers(context, Objects, DateTime.UtcNow.AddHours(-1), Cancellation);

        Assert.Equal(kept.Order(StringComparer.Ordinal), await Uploads());
    }

    [Fact]
    public async Task WhoseJobHasFailedCannotPublishAnyMore()
    {
        await Create(_id, ResourceStatus.Failed);
        var late = (await Begin($"batch-prediction/result/{_id}-data.csv.gz")).Single();
        var part = await Objects.UploadPart(late, 1, new MemoryStream([1, 2, 3]), Cancellation);

        await using var context = await service.Services.GetRequiredService<IDbContextFactory<MetadataContext>>().CreateDbContextAsync(Cancellation);
        await Job().DropLeftovers(context, Objects, await context.BatchPredictions.SingleAsync(row => row.Id == _id, Cancellation), Cancellation);

        await Assert.ThrowsAsync<ObjectNotFoundException>(() => Objects.CompleteUpload(late, [part], Cancellation));
        Assert.Null(await Objects.Head(late.Target, Cancellation));
    }

    [Theory]
    [InlineData(ResourceStatus.Failed, false)]
    [InlineData(ResourceStatus.Deleted, false)]
    [InlineData(ResourceStatus.Completed, true)]
    [InlineData(ResourceStatus.Deleted, true)]
    [InlineData(ResourceStatus.InProgress, false)]
    public async Task WhatWasPublishedIsRemovedIfItsBatchPredictionEndedWithoutCompleting(ResourceStatus status, bool hasCompleted)
    {
        var start = DateTime.UtcNow;
        await Create(_id, status, row => (row.StartedAt, row.Artifacts) = (start, hasCompleted ? "some/" : null));
        await Create($"{_id}-2", ResourceStatus.Completed, row => row.Artifacts = "some/");
        string[] own = [$"batch-prediction/result/{_id}-data.csv.gz", $"batch-prediction/{_id}.manifest"];
        // Perhaps of the other one; of nobody who is known; and not where results lie at all.
        string[] others = [$"batch-prediction/result/{_id}-2-data.csv.gz", $"batch-prediction/{_id}.manifest.copy", $"{_id}-data.csv.gz"];
        await Put([.. own, .. others]);

        await using var context = await service.Services.GetRequiredService<IDbContextFactory<MetadataContext>>().CreateDbContextAsync(Cancellation);
        await Job().DropLeftovers(context, Objects, DateTime.UtcNow.AddHours(-1), Cancellation);

        var isRemoved = status is ResourceStatus.Failed or ResourceStatus.Deleted && !hasCompleted;
        Assert.Equal((isRemoved ? others : [.. own, .. others]).Order(StringComparer.Ordinal), await Published());
    }

    [Fact]
    public async Task WhatLayThereBeforeItsFirstAttemptIsNotRemoved()
    {
        await Create(_id, ResourceStatus.Failed, row => row.StartedAt = DateTime.UtcNow.AddMinutes(1));
        await Put($"batch-prediction/result/{_id}-data.csv.gz");

        await using var context = await service.Services.GetRequiredService<IDbContextFactory<MetadataContext>>().CreateDbContextAsync(Cancellation);
        await Job().DropLeftovers(context, Objects, await context.BatchPredictions.SingleAsync(row => row.Id == _id, Cancellation), Cancellation);

        Assert.Single(await Published());
    }

    private BatchPredictionJob Job() => new(service.Services.GetRequiredService<TrainedModels>());

    private async Task Create(string id, ResourceStatus status, Action<BatchPrediction>? change = null)
    {
        var source = await service.CreateDataSource();
        await service.Create("batch-predictions", $$"""
            { "id": "{{id}}", "modelId": "{{await service.CreateModel(source)}}", "datasourceId": "{{source}}", "outputUri": "s3://{{_bucket}}/" }
            """);
        await service.Change<BatchPrediction>(id, row =>
        {
            row.Status = status;
            change?.Invoke(row);
        });
    }

    private async Task Put(params string[] keys)
    {
        foreach (var key in keys)
            await service.Put($"s3://{_bucket}/{key}", "x");
    }

    private async Task<IReadOnlyList<string>> Published() =>
        await Objects.List(_bucket, "", null, Cancellation).Select(item => item.Uri.Key).ToListAsync(Cancellation);

    private async Task<List<MultipartUpload>> Begin(params string[] keys)
    {
        List<MultipartUpload> begun = [];
        foreach (var key in keys)
            begun.Add(await Objects.BeginUpload(new ObjectUri(_bucket, key), Cancellation));
        return begun;
    }

    private async Task<IReadOnlyList<string>> Uploads() =>
        await Objects.ListUploads(_bucket, "", Cancellation).Select(upload => upload.Target.Key).ToListAsync(Cancellation);
}
