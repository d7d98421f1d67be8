using MlService.Learning.Records;
using MlService.Storage;

namespace MlService.BatchPredictions;

/// <summary>Where a batch prediction publishes: <c>{output}batch-prediction/{id}.manifest</c> and <c>{output}batch-prediction/result/{id}-{file}.gz</c>.</summary>
internal static class ResultLocations
{
    private const string ManifestEnding = ".manifest";
    private const int MaxIdLength = 64;

    /// <summary>Where the manifest lies.</summary>
    public static ObjectUri Manifest(BatchPrediction row) => Root(row.OutputUri).Child(row.Id + ManifestEnding);

    /// <summary>
    /// A result per file, named after the last part of its key, as Amazon's were. Where two files share that part, the later ones
    /// get their place in the order as well: <c>bp-1-data.csv.gz</c>, <c>bp-1-2-data.csv.gz</c>.
    /// </summary>
    public static IReadOnlyList<ObjectUri> Results(BatchPrediction row, IReadOnlyList<DataFile> files)
    {
        var root = Root(row.OutputUri);
        var taken = new HashSet<string>(StringComparer.Ordinal);
        return [.. files.Select((file, index) =>
        {
            var name = file.Uri[(file.Uri.LastIndexOf('/') + 1)..];
            if (!taken.Add(name))
                taken.Add(name = $"{index + 1}-{name}");
            return root.Child($"result/{row.Id}-{name}.gz");
        })];
    }

    /// <summary>The beginning of the places of all results of one batch prediction.</summary>
    public static ObjectUri ResultPrefix(BatchPrediction row) => Root(row.OutputUri).Child($"result/{row.Id}-");

    /// <summary>Whether a place is one where a batch prediction may have a result.</summary>
    public static bool IsResult(BatchPrediction row, ObjectUri place) =>
        ResultPrefix(row) is var prefix && place.Bucket == prefix.Bucket && place.Key.StartsWith(prefix.Key, StringComparison.Ordinal);

    /// <summary>The prefix under which all batch predictions with one output publish.</summary>
    public static ObjectUri Root(string outputUri)
    {
        var output = ObjectUri.Parse(outputUri);
        return output with { Key = (output.IsPrefix ? output.Key : output.Key + "/") + "batch-prediction/" };
    }

    /// <summary>
    /// The ids of which one is that of the batch prediction which publishes at a place. An id may have hyphens, and so may the name of a
    /// file: <c>a-b-c.gz</c> is of <c>a</c> or of <c>a-b</c>.
    /// </summary>
    public static IReadOnlyList<string> PossibleOwners(ObjectUri place)
    {
        var name = place.Key[(place.Key.LastIndexOf('/') + 1)..];
        return name.EndsWith(ManifestEnding, StringComparison.Ordinal)
            ? [name[..^ManifestEnding.Length]]
            : [.. Enumerable.Range(1, Math.Min(name.Length - 1, MaxIdLength)).Where(end => name[end] == '-').Select(end => name[..end])];
    }
}
