using System.Buffers;
using System.IO.Compression;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using MlService.DataSources;
using MlService.Jobs;
using MlService.Learning;
using MlService.Learning.Models;
using MlService.Learning.Records;
using MlService.Learning.Scoring;
using MlService.Metadata;
using MlService.Models;
using MlService.Storage;

namespace MlService.BatchPredictions;

/// <summary>
/// Scores each row of a datasource. Each input file gets one result, <c>{output}batch-prediction/result/{id}-{file}.gz</c>, with a
/// line per row in the input's order; the manifest, written last, leads from inputs to results.
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

        var results = ResultNames(row, input.Files);
        if (row.Attempt > 1)
            await DropUploads(context.Objects, results, context.Cancellation);
        var pieces = Cut(context, input);
        long total = 0, invalid = 0, done = 0;
        // A file that the split leaves out altogether gets no result.
        foreach (var file in pieces.Select(piece => piece.Key).Order())
        {
            await context.EnsureCurrent();
            var upload = await context.Objects.BeginUpload(results[file], context.Cancellation);
            context.Undo(() => context.Objects.AbortUpload(upload, CancellationToken.None));
            var (rows, failed) = await Predict(context, trained, input, file, pieces[file], upload, done);
            (total, invalid) = (total + rows, invalid + failed);
            done += pieces[file].Sum(piece => piece.Length);
        }

        var manifest = pieces.Select(piece => piece.Key).Order()
            .Select(file => KeyValuePair.Create(input.Files[file].Uri, results[file].ToString())).ToDictionary();
        using var text = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(manifest, JsonSerializerOptions.Default));
        await context.EnsureCurrent();
        await context.Objects.Put(ManifestUri(row), text, text.Length, context.Cancellation);
        return resource =>
        {
            var result = (BatchPrediction)resource;
            result.DataLocation = input.Row.DataLocation;
            (result.TotalRecordCount, result.InvalidRecordCount) = (total, invalid);
        };
    }

    /// <summary>
    /// Drops the parts that a killed process had uploaded; an attempt that is stopped does so itself. Only uploads to exactly these
    /// names are this job's: <c>result/a-b.csv.gz</c> may as well be of a job <c>a-b</c>. Finished results stay: the next attempt writes
    /// the same again.
    /// </summary>
    private static async Task DropUploads(IObjectStore objects, IReadOnlyList<ObjectUri> results, CancellationToken cancellation)
    {
        foreach (var result in results)
            await foreach (var upload in objects.ListUploads(result.Bucket, result.Key, cancellation))
                if (upload.Target == result)
                    await objects.AbortUpload(upload, cancellation);
    }

    /// <summary>Where the manifest lies.</summary>
    public static ObjectUri ManifestUri(BatchPrediction row) => Root(row).Child($"{row.Id}.manifest");

    private static ObjectUri Root(BatchPrediction row)
    {
        var output = ObjectUri.Parse(row.OutputUri);
        return output with { Key = (output.IsPrefix ? output.Key : output.Key + "/") + "batch-prediction/" };
    }

    /// <summary>
    /// A result per file, named after the last part of its key, as Amazon's were. Where two files share that part, the later ones
    /// get their place in the order as well: <c>bp-1-data.csv.gz</c>, <c>bp-1-2-data.csv.gz</c>.
    /// </summary>
    private static IReadOnlyList<ObjectUri> ResultNames(BatchPrediction row, IReadOnlyList<DataFile> files)
    {
        var root = Root(row);
        var taken = new HashSet<string>(StringComparer.Ordinal);
        return [.. files.Select((file, index) =>
        {
            var name = file.Uri[(file.Uri.LastIndexOf('/') + 1)..];
            if (!taken.Add(name))
                taken.Add(name = $"{index + 1}-{name}");
            return root.Child($"result/{row.Id}-{name}.gz");
        })];
    }

    /// <summary>The pieces of each file, in order.</summary>
    private static ILookup<int, DataSegment> Cut(JobContext context, DataSourceInput input) =>
        input.Shards(context.ShardCount(input.Bytes, context.Options.MinShardBytes))
            .SelectMany(shard => shard.Segments).ToLookup(segment => segment.File);

    private static async Task<(long Rows, long Failed)> Predict(
        JobContext context, TrainedModel trained, DataSourceInput input, int file, IEnumerable<DataSegment> segments,
        MultipartUpload upload, long bytesBefore)
    {
        var pieces = segments.ToList();
        var numbers = MultipartUpload.MaxParts / Math.Max(1, pieces.Count);
        var steps = pieces.Select((segment, index) => new PredictPiece(
            new ShardInput(input.Schema, input.Files, [segment], input.Split),
            trained,
            upload,
            FirstPart: 1 + index * numbers,
            Parts: numbers,
            HasHeader: index == 0)).ToList();
        var size = pieces.Sum(piece => piece.Length);
        var from = 95.0 * bytesBefore / Math.Max(1, input.Bytes);
        var done = await context.RunShards<PieceResult>("predicting", steps, size, from, from + 95.0 * size / Math.Max(1, input.Bytes));
        await Join(context, upload, done, numbers);
        return (done.Sum(piece => piece.Rows), done.Sum(piece => piece.Failed));
    }

    /// <summary>Joins the pieces' kept-back beginnings to parts that are large enough, and publishes the object.</summary>
    private static async Task Join(JobContext context, MultipartUpload upload, IReadOnlyList<PieceResult> pieces, int numbers)
    {
        var parts = new List<UploadedPart>();
        using var carried = new MemoryStream();
        for (var index = 0; index < pieces.Count; index++)
        {
            carried.Write(pieces[index].Head.Span);
            if (pieces[index].Parts.Count > 0 || carried.Length >= ResultParts.PartBytes || index == pieces.Count - 1)
            {
                carried.Position = 0;
                parts.Add(await context.Objects.UploadPart(upload, 1 + index * numbers, carried, context.Cancellation));
                carried.SetLength(0);
            }

            parts.AddRange(pieces[index].Parts);
        }

        await context.EnsureCurrent();
        await context.Objects.CompleteUpload(upload, parts, context.Cancellation);
    }

    /// <summary>What became of one piece.</summary>
    private sealed record PieceResult(long Rows, long Failed, ReadOnlyMemory<byte> Head, IReadOnlyList<UploadedPart> Parts);

    private sealed record PredictPiece(
        ShardInput Input, TrainedModel Trained, MultipartUpload Upload, int FirstPart, int Parts, bool HasHeader) : ShardStep
    {
        private const int FlushBytes = 64 << 10;
        private const int RowsPerReport = 4096;

        public override object Execute(ShardScope scope)
        {
            var schema = Input.Schema;
            var target = schema.IndexOf(Trained.Model.Plan.Schema.Target ?? "");
            using var parts = new ResultParts(scope.Objects, Upload, FirstPart, Parts, scope.Cancellation);
            using var reader = Input.Open(scope);
            var lines = new ArrayBufferWriter<byte>(2 * FlushBytes);
            var writer = new BatchRowWriter(
                lines, Trained.Model, Trained.Threshold, hasTag: schema.RowIdIndex >= 0, hasTrueLabel: target >= 0);
            var scorer = Trained.Model.CreateScorer(schema);
            using (var gzip = new GZipStream(parts, CompressionLevel.Fastest, leaveOpen: true))
            {
                if (HasHeader)
                    writer.WriteHeader();
                while (reader.Read())
                {
                    if (reader.IsRejected)
                        writer.WriteFailed();
                    else
                        Write(reader.Record);
                    if (lines.WrittenCount >= FlushBytes)
                        Flush(gzip);
                    if (reader.RowsRead % RowsPerReport == 0)
                        scope.Report(reader.RowsRead, reader.BytesRead);
                }

                Flush(gzip);
            }

            parts.Complete();
            scope.Report(reader.RowsRead, reader.BytesRead);
            return new PieceResult(reader.RowsRead, reader.RowsRejected, parts.Head, parts.Parts);

            void Write(in Record record) => writer.Write(
                scorer.Score(record),
                schema.RowIdIndex >= 0 ? record[schema.RowIdIndex] : default,
                target >= 0 ? record[target] : default);

            void Flush(GZipStream gzip)
            {
                gzip.Write(lines.WrittenSpan);
                lines.ResetWrittenCount();
            }
        }
    }
}
