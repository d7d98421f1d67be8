using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using MlService.Databases;
using MlService.Jobs;
using MlService.Learning;
using MlService.Learning.Records;
using MlService.Learning.Schemas;
using MlService.Learning.Statistics;
using MlService.Metadata;
using MlService.Problems;
using MlService.Storage;

namespace MlService.DataSources;

/// <summary>Makes a datasource: finds its files or has them made by a query, settles its schema, and reads it once for the data report.</summary>
public sealed class DataSourceJob(QueryExport export, DataTurns turns) : ResourceJob
{
    /// <inheritdoc/>
    public override ResourceKind Kind => ResourceKind.DataSource;

    /// <inheritdoc/>
    public override async Task<Action<Resource>> Run(JobContext context)
    {
        var row = (DataSource)context.Row;
        var (found, schema) = row.Query is { } query ? await Export(context, row, query) : await Find(context, row);
        var storedBytes = found.Sum(item => item.Size);
        await context.Admit(storedBytes);
        var files = await DataSourceFiles.Inspect(context, found, schema);
        var input = new DataSourceInput(row, schema, files, DataSourceInput.ReadSplit(row.DataRearrangement));
        if (input.Shards(1).Count == 0)
            throw NoRows();
        var reading = row.ComputeStatistics ? Summarize(context, input) : Sample(context, input);
        await Task.WhenAll(reading, Artifacts.Write(
            context.Objects, context.Artifacts, Artifacts.Files, stream => JsonSerializer.Serialize(stream, files), context.Cancellation));
        var read = await reading;
        return resource =>
        {
            var result = (DataSource)resource;
            result.Schema = schema.ToJson();
            result.DataSizeInBytes = storedBytes;
            result.NumberOfFiles = files.Count;
            result.Message = read.Message;
            if (row.ComputeStatistics)
                (result.Rows, result.RejectedRows) = (read.Rows, read.Rejected);
        };
    }

    /// <inheritdoc/>
    public override async Task DropLeftovers(MetadataContext context, IObjectStore objects, Resource row, CancellationToken cancellation)
    {
        // As it is now: the caller's may be from before it ended.
        if (await context.DataSources.AsNoTracking().SingleAsync(other => other.Id == row.Id, cancellation) is { Query: not null } source)
            await DropUncounted(objects, source, cancellation);
    }

    /// <inheritdoc/>
    public override async Task DropLeftovers(MetadataContext context, IObjectStore objects, DateTime since, CancellationToken cancellation)
    {
        foreach (var source in await context.DataSources.AsNoTracking().Where(row => row.UpdatedAt >= since && row.Query != null && row.Attempt > 0).ToListAsync(cancellation))
            await DropUncounted(objects, source, cancellation);
    }

    /// <summary>Drops the rows of a query that attempts have stored which did not complete its datasource.</summary>
    internal static Task DropUncounted(IObjectStore objects, DataSource row, CancellationToken cancellation)
    {
        var isFutile = row.Status is ResourceStatus.Failed or ResourceStatus.Deleted && row.Artifacts is null;
        return QueryExport.DropBefore(isFutile ? row.Attempt + 1 : row.Attempt, objects, ObjectUri.Parse(row.DataLocation), cancellation);
    }

    private static async Task<(IReadOnlyList<ObjectInfo> Found, DataSchema Schema)> Find(JobContext context, DataSource row)
    {
        await context.Report("inspecting", 0);
        var location = ObjectUri.Parse(row.DataLocation);
        var found = await DataSourceFiles.Find(context.Objects, location, context.Cancellation);
        return (found, await DataSourceFiles.FindSchema(context, row, location, found[0]));
    }

    private async Task<(IReadOnlyList<ObjectInfo> Found, DataSchema Schema)> Export(JobContext context, DataSource row, string query)
    {
        await context.Report("querying", 0);
        var given = await DataSourceFiles.FindGivenSchema(context, row);
        var made = await export.Run(context, row.Database!, query, ObjectUri.Parse(row.DataLocation), given);
        var found = await DataSourceFiles.Find(context.Objects, made, context.Cancellation);
        var schema = given ?? await DataSourceFiles.InferSchema(context, found[0], hasHeader: true);
        await export.Describe(context, made, schema);
        return (found, schema);
    }

    private async Task<ReadResult> Summarize(JobContext context, DataSourceInput input)
    {
        var (read, keeping) = KeptStatistics.IsWorthwhile(input, context.Options)
            ? await FindOrKeep(context, input)
            : (await Read(context, context.Team(Shards(context, input).Count), input), Task.CompletedTask);
        var statistics = read.Statistics;
        Check(statistics.Rows, read.Rejected, read.Rejections);
        // The disk or the server has the statistics while the report is made of them.
        using var content = Artifacts.Buffer();
        await Task.Run(() => statistics.Write(content), context.Cancellation);
        await Task.WhenAll(
            keeping,
            Artifacts.Write(context.Objects, context.Artifacts, Artifacts.Statistics, content, context.Cancellation),
            Task.Run(() => WriteReport(statistics.ToReport()), context.Cancellation));
        context.Progress.Rows = statistics.Rows + read.Rejected;
        return ReadResult.Of(statistics.Rows, read.Rejected, read.Rejections);

        Task WriteReport(DataReport report) => Artifacts.Write(
            context.Objects, context.Artifacts, Artifacts.Report, stream => JsonSerializer.Serialize(stream, report, JsonRules.Options), context.Cancellation);
    }

