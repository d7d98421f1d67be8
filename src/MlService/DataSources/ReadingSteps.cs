using System.Text;
using System.Text.Json;
using MlService.Jobs;
using MlService.Learning.Records;
using MlService.Learning.Schemas;
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

/// <summary>What reading some rows showed.</summary>
internal sealed record RowsReport(DataStatistics Statistics, long Rejected, IReadOnlyList<string> Rejections)
{
    private const int Kept = 10;

    /// <summary>Puts together what reading different rows of a data set showed, in their order; the first takes the others in.</summary>
    public static RowsReport Merge(DataSchema schema, IReadOnlyList<RowsReport> reports)
    {
        var whole = reports.Count > 0 ? reports[0].Statistics : new DataStatistics(schema);
        whole.Merge([.. reports.Skip(1).Select(report => report.Statistics)]);
        return new RowsReport(whole, reports.Sum(report => report.Rejected), [.. reports.SelectMany(report => report.Rejections).Take(Kept)]);
    }

    public void Write(Stream stream)
    {
        using (var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(Rejected);
            writer.Write(JsonSerializer.Serialize(Rejections));
        }
        Statistics.Write(stream);
    }

    public static RowsReport Read(Stream stream, DataSchema schema)
    {
        using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
        var (rejected, rejections) = (reader.ReadInt64(), JsonSerializer.Deserialize<string[]>(reader.ReadString())!);
        return new RowsReport(DataStatistics.Read(stream, schema), rejected, rejections);
    }
}

/// <summary>Reads all rows of a shard for the data report, and tells the parts apart that they belong to.</summary>
[GenerateSerializer, Immutable]
internal sealed record SummarizeShard([property: Id(0)] ShardInput Input, [property: Id(1)] DataParts Parts) : ShardStep<RowsReport?[]>
{
    private const int RowsPerReport = 4096;

    /// <returns>What each part's rows in this shard showed; null where it has none.</returns>
    public override RowsReport?[] Execute(ShardScope scope)
    {
        using var reader = Input.Open(scope);
        var rows = Input.Rows.Value;
        var locator = Parts.In(rows.Files);
        var statistics = new DataStatistics?[Parts.Count];
        var rejections = new List<string>?[Parts.Count];
        while (reader.Read())
        {
            var position = reader.RowPosition;
            var part = locator.PartOf(position);
            var summary = statistics[part] ??= new DataStatistics(rows.Schema);
            if (reader.IsRejected)
            {
                summary.AddRejected(1);
                if (reader.RowsRejected == reader.Rejections.Count)
                    (rejections[part] ??= []).Add(reader.Rejections[^1]);
            }
            else
            {
                summary.Add(reader.Record, position);
            }
            if (reader.RowsRead % RowsPerReport == 0)
                scope.Report(reader.RowsRead, reader.BytesRead);
        }

        scope.Report(reader.RowsRead, reader.BytesRead);
        return [.. statistics.Zip(rejections, (part, told) => part is null ? null : new RowsReport(part, part.RejectedRows, told ?? []))];
    }

    public override void Write(RowsReport?[] result, Stream stream)
    {
        foreach (var report in result)
        {
            stream.WriteByte(report is null ? (byte)0 : (byte)1);
            report?.Write(stream);
        }
    }

    public override RowsReport?[] Read(Stream stream)
    {
        var reports = new RowsReport?[Parts.Count];
        for (var part = 0; part < reports.Length; part++)
            reports[part] = stream.ReadByte() == 1 ? RowsReport.Read(stream, Input.Rows.Value.Schema) : null;
        return reports;
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
