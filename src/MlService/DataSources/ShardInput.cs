using MlService.Jobs;
using MlService.Learning.Records;
using MlService.Learning.Schemas;
using MlService.Storage;

namespace MlService.DataSources;

/// <summary>The rows of one shard: which parts of which files, and how to read them.</summary>
/// <param name="Schema">Schema of the data.</param>
/// <param name="Files">All files of the data set.</param>
/// <param name="Segments">The shard's parts of them.</param>
/// <param name="Split">Which rows of the parts are meant.</param>
public sealed record ShardInput(
    DataSchema Schema, IReadOnlyList<DataFile> Files, IReadOnlyList<DataSegment> Segments, DataSplit Split)
{
    /// <summary>Opens the rows for a shard's step.</summary>
    public RecordReader Open(ShardScope scope) => new(Schema, Files, Segments, Split, Opener(scope.Objects, scope.Cancellation));

    /// <summary>Opens stored files for the engine, which reads them on a thread of its own.</summary>
    public static OpenDataFile Opener(IObjectStore objects, CancellationToken cancellation) => (file, offset, length) =>
    {
        // The engine is synchronous by design; its thread is the shard's own, so waiting here holds up nobody.
        return objects.OpenRead(ObjectUri.Parse(file.Uri), offset, length, file.Version, cancellation).WaitFor(cancellation);
    };
}
