namespace MlService.Benchmarks.Compare;

/// <summary>How good predictions are: the area under the ROC curve, the accuracy, or the root of the mean squared error.</summary>
internal readonly record struct Quality(double Value)
{
    public override string ToString() => FormattableString.Invariant($"{Value:F4}");
}
