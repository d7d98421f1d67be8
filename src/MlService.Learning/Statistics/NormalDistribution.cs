namespace MlService.Learning.Statistics;

/// <summary>The standard normal distribution.</summary>
internal static class NormalDistribution
{
    /// <summary>Where 95 of 100 values lie within: the quantile of 0.975.</summary>
    public const double Quantile975 = 1.959963984540054;
}
