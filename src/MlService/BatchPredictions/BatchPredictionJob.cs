using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using MlService.DataSources;
using MlService.Jobs;
using MlService.Learning;
using MlService.Learning.Records;
using MlService.Metadata;
using MlService.Models;
using MlService.Storage;

namespace MlService.BatchPredictions;

/// <summary>
/// Scores each row of a datasource. Each input file gets one result, <c>{output}batch-prediction/result/{id}-{file}.gz</c>, with a
/// line per row in the input's order; the manifest leads from inputs to results. All are uploads in parts that are completed one after the
/// other at the end, the manifest last: an upload is also the fence, for a later attempt drops those of the earlier ones before it
/// begins its own, and what is dropped cannot be completed.
/// </summary>
public sealed class BatchPredictionJob(TrainedModels models) : ResourceJob
{
    /// <inheritdoc/>
    public override ResourceKind Kind => ResourceKind.BatchPrediction;

    /// <inheritdoc/>
    public override async Task<Action<Resource>> Run(JobContext context)
    {
        var row = (BatchPrediction)context.Row;
        var input = await DataSourceInput.Load(context, row.DataSourceId);
        var trained = await TrainedModel.Load(context, models, row.ModelId);
        trained.CheckInput(input.Schema);
        await context.Admit(input.Bytes);

        var results = ResultLocations.Results(row, input.Files);
        if (row.Attempt > 1)
        {
            // It may have waited for its turn for long.
            await context.EnsureCurrent();
            await DropUploads(context.Objects, [.. results, ResultLocations.Manifest(row)], context.Cancellation);
        }
        var pieces = Cut(context, input);
        var team = context.Team(pieces.Max(file => file.Count()));
        var source = new PredictSource(await input.ShareWith(team), trained.ShareWith(team), trained.Threshold);
        var ready = new List<(MultipartUpload Upload, IReadOnlyList<UploadedPart> Parts)>();
        long total = 0, invalid = 0, done = 0;
        // A file that the split leaves out altogether gets no result.
        foreach (var file in pieces.Select(piece => piece.Key).Order())
        {
            var upload = await Begin(context, results[file]);
            var (rows, failed, parts) = await Predict(context, team, source, pieces[file], upload, done, input.Bytes);
            ready.Add((upload, parts));
            (total, invalid) = (total + rows, invalid + failed);
            done += pieces[file].Sum(piece => piece.Length);
        }

        var manifest = pieces.Select(piece => piece.Key).Order()
            .Select(file => KeyValuePair.Create(input.Files[file].Uri, results[file].ToString())).ToDictionary();
        ready.Add(await UploadManifest(context, row, manifest));
        await context.EnsureCurrent();
        foreach (var (upload, parts) in ready)
            await ResultUploads.Complete(context.Objects, upload, parts, context.Cancellation);
        return resource =>
        {
            var result = (BatchPrediction)resource;
            result.DataLocation = input.Row.DataLocation;
            (result.TotalRecordCount, result.InvalidRecordCount) = (total, invalid);
        };
    }

    /// <inheritdoc/>
    public override async Task DropLeftovers(MetadataContext context, IObjectStore objects, Resource row, CancellationToken cancellation)
    {
        // As it is now: the caller's may be from before it ended.
        var prediction = await context.BatchPredictions.AsNoTracking().SingleAsync(other => other.Id == row.Id, cancellation);
        await AbandonedResults.DropUploads(context, objects, ResultLocations.ResultPrefix(prediction), cancellation);
        await AbandonedResults.DropUploads(context, objects, ResultLocations.Manifest(prediction), cancellation);
        // After the uploads, none of which can be published any more.
        await AbandonedResults.RemovePublished(context, objects, prediction, cancellation);
    }

    /// <inheritdoc/>
    public override async Task DropLeftovers(MetadataContext context, IObjectStore objects, DateTime since, CancellationToken cancellation)
    {
        var changed = context.BatchPredictions.AsNoTracking().Where(row => row.UpdatedAt >= since);
        foreach (var output in await changed.Select(row => row.OutputUri).Distinct().ToListAsync(cancellation))
            await AbandonedResults.DropUploads(context, objects, ResultLocations.Root(output), cancellation);
        foreach (var row in await changed.Where(row => row.StartedAt != null && row.Artifacts == null).ToListAsync(cancellation))
            await AbandonedResults.RemovePublished(context, objects, row, cancellation);
    }