    /// <summary>Takes what was read for another datasource, or reads all of the data in parts and keeps them.</summary>
    /// <returns>What the datasource's rows showed, and what is still to be waited for.</returns>
    private async Task<(RowsReport Rows, Task Keeping)> FindOrKeep(JobContext context, DataSourceInput input)
    {
        // Held until the row says that the artifacts count, so that whoever has the next turn finds them.
        context.Hold(await turns.Take(KeptStatistics.NameOf(input), context.Cancellation));
        if (await KeptStatistics.Find(context, input) is { } found)
            return (found, Task.CompletedTask);
        var data = new DataSourceInput(input.Row, input.Schema, input.Files, DataSplit.All);
        var parts = KeptStatistics.PartsFor(input, context.Options);
        var team = context.Team(Shards(context, data).Count);
        IReadOnlyList<IReadOnlyList<RowsReport>> shards;
        try
        {
            shards = await Read(context, team, data, parts);
        }
        catch (InvalidInputException) when (input.Split != DataSplit.All)
        {
            // The fault may lie in rows that this datasource does not take.
            return (await Read(context, team, input), Task.CompletedTask);
        }

        var merged = new RowsReport[parts.Count];
        var contents = new MemoryStream?[parts.Count];
        await Task.Run(() => Parallel.For(0, parts.Count, part =>
        {
            merged[part] = RowsReport.Merge(input.Schema, shards[part]);
            if (shards[part].Count > 0)
                merged[part].Write(contents[part] = Artifacts.Buffer());
        }), context.Cancellation);
        var own = await Task.Run(() => RowsReport.Merge(input.Schema, [.. parts.Of(input.Split)!.Select(part => merged[part])]), context.Cancellation);
        return (own, KeptStatistics.Write(context, parts, contents));
    }

    private static IReadOnlyList<IReadOnlyList<DataSegment>> Shards(JobContext context, DataSourceInput input) =>
        input.Shards(context.ShardCount(input.Bytes, context.Options.MinShardBytes));

    private static async Task<RowsReport> Read(JobContext context, ShardTeam team, DataSourceInput input)
    {
        var reports = (await Read(context, team, input, DataParts.One))[0];
        return await Task.Run(() => RowsReport.Merge(input.Schema, reports), context.Cancellation);
    }

    /// <summary>Reads all rows.</summary>
    /// <returns>For each part what the shards that have rows of it found.</returns>
    private static async Task<IReadOnlyList<IReadOnlyList<RowsReport>>> Read(JobContext context, ShardTeam team, DataSourceInput input, DataParts parts)
    {
        var rows = await input.ShareWith(team);
        var steps = Shards(context, input).Select(segments => new SummarizeShard(new ShardInput(rows, segments), parts)).ToList();
        var reports = await team.Run("reading", steps, input.Bytes, from: Math.Max(2, context.Progress.Percent), to: 95);
        return [.. Enumerable.Range(0, parts.Count).Select(part => reports.Select(report => report[part]).OfType<RowsReport>().ToList())];
    }

    /// <summary>Without statistics the rows are not read, but a schema that does not fit them is found out now and not later.</summary>
    private static async Task<ReadResult> Sample(JobContext context, DataSourceInput input)
    {
        var team = context.Team(1);
        var sample = new SampleShard(new ShardInput(await input.ShareWith(team), input.Shards(1)[0]));
        var part = (await team.Run("reading", [sample], 0, from: 2, to: 95))[0];
        if (part.Rows == 0)
            Check(part.Rows, part.Rejected, part.Rejections);
        return part with { Message = null };
    }

    private static void Check(long rows, long rejected, IReadOnlyList<string> rejections)
    {
        if (rejected > RecordReader.MaxRejectedRows)
            throw new InvalidInputException(
                $"{rejected:N0} rows were rejected; a datasource with more than {RecordReader.MaxRejectedRows:N0} is not used. {First(rejections)}");
        if (rows > 0)
            return;
        throw rejected > 0
            ? new InvalidInputException($"All {rejected:N0} rows were rejected: the schema does not fit the data. {First(rejections)}")
            : NoRows();
    }

    private static InvalidInputException NoRows() =>
        new("dataLocation: there is no row of data, apart from a header, in the part that this datasource takes. Upload data, or widen the split.");

    internal static string First(IReadOnlyList<string> rejections) => rejections.Count > 0 ? $"The first: {rejections[0]}" : "";
}
