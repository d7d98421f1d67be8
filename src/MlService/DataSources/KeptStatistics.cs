using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using MlService.Jobs;
using MlService.Learning;
using MlService.Learning.Records;
using MlService.Metadata;
using MlService.Storage;

namespace MlService.DataSources;

/// <summary>
/// Statistics in parts, kept among the artifacts of the datasource whose job read the data, for other datasources over the same versions of
/// the same files with the same schema. They live as long as that datasource does; what is gone or damaged is read anew.
/// </summary>
internal static class KeptStatistics
{
    // Of datasources over one location, the newest that could have what is wanted.
    private const int MostLookedAt = 20;

    // More columns than this make parts so large that they are not cut finely.
    private const int MostFineColumns = 100;

    // So little of the data is read by itself.
    private const double LeastPercent = 10;

    /// <summary>Whether statistics of the whole data are to be made where those of the datasource are wanted.</summary>
    public static bool IsWorthwhile(DataSourceInput input, JobsOptions options) => DataLength(input) >= options.MinPartedBytes
        && (input.Split.Strategy == SplitStrategy.Random || input.Split.Complement || input.Split.PercentEnd - input.Split.PercentBegin >= LeastPercent);

    /// <summary>The parts into which to cut the data. Finely cut, a few percent of the time go into the parts: that pays where reading is long.</summary>
    public static DataParts PartsFor(DataSourceInput input, JobsOptions options) => DataParts.For(
        input.Split, fine: DataLength(input) >= 8 * options.MinPartedBytes && input.Schema.Attributes.Count <= MostFineColumns);

    /// <summary>Names the data: all that its statistics depend on.</summary>
    public static string NameOf(DataSourceInput input) => JsonSerializer.Serialize(new { input.Files, Schema = input.Schema.ToJson() });

    /// <summary>What another datasource's job has read of the rows of this one; null if there is no such.</summary>
    public static async Task<RowsReport?> Find(JobContext context, DataSourceInput input)
    {
        foreach (var other in await Others(context, input))
        {
            try
            {
                if (await Of(context, input, other) is { } found)
                    return found;
            }
            catch (Exception exception) when (exception is ObjectNotFoundException or InvalidInputException or JsonException)
            {
                // Deleted at this moment, or written by another version: the data itself is still there.
                context.LogUnusable(other.Key, exception);
            }
        }

        return null;
    }

    /// <summary>Keeps what was read of the parts.</summary>
    /// <param name="context">The job that read them.</param>
    /// <param name="parts">The parts.</param>
    /// <param name="contents">What was read of each; null for one without rows. Disposed.</param>
    public static async Task Write(JobContext context, DataParts parts, IReadOnlyList<MemoryStream?> contents)
    {
        await Task.WhenAll(contents.Select(WritePart));
        await Artifacts.Write(context.Objects, context.Artifacts, Artifacts.Parts,
            stream => JsonSerializer.Serialize(stream, new Manifest(parts, [.. contents.Select(content => content is not null)])), context.Cancellation);

        async Task WritePart(MemoryStream? content, int part)
        {
            if (content is null)
                return;
            await using (content)
                await Artifacts.Write(context.Objects, context.Artifacts, Artifacts.Part(part), content, context.Cancellation);
        }
    }

    private static long DataLength(DataSourceInput input) => input.Files.Sum(file => file.DataLength);

    private static async Task<List<DataSource>> Others(JobContext context, DataSourceInput input)
    {
        var (id, location, schema) = (input.Row.Id, input.Row.DataLocation, input.Schema.ToJson());
        await using var metadata = await context.OpenMetadata();
        return await metadata.DataSources.AsNoTracking()
            .Where(row => row.DataLocation == location && row.Status == ResourceStatus.Completed && row.ComputeStatistics && row.Schema == schema && row.Id != id)
            .OrderByDescending(row => row.CreatedAt).Take(MostLookedAt).ToListAsync(context.Cancellation);
    }

    private static async Task<RowsReport?> Of(JobContext context, DataSourceInput input, DataSource other)
    {
        if (await Read<Manifest>(context, other, Artifacts.Parts) is not { } kept || kept.Parts.Of(input.Split) is not { } wanted
            || await Read<DataFile[]>(context, other, Artifacts.Files) is not { } files || !files.SequenceEqual(input.Files))
        {
            return null;
        }

        var reports = new List<RowsReport>();
        foreach (var part in wanted.Where(part => kept.HasRows[part]))
        {
            await using var stream = await context.Objects.OpenRead(Artifacts.Uri(other, Artifacts.Part(part)), cancellationToken: context.Cancellation);
            reports.Add(await Task.Run(() => RowsReport.Read(stream, input.Schema), context.Cancellation));
        }

        return RowsReport.Merge(input.Schema, reports);
    }

    private static async Task<T?> Read<T>(JobContext context, DataSource row, string artifact) where T : class
    {
        var uri = Artifacts.Uri(row, artifact);
        if (await context.Objects.Head(uri, context.Cancellation) is null)
            return null;
        await using var stream = await context.Objects.OpenRead(uri, cancellationToken: context.Cancellation);
        return await JsonSerializer.DeserializeAsync<T>(stream, cancellationToken: context.Cancellation);
    }

    /// <summary>What is kept.</summary>
    private sealed record Manifest(DataParts Parts, bool[] HasRows);
}
