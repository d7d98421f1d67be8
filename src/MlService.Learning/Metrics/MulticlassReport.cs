namespace MlService.Learning.Metrics;

/// <summary>How well one class is told from the others.</summary>
/// <param name="Name">The class.</param>
/// <param name="Actual">Records of this class.</param>
/// <param name="Predicted">Records predicted as this class.</param>
/// <param name="Precision">Share of those predicted that are of it; 0 without any.</param>
/// <param name="Recall">Share of those of it that are predicted; 0 without any.</param>
/// <param name="F1">Harmonic mean of both; 0 without predictions or records.</param>
public sealed record ClassReport(string Name, long Actual, long Predicted, double Precision, double Recall, double F1);

/// <summary>The evaluation of a multiclass model.</summary>
public sealed record MulticlassReport
{
    /// <summary>Records judged.</summary>
    public required long Rows { get; init; }

    /// <summary>Mean F1 over the classes that the evaluation data has; null without records.</summary>
    public required double? MacroF1 { get; init; }

    /// <summary>Where <see cref="MacroF1"/> lies for other rows of the same kind.</summary>
    public ConfidenceInterval? MacroF1Interval { get; init; }

    /// <summary>Macro F1 of always predicting the most frequent class of the training data.</summary>
    public required double? BaselineMacroF1 { get; init; }

    /// <summary>Share of records predicted right; null without records.</summary>
    public required double? Accuracy { get; init; }

    /// <summary>Mean −ln of the probability given to the true class; null without records.</summary>
    public double? LogLoss { get; init; }

    /// <summary>Mean over the records of Σ (probability of a class − whether it is it)² over all classes, 0 to 2; null without records.</summary>
    public double? BrierScore { get; init; }

    /// <summary>Mean distance of probability and truth over <see cref="Reliability"/>; null without records.</summary>
    public double? ExpectedCalibrationError { get; init; }

    /// <summary>The reliability curve: how often the predicted class was right where the model gave it about the same probability.</summary>
    public IReadOnlyList<ReliabilityBin> Reliability { get; init; } = [];

    /// <summary>Each class: the model's in its order, then those that only the evaluation data has.</summary>
    public required IReadOnlyList<ClassReport> Classes { get; init; }

    /// <summary>Names of the matrix' rows; the model's classes are the first ones and name its columns.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>Records by true class (rows) and predicted class (columns).</summary>
    public required IReadOnlyList<IReadOnlyList<long>> ConfusionMatrix { get; init; }
}
