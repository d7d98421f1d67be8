using System.Text.Json;
using MlService.Jobs;
using MlService.Learning.Records;
using MlService.Learning.Schemas;
using MlService.Metadata;
using MlService.Storage;

namespace MlService.DataSources;

/// <summary>A completed datasource as the jobs that build on it see it.</summary>
/// <param name="Row">The datasource.</param>
/// <param name="Schema">Its schema.</param>
/// <param name="Files">Its files, as they were when it was made.</param>
/// <param name="Split">Which of their rows are meant.</param>
public sealed record DataSourceInput(DataSource Row, DataSchema Schema, IReadOnlyList<DataFile> Files, DataSplit Split)
{
    /// <summary>Plain bytes that a job on this datasource reads: those of its part of the files. A random part is drawn from all of them.</summary>
    public long Bytes { get; } = DataSet.Shards(Files, Split, 1).Sum(segments => segments.Sum(segment => segment.Length));

    /// <summary>Reads the datasource that a job depends on.</summary>
    public static async Task<DataSourceInput> Load(JobContext context, string id)
    {
        var row = await FindRow(context, id) ?? throw new InvalidOperationException($"Datasource '{id}' has vanished.");
        return await Load(context, row);
    }

    /// <summary>Reads a datasource that a job can do without; null where it is deleted.</summary>
    public static async Task<DataSourceInput?> Find(JobContext context, string id) =>
        await FindRow(context, id) is { Status: ResourceStatus.Completed } row ? await Load(context, row) : null;

    private static async Task<DataSource?> FindRow(JobContext context, string id)
    {
        await using var metadata = await context.OpenMetadata();
        return await metadata.DataSources.FindAsync([id], context.Cancellation);
    }

    private static async Task<DataSourceInput> Load(JobContext context, DataSource row)
    {
        await using var stream = await context.Objects.OpenRead(
            Artifacts.Uri(row, Artifacts.Files), cancellationToken: context.Cancellation);
        var files = await JsonSerializer.DeserializeAsync<DataFile[]>(stream, cancellationToken: context.Cancellation);
        return new DataSourceInput(row, DataSchema.Parse(row.Schema!), files!, ReadSplit(row.DataRearrangement));
    }

    /// <summary>Reads a split as it came with the request; none means all rows.</summary>
    public static DataSplit ReadSplit(string? dataRearrangement) =>
        string.IsNullOrWhiteSpace(dataRearrangement) ? DataSplit.All : DataSplit.Parse(dataRearrangement);

    /// <summary>Cuts the rows into shards of some segments each; together and in order they are the datasource.</summary>
    public IReadOnlyList<IReadOnlyList<DataSegment>> Shards(int count) => DataSet.Shards(Files, Split, count);

    /// <summary>Lets the shards of a job read the rows.</summary>
    public Task<SharedItem<InputRows>> ShareWith(ShardTeam team)
    {
        var rows = new InputRows(Schema, Files, Split);
        return team.Share("input", rows, rows.Write);
    }
}
