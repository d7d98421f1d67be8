namespace MlService.Learning.Metrics;

/// <summary>Records with a value in [<paramref name="From"/>, <paramref name="To"/>).</summary>
/// <param name="From">Lower end.</param>
/// <param name="To">Upper end.</param>
/// <param name="Count">Number of records.</param>
public sealed record HistogramBin(double From, double To, long Count);

/// <summary>The evaluation of a regression model; figures are null without records.</summary>
public sealed record RegressionReport
{
    /// <summary>Records judged.</summary>
    public required long Rows { get; init; }

    /// <summary>Root mean square error.</summary>
    public double? Rmse { get; init; }

    /// <summary>Where <see cref="Rmse"/> lies for other rows of the same kind.</summary>
    public ConfidenceInterval? RmseInterval { get; init; }

    /// <summary>RMSE of always predicting the mean target of the training data.</summary>
    public double? BaselineRmse { get; init; }

    /// <summary>Mean of the true values.</summary>
    public double? TargetMean { get; init; }

    /// <summary>Mean absolute error.</summary>
    public double? Mae { get; init; }

    /// <summary>Mean of |residual / true value| over records whose true value is not 0; a ratio, not a percentage.</summary>
    public double? Mape { get; init; }

    /// <summary>Share of the target's variance that the model explains; null for a constant target.</summary>
    public double? R2 { get; init; }

    /// <summary>Mean of true − predicted.</summary>
    public double? MeanResidual { get; init; }

    /// <summary>Residuals (true − predicted): the middle 99 % in 50 bins, the rest in the first and last one.</summary>
    public required IReadOnlyList<HistogramBin> ResidualHistogram { get; init; }

    /// <summary>What was predicted for which true values.</summary>
    public required PredictionTable Predictions { get; init; }
}
