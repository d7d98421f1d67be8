using System.Text.Json;
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
public sealed class DataSourceJob(QueryExport export) : ResourceJob
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
        await Artifacts.Write(
            context.Objects, context.Artifacts, Artifacts.Files, stream => JsonSerializer.Serialize(stream, files), context.Cancellation);

        if (input.Shards(1).Count == 0)
            throw NoRows();
        var read = row.ComputeStatistics ? await Summarize(context, input) : await Sample(context, input);
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

    private static async Task<ReadResult> Summarize(JobContext context, DataSourceInput input)
    {
        var shards = input.Shards(context.ShardCount(input.Bytes, context.Options.MinShardBytes));
        var team = context.Team(shards.Count);
        var rows = await input.ShareWith(team);
        var steps = shards.Select(segments => new SummarizeShard(new ShardInput(rows, segments))).ToList();
        var parts = await team.Run("reading", steps, input.Bytes, from: Math.Max(2, context.Progress.Percent), to: 95);
        var rejected = parts.Sum(part => part.Rejected);
        var rejections = parts.SelectMany(part => part.Rejections).ToList();
        var statistics = await Task.Run(
            () =>
            {
                var whole = parts[0].Statistics;
                foreach (var part in parts.Skip(1))
                    whole.Merge(part.Statistics);
                return whole;
            },
            context.Cancellation);
        Check(statistics.Rows, rejected, rejections);
        await Artifacts.Write(context.Objects, context.Artifacts, Artifacts.Statistics, statistics.Write, context.Cancellation);
        var report = await Task.Run(statistics.ToReport, context.Cancellation);
        await Artifacts.Write(
            context.Objects,
            context.Artifacts,
            Artifacts.Report,
            stream => JsonSerializer.Serialize(stream, report, JsonRules.Options),
            context.Cancellation);
        return ReadResult.Of(statistics.Rows, rejected, rejections);
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