    /// <summary>
    /// Drops the uploads of earlier attempts, which those can then no longer publish, should one of them still live. Only uploads to exactly these
    /// names are this job's: <c>result/a-b.csv.gz</c> may as well be of a job <c>a-b</c>. Finished results stay: this attempt writes
    /// the same again.
    /// </summary>
    private static async Task DropUploads(IObjectStore objects, IReadOnlyList<ObjectUri> results, CancellationToken cancellation)
    {
        foreach (var result in results)
            await foreach (var upload in objects.ListUploads(result.Bucket, result.Key, cancellation))
                if (upload.Target == result)
                    await objects.AbortUpload(upload, cancellation);
    }

    private static async Task<MultipartUpload> Begin(JobContext context, ObjectUri target)
    {
        await context.EnsureCurrent();
        var upload = await context.Objects.BeginUpload(target, context.Cancellation);
        context.Undo(() => context.Objects.AbortUpload(upload, CancellationToken.None));
        return upload;
    }

    private static async Task<(MultipartUpload Upload, IReadOnlyList<UploadedPart> Parts)> UploadManifest(
        JobContext context, BatchPrediction row, IReadOnlyDictionary<string, string> manifest)
    {
        using var text = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(manifest, JsonSerializerOptions.Default));
        var upload = await Begin(context, ResultLocations.Manifest(row));
        return (upload, [await ResultUploads.Part(context.Objects, upload, 1, text, context.Cancellation)]);
    }

    /// <summary>The pieces of each file, in order.</summary>
    private static ILookup<int, DataSegment> Cut(JobContext context, DataSourceInput input) =>
        input.Shards(context.ShardCount(input.Bytes, context.Options.MinShardBytes))
            .SelectMany(segments => segments).ToLookup(segment => segment.File);

    private static async Task<(long Rows, long Failed, IReadOnlyList<UploadedPart> Parts)> Predict(
        JobContext context, ShardTeam team, PredictSource source, IEnumerable<DataSegment> segments, MultipartUpload upload,
        long bytesBefore, long totalBytes)
    {
        var pieces = segments.ToList();
        var numbers = MultipartUpload.MaxParts / Math.Max(1, pieces.Count);
        var steps = pieces.Select((segment, index) => new PredictPiece(
            source, segment, upload.Target.ToString(), upload.Id, FirstPart: 1 + index * numbers, Parts: numbers, HasHeader: index == 0)).ToList();
        var size = pieces.Sum(piece => piece.Length);
        var total = Math.Max(1, totalBytes);
        var from = 95.0 * bytesBefore / total;
        var done = await team.Run("predicting", steps, size, from, from + 95.0 * size / total);
        return (done.Sum(piece => piece.Rows), done.Sum(piece => piece.Failed), await Join(context, upload, done, numbers));
    }

    /// <summary>Joins the pieces' kept-back beginnings to parts that are large enough.</summary>
    /// <returns>The parts of the whole result, in order.</returns>
    private static async Task<IReadOnlyList<UploadedPart>> Join(JobContext context, MultipartUpload upload, IReadOnlyList<PieceResult> pieces, int numbers)
    {
        var parts = new List<UploadedPart>();
        using var carried = new MemoryStream();
        for (var index = 0; index < pieces.Count; index++)
        {
            carried.Write(pieces[index].Head.Span);
            if (pieces[index].Parts.Count > 0 || carried.Length >= ResultParts.PartBytes || index == pieces.Count - 1)
            {
                carried.Position = 0;
                parts.Add(await ResultUploads.Part(context.Objects, upload, 1 + index * numbers, carried, context.Cancellation));
                carried.SetLength(0);
            }

            parts.AddRange(pieces[index].Parts);
        }

        return parts;
    }
}
