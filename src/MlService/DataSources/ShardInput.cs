using System.Text.Json;
using MlService.Jobs;
using MlService.Learning.Records;
using MlService.Learning.Schemas;

namespace MlService.DataSources;

/// <summary>The rows of one shard: which parts of which files, and how to read them.</summary>
/// <param name="Rows">All rows of the datasource.</param>
/// <param name="Segments">The shard's parts of the files.</param>
[GenerateSerializer, Immutable]
public sealed record ShardInput([property: Id(0)] SharedItem<InputRows> Rows, [property: Id(1)] IReadOnlyList<DataSegment> Segments)
{
    /// <summary>Opens the rows for a shard's step.</summary>
    public RecordReader Open(ShardScope scope)
    {
        var rows = scope.Get(Rows, InputRows.Read);
        var files = new FilesAhead(scope.Objects, rows.Files, Segments, scope.Cancellation);
        return new RecordReader(rows.Schema, rows.Files, Segments, rows.Split, files.Open);
    }
}

/// <summary>The rows of a datasource as shards need to know them.</summary>
/// <param name="Schema">Schema of the data.</param>
/// <param name="Files">All files of the data set.</param>
/// <param name="Split">Which rows are meant.</param>
public sealed record InputRows(DataSchema Schema, IReadOnlyList<DataFile> Files, DataSplit Split)
{
    /// <summary>Writes them for another process.</summary>
    public void Write(Stream stream) =>
        JsonSerializer.Serialize(stream, new Text(Schema.ToJson(), Files, Split.ToJson()));

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static InputRows Read(Stream stream)
    {
        var (schema, files, split) = JsonSerializer.Deserialize<Text>(stream)!;
        return new InputRows(DataSchema.Parse(schema), files, DataSplit.Parse(split));
    }

    private sealed record Text(string Schema, IReadOnlyList<DataFile> Files, string Split);
}

/// <summary>How a message carries a <see cref="DataSegment"/>, which knows nothing of messages.</summary>
[GenerateSerializer]
internal struct DataSegmentSurrogate
{
    [Id(0)]
    public int File;

    [Id(1)]
    public long Begin;

    [Id(2)]
    public long End;
}

/// <inheritdoc cref="DataSegmentSurrogate"/>
[RegisterConverter]
internal sealed class DataSegmentConverter : IConverter<DataSegment, DataSegmentSurrogate>
{
    /// <inheritdoc/>
    public DataSegment ConvertFromSurrogate(in DataSegmentSurrogate surrogate) => new(surrogate.File, surrogate.Begin, surrogate.End);

    /// <inheritdoc/>
    public DataSegmentSurrogate ConvertToSurrogate(in DataSegment value) => new() { File = value.File, Begin = value.Begin, End = value.End };
}

/// <summary>How a message carries <see cref="DataParts"/>.</summary>
[GenerateSerializer]
internal struct DataPartsSurrogate
{
    [Id(0)]
    public SplitStrategy Strategy;

    [Id(1)]
    public string Seed;

    [Id(2)]
    public double[] Cuts;
}

/// <inheritdoc cref="DataPartsSurrogate"/>
[RegisterConverter]
internal sealed class DataPartsConverter : IConverter<DataParts, DataPartsSurrogate>
{
    /// <inheritdoc/>
    public DataParts ConvertFromSurrogate(in DataPartsSurrogate surrogate) => new(surrogate.Strategy, surrogate.Seed, surrogate.Cuts);

    /// <inheritdoc/>
    public DataPartsSurrogate ConvertToSurrogate(in DataParts value) => new() { Strategy = value.Strategy, Seed = value.Seed, Cuts = [.. value.Cuts] };
}
