using System.Text.Json;
using MlService.Metadata;
using MlService.Problems;
using MlService.Storage;

namespace MlService.BatchPredictions;

/// <summary>
/// Leads from input files to results: a JSON object, which lies beside them in the users' storage, as Amazon's did. Its users can write
/// there, so what it says is checked before anything is done with it.
/// </summary>
internal static class ResultManifest
{
    /// <summary>Reads the manifest of a completed batch prediction.</summary>
    /// <exception cref="ProblemException">It was removed, or is no longer what the batch prediction wrote.</exception>
    public static async Task<IReadOnlyList<(string Input, ObjectUri Output)>> Read(IObjectStore objects, BatchPrediction row, CancellationToken cancellation)
    {
        var place = ResultLocations.Manifest(row);
        await using var text = await objects.OpenRead(place, cancellationToken: cancellation);
        Dictionary<string, string>? files;
        try
        {
            files = await JsonSerializer.DeserializeAsync<Dictionary<string, string>>(text, cancellationToken: cancellation);
        }
        catch (JsonException)
        {
            throw Changed($"{place} is not valid JSON any more");
        }

        List<(string Input, ObjectUri Output)> results = [];
        foreach (var (input, output) in files ?? [])
            results.Add(ObjectUri.TryParse(output, out var uri) && ResultLocations.IsResult(row, uri)
                ? (input, uri)
                : throw Changed($"{place} names '{output.Shorten()}', which is no result of the batch prediction {row.Id}"));
        return results;
    }

    private static ProblemException Changed(string what) =>
        ResourceProblems.Conflict($"{what}: it was changed after the batch prediction had written it. Put the manifest back, or create the batch prediction again.");
}
