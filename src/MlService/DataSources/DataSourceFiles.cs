using MlService.Jobs;
using MlService.Learning;
using MlService.Learning.Records;
using MlService.Learning.Schemas;
using MlService.Storage;

namespace MlService.DataSources;

/// <summary>Finds the objects of a datasource and the schema that goes with them.</summary>
internal static class DataSourceFiles
{
    /// <summary>Longest schema text, in characters (Amazon's limit).</summary>
    private const int MaxSchemaLength = 131_071;

    private const string SchemaSuffix = ".schema";

    // Share of the job, in percent, that reading gzip files for their lengths takes.
    private const double Inspected = 30;

    // Of small files mostly the server's answers are waited for, some tens of milliseconds each.
    private const int SmallInspectedAtOnce = 64;
    private const long SmallBytes = 256 << 10;

    // Of the others more is fetched ahead, and gzip costs processor time.
    private const int LargeInspectedAtOnce = 16;

    private static readonly TimeSpan InspectionTick = TimeSpan.FromMilliseconds(200);

    /// <summary>The data objects at a location, in the order of their keys: one object, or all under a prefix but schema files.</summary>
    /// <exception cref="InvalidInputException">There is none, or the only one is empty.</exception>
    public static async Task<IReadOnlyList<ObjectInfo>> Find(IObjectStore objects, ObjectUri location, CancellationToken cancellation)
    {
        if (!location.IsPrefix)
        {
            var one = await objects.Head(location, cancellation) ?? throw new InvalidInputException(
                $"dataLocation: there is no object {location}. Upload it (PUT /v1/objects/{location.Bucket}/{location.Key}), or "
                + "correct the location; for all objects under a prefix let it end with a slash.");
            return one.Size > 0 ? [one] : throw new InvalidInputException($"dataLocation: the object {location} is empty. Upload it again.");
        }

        List<ObjectInfo> found = [];
        await foreach (var item in objects.List(location.Bucket, location.Key, null, cancellation))
            if (item.Size > 0 && !item.Uri.Key.EndsWith(SchemaSuffix, StringComparison.Ordinal))
                found.Add(item);
        return found.Count > 0 ? found : throw new InvalidInputException(
            $"dataLocation: no data lies under {location}. Upload files whose keys begin so, or correct the location.");
    }

    /// <summary>
    /// The datasource's schema: the one in the request, the one that it names, the one that lies beside the data
    /// (<c>data.csv.schema</c>, or <c>.schema</c> under a prefix), or else the one that the data suggests.
    /// </summary>
    public static async Task<DataSchema> FindSchema(JobContext context, DataSource row, ObjectUri location, ObjectInfo first)
    {
        if (await FindGivenSchema(context, row) is { } given)
            return given;
        var beside = location with { Key = location.Key + SchemaSuffix };
        if (await context.Objects.Head(beside, context.Cancellation) is not null)
            return await ReadSchema(context, beside);
        return await InferSchema(context, first, hasHeader: null);
    }

    /// <summary>The schema in the request, or the one that it names; null if there is neither.</summary>
    public static async Task<DataSchema?> FindGivenSchema(JobContext context, DataSource row) =>
        row.Schema is { } inline ? DataSchema.Parse(inline)
        : row.SchemaLocation is { } named ? await ReadSchema(context, ObjectUri.Parse(named))
        : null;

    /// <summary>The schema that a file suggests.</summary>
    public static async Task<DataSchema> InferSchema(JobContext context, ObjectInfo file, bool? hasHeader)
    {
        await using var data = await context.Objects.OpenRead(file.Uri, ifMatch: file.ETag, cancellationToken: context.Cancellation);
        return await Task.Run(() => SchemaInference.Infer(data, hasHeader, file.Uri.ToString()).Schema, context.Cancellation);
    }

    /// <summary>Looks at each file: where its data begins and how long it is.</summary>
    public static async Task<IReadOnlyList<DataFile>> Inspect(JobContext context, IReadOnlyList<ObjectInfo> found, DataSchema schema)
    {
        var files = new DataFile[found.Count];
        var meter = new ReadMeter(context.Cancellation);
        var inspecting = Task.Run(
            async () =>
            {
                await InspectAll(file => file.Item.Size <= SmallBytes, SmallInspectedAtOnce);
                await InspectAll(file => file.Item.Size > SmallBytes, LargeInspectedAtOnce);
            },
            context.Cancellation);
        // Of plain files only the beginnings are read; gzip files are read to their ends, which takes time.
        var total = found.Sum(item => item.Size);
        while (await Task.WhenAny(inspecting, Task.Delay(InspectionTick)) != inspecting)
            await context.Report("inspecting", Inspected * meter.Bytes / total);
        await inspecting;
        return files;

        Task InspectAll(Func<(int Index, ObjectInfo Item), bool> which, int atOnce) => Parallel.ForEachAsync(
            found.Index().Where(which),
            new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = context.Cancellation },
            async (file, cancellation) =>
            {
                var (index, item) = file;
                var stored = await context.Objects.OpenRead(item.Uri, ifMatch: item.ETag, cancellationToken: cancellation);
                await using var metered = meter.Over(stored);
                files[index] = DataSet.Inspect(item.Uri.ToString(), item.ETag, metered, item.Size, schema);
            });
    }

    private static async Task<DataSchema> ReadSchema(JobContext context, ObjectUri uri)
    {
        var text = await ReadText(context.Objects, uri, MaxSchemaLength, "schema", context.Cancellation);
        try
        {
            return DataSchema.Parse(text);
        }
        catch (InvalidInputException exception)
        {
            throw new InvalidInputException($"The schema in {uri} cannot be used: {exception.Message}", exception);
        }
    }

    /// <summary>Reads a small text object, such as a schema or a recipe.</summary>
    /// <exception cref="InvalidInputException">It is not there, or longer than <paramref name="maxLength"/> characters.</exception>
    public static async Task<string> ReadText(
        IObjectStore objects, ObjectUri uri, int maxLength, string what, CancellationToken cancellation)
    {
        var info = await objects.Head(uri, cancellation)
            ?? throw new InvalidInputException($"The {what} {uri} does not exist. Upload it, or correct its location.");
        if (info.Size > 4L * maxLength)
            throw TooLong();
        await using var stream = await objects.OpenRead(uri, cancellationToken: cancellation);
        using var reader = new StreamReader(stream);
        var text = await reader.ReadToEndAsync(cancellation);
        return text.Length <= maxLength ? text : throw TooLong();

        InvalidInputException TooLong() => new($"The {what} {uri} is longer than {maxLength:N0} characters. Is it the right object?");
    }
}
