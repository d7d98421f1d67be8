namespace MlService.BatchPredictions;

/// <summary>What a completed batch prediction wrote.</summary>
/// <param name="Results">The result files, in the order of the input files.</param>
public sealed record BatchResults(IReadOnlyList<BatchResult> Results);

/// <summary>One result file.</summary>
/// <param name="Input">The input object.</param>
/// <param name="Output">The gzip file with a line for each of its rows.</param>
/// <param name="Url">Where to download it.</param>
public sealed record BatchResult(string Input, string Output, string Url);
