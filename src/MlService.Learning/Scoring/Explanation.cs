namespace MlService.Learning.Scoring;

/// <summary>What one feature of a record adds to its score.</summary>
/// <param name="Name">The feature.</param>
/// <param name="Value">Its value: 1 for a token.</param>
/// <param name="Contribution">Its weight times (value − centre).</param>
public sealed record FeatureContribution(string Name, double Value, double Contribution);

/// <summary>Why a record has its score: intercept and contributions add up to it.</summary>
/// <param name="Output">0, or the index of the class explained.</param>
/// <param name="Score">The raw score: log-odds for BINARY, before the softmax for MULTICLASS, the value for REGRESSION.</param>
/// <param name="Intercept">The score without any feature.</param>
/// <param name="Contributions">By falling magnitude.</param>
public sealed record Explanation(int Output, double Score, double Intercept, IReadOnlyList<FeatureContribution> Contributions);
