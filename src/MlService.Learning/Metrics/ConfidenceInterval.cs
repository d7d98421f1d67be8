namespace MlService.Learning.Metrics;

/// <summary>Where a figure lies that other rows of the same kind would give.</summary>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
/// <param name="Level">How often an interval found this way holds the true figure.</param>
public sealed record ConfidenceInterval(double Low, double High, double Level = ConfidenceInterval.DefaultLevel)
{
    /// <summary>The level of all intervals.</summary>
    public const double DefaultLevel = 0.95;
}
