namespace MlService.Learning.Metrics;

/// <summary>One point of the reliability curve: records of about the same score, and how often it came true.</summary>
/// <param name="From">Lowest score in it.</param>
/// <param name="To">Highest score in it.</param>
/// <param name="Rows">Number of records.</param>
/// <param name="MeanScore">What the model said, on average.</param>
/// <param name="TrueShare">How often it was so; of a calibrated model about <paramref name="MeanScore"/>.</param>
public sealed record ReliabilityBin(double From, double To, long Rows, double MeanScore, double TrueShare);
