namespace MlService.Learning.Metrics;

/// <summary>One point of the ROC and precision-recall curves.</summary>
/// <param name="Threshold">Scores from here up are predicted as 1.</param>
/// <param name="FalsePositiveRate">Share of actual 0s predicted as 1.</param>
/// <param name="Recall">Share of actual 1s that are found (true positive rate).</param>
/// <param name="Precision">Share of predicted 1s that are 1.</param>
public sealed record CurvePoint(double Threshold, double FalsePositiveRate, double Recall, double Precision);

/// <summary>Counts at one threshold.</summary>
/// <param name="Threshold">Scores from here up are predicted as 1.</param>
/// <param name="Counts">Right and wrong predictions.</param>
public sealed record ThresholdCounts(double Threshold, ConfusionCounts Counts);

/// <summary>The evaluation of a binary model.</summary>
public sealed record BinaryReport
{
    /// <summary>Records judged.</summary>
    public required long Rows { get; init; }

    /// <summary>Actual 1s.</summary>
    public required long Positives { get; init; }

    /// <summary>Actual 0s.</summary>
    public required long Negatives { get; init; }

    /// <summary>Area under the ROC curve; null where a class is missing.</summary>
    public required double? Auc { get; init; }

    /// <summary>Where <see cref="Auc"/> lies for other rows of the same kind; null where these cannot tell.</summary>
    public ConfidenceInterval? AucInterval { get; init; }

    /// <summary>The area that a model reaches which knows nothing.</summary>
    public double BaselineAuc { get; init; } = 0.5;

    /// <summary>Mean −ln of the probability given to what was true; null without records.</summary>
    public required double? LogLoss { get; init; }

    /// <summary>Mean squared difference of score and truth; null without records.</summary>
    public required double? BrierScore { get; init; }

    /// <summary>Mean distance of score and share of 1s over <see cref="Reliability"/>: 0 for scores that are probabilities; null without records.</summary>
    public double? ExpectedCalibrationError { get; init; }

    /// <summary>The reliability curve: how often 1 came true where the model gave about the same score.</summary>
    public IReadOnlyList<ReliabilityBin> Reliability { get; init; } = [];

    /// <summary>The threshold of the counts and ratios that follow.</summary>
    public required double Threshold { get; init; }

    /// <inheritdoc cref="ConfusionCounts.TruePositives"/>
    public required long TruePositives { get; init; }

    /// <inheritdoc cref="ConfusionCounts.FalsePositives"/>
    public required long FalsePositives { get; init; }

    /// <inheritdoc cref="ConfusionCounts.TrueNegatives"/>
    public required long TrueNegatives { get; init; }

    /// <inheritdoc cref="ConfusionCounts.FalseNegatives"/>
    public required long FalseNegatives { get; init; }

    /// <inheritdoc cref="ConfusionCounts.Accuracy"/>
    public required double Accuracy { get; init; }

    /// <inheritdoc cref="ConfusionCounts.Precision"/>
    public required double Precision { get; init; }

    /// <inheritdoc cref="ConfusionCounts.Recall"/>
    public required double Recall { get; init; }

    /// <inheritdoc cref="ConfusionCounts.F1"/>
    public required double F1 { get; init; }

    /// <inheritdoc cref="ConfusionCounts.FalsePositiveRate"/>
    public required double FalsePositiveRate { get; init; }

    /// <inheritdoc cref="ConfusionCounts.PositiveShare"/>
    public required double PositiveShare { get; init; }

    /// <summary>Actual 1s by score, 100 bins from 0 to 1.</summary>
    public required IReadOnlyList<long> PositiveHistogram { get; init; }

    /// <summary>Actual 0s by score, 100 bins from 0 to 1.</summary>
    public required IReadOnlyList<long> NegativeHistogram { get; init; }

    /// <summary>ROC and precision-recall curves over falling thresholds.</summary>
    public required IReadOnlyList<CurvePoint> Curve { get; init; }

    /// <summary>Counts at 0.00, 0.01 … 1.00.</summary>
    public required IReadOnlyList<ThresholdCounts> Thresholds { get; init; }
}
