using System.Buffers;
using System.IO.Compression;
using System.Text.Json;
using MlService.DataSources;
using MlService.Jobs;
using MlService.Learning.Models;
using MlService.Learning.Records;
using MlService.Learning.Scoring;
using MlService.Storage;

namespace MlService.BatchPredictions;

/// <summary>What all pieces of a batch prediction share.</summary>
/// <param name="Rows">The rows to score.</param>
/// <param name="Model">The model.</param>
/// <param name="Threshold">Score from which on a binary model answers 1.</param>
[GenerateSerializer, Immutable]
internal sealed record PredictSource(
    [property: Id(0)] SharedItem<InputRows> Rows, [property: Id(1)] SharedItem<ScoringModel> Model, [property: Id(2)] double Threshold);

/// <summary>What became of one piece.</summary>
/// <param name="Rows">Lines written, without the header.</param>
/// <param name="Failed">How many of them say that the row could not be scored.</param>
/// <param name="Head">Beginning of the compressed bytes, which is not uploaded.</param>
/// <param name="Parts">What is uploaded.</param>
internal sealed record PieceResult(long Rows, long Failed, ReadOnlyMemory<byte> Head, IReadOnlyList<UploadedPart> Parts);

/// <summary>Scores the rows of one piece of a file, and uploads its piece of the result.</summary>
/// <param name="Source">What all pieces share.</param>
/// <param name="Segment">The rows.</param>
/// <param name="Target">The object that the upload makes.</param>
/// <param name="UploadId">The upload.</param>
/// <param name="FirstPart">First of the part numbers that are this piece's.</param>
/// <param name="Parts">How many part numbers are this piece's.</param>
/// <param name="HasHeader">Whether the result's header comes first.</param>
[GenerateSerializer, Immutable]
internal sealed record PredictPiece(
    [property: Id(0)] PredictSource Source,
    [property: Id(1)] DataSegment Segment,
    [property: Id(2)] string Target,
    [property: Id(3)] string UploadId,
    [property: Id(4)] int FirstPart,
    [property: Id(5)] int Parts,
    [property: Id(6)] bool HasHeader) : ShardStep<PieceResult>
{
    private const int FlushBytes = 64 << 10;
    private const int RowsPerReport = 4096;

    public override PieceResult Execute(ShardScope scope)
    {
        var model = scope.Get(Source.Model, ScoringModel.Load);
        using var reader = new ShardInput(Source.Rows, [Segment]).Open(scope);
        var schema = Source.Rows.Value.Schema;
        var target = schema.IndexOf(model.Plan.Schema.Target ?? "");
        var upload = new MultipartUpload(ObjectUri.Parse(Target), UploadId, default);
        using var parts = new ResultParts(scope.Objects, upload, FirstPart, Parts, scope.Cancellation);
        var lines = new ArrayBufferWriter<byte>(2 * FlushBytes);
        var writer = new BatchRowWriter(lines, model, Source.Threshold, hasTag: schema.RowIdIndex >= 0, hasTrueLabel: target >= 0);
        var scorer = model.CreateScorer(schema);
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

    public override void Write(PieceResult result, Stream stream) => JsonSerializer.Serialize(stream, result);

    public override PieceResult Read(Stream stream) => JsonSerializer.Deserialize<PieceResult>(stream)!;
}
