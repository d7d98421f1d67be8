using System.Text;
using System.Text.Json;
using MlService.Jobs;
using MlService.Learning.Records;
using MlService.Learning.Statistics;

namespace MlService.DataSources;

/// <summary>What reading a datasource showed.</summary>
/// <param name="Rows">Valid rows.</param>
/// <param name="Rejected">Rows that could not be read.</param>
/// <param name="Rejections">The first of them, in words.</param>
/// <param name="Message">What its owner should know.</param>
internal sealed record ReadResult(long Rows, long Rejected, IReadOnlyList<string> Rejections, string? Message)
{
    public static ReadResult Of(long rows, long rejected, IReadOnlyList<string> rejections) => new(
        rows, rejected, rejections,
        rejected == 0 ? null : $"{rejected:N0} of {rows + rejected:N0} rows were rejected. {DataSourceJob.First(rejections)}");
}

/// <summary>What reading a shard showed.</summary>
internal sealed record ShardReport(DataStatistics Statistics, long Rejected, IReadOnlyList<string> Rejections);

/// <summary>Reads all rows of a shard for the data report.</summary>
[GenerateSerializer, Immutable]
internal sealed record SummarizeShard([property: Id(0)] ShardInput Input) : ShardStep<ShardReport>
{
    private const int RowsPerReport = 4096;

    public override ShardReport Execute(ShardScope scope)
    {
        using var reader = Input.Open(scope);
        var statistics = new DataStatistics(Input.Rows.Value.Schema);
        while (reader.Read())
        {
            if (!reader.IsRejected)
                statistics.Add(reader.Record, reader.RowPosition);
            if (reader.RowsRead % RowsPerReport == 0)
                scope.Report(reader.RowsRead, reader.BytesRead);
        }

        scope.Report(reader.RowsRead, reader.BytesRead);
        statistics.AddRejected(reader.RowsRejected);
        return new ShardReport(statistics, reader.RowsRejected, reader.Rejections);
    }

    public override void Write(ShardReport result, Stream stream)
    {
        using (var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(result.Rejected);
            writer.Write(JsonSerializer.Serialize(result.Rejections));
        }

        result.Statistics.Write(stream);
    }

    public override ShardReport Read(Stream stream)
    {
        using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
        var (rejected, rejections) = (reader.ReadInt64(), JsonSerializer.Deserialize<string[]>(reader.ReadString())!);
        return new ShardReport(DataStatistics.Read(stream, Input.Rows.Value.Schema), rejected, rejections);
    }
}

/// <summary>Reads the first rows, to see whether the schema fits them.</summary>
[GenerateSerializer, Immutable]
internal sealed record SampleShard([property: Id(0)] ShardInput Input) : ShardStep<ReadResult>
{
    private const int SampleRows = 1000;

    public override ReadResult Execute(ShardScope scope)
    {
        using var reader = Input.Open(scope);
        var read = 0;
        while (read++ < SampleRows && reader.Read())
            scope.Cancellation.ThrowIfCancellationRequested();
        return ReadResult.Of(reader.RowsRead - reader.RowsRejected, reader.RowsRejected, reader.Rejections);
    }

    public override void Write(ReadResult result, Stream stream) => JsonSerializer.Serialize(stream, result);

    public override ReadResult Read(Stream stream) => JsonSerializer.Deserialize<ReadResult>(stream)!;
}
