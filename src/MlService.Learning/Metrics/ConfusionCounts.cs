namespace MlService.Learning.Metrics;

/// <summary>Right and wrong predictions of a binary model at one threshold. A ratio without cases is 0.</summary>
/// <param name="TruePositives">Actual 1s predicted as 1.</param>
/// <param name="FalsePositives">Actual 0s predicted as 1.</param>
/// <param name="TrueNegatives">Actual 0s predicted as 0.</param>
/// <param name="FalseNegatives">Actual 1s predicted as 0.</param>
public readonly record struct ConfusionCounts(long TruePositives, long FalsePositives, long TrueNegatives, long FalseNegatives)
{
    /// <summary>Number of records.</summary>
    public long Total => TruePositives + FalsePositives + TrueNegatives + FalseNegatives;

    /// <summary>Share of records predicted right.</summary>
    public double Accuracy => Ratio(TruePositives + TrueNegatives, Total);

    /// <summary>Share of predicted 1s that are 1.</summary>
    public double Precision => Ratio(TruePositives, TruePositives + FalsePositives);

    /// <summary>Share of actual 1s that are found.</summary>
    public double Recall => Ratio(TruePositives, TruePositives + FalseNegatives);

    /// <summary>Harmonic mean of precision and recall.</summary>
    public double F1 => Ratio(2 * TruePositives, 2 * TruePositives + FalsePositives + FalseNegatives);

    /// <summary>Share of actual 0s predicted as 1.</summary>
    public double FalsePositiveRate => Ratio(FalsePositives, FalsePositives + TrueNegatives);

    /// <summary>Share of records predicted as 1.</summary>
    public double PositiveShare => Ratio(TruePositives + FalsePositives, Total);

    /// <summary>What the errors cost.</summary>
    /// <param name="falsePositive">Cost of an actual 0 predicted as 1.</param>
    /// <param name="falseNegative">Cost of an actual 1 predicted as 0.</param>
    public double Cost(double falsePositive, double falseNegative) => FalsePositives * falsePositive + FalseNegatives * falseNegative;

    private static double Ratio(long part, long whole) => whole == 0 ? 0 : (double)part / whole;
}
