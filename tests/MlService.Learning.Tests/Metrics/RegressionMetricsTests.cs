using CsCheck;
using MlService.Learning.Metrics;

namespace MlService.Learning.Tests.Metrics;

public class RegressionMetricsTests
{
    private static readonly Gen<(double Predicted, double Actual)[]> Records =
        Gen.Select(Gen.Double[-1e4, 1e4], Gen.Double[-1e4, 1e4]).Array[2, 50];

    [Fact]
    public void AResidualIsTrueMinusPredictedAndPositiveWhereTheModelIsTooLow()
    {
        var report = Of((10, 12), (20, 19)).ToReport(16);
        Assert.Equal(0.5, report.MeanResidual!.Value, 12);
        Assert.Equal(Math.Sqrt(2.5), report.Rmse!.Value, 12);
        Assert.Equal(Math.Sqrt((16 + 9) / 2.0), report.BaselineRmse!.Value, 12);
    }

    [Fact]
    public void PartsMergedGiveTheReportOfTheWhole() => Gen.Select(Records, Gen.Int[0, 50]).Sample((records, cut) =>
    {
        var whole = Of(records).ToReport(3);
        var merged = Of([.. records.Take(cut)]);
        merged.Merge(Of([.. records.Skip(cut)]));
        var parts = merged.ToReport(3);
        Assert.Equal(whole.Rmse!.Value, parts.Rmse!.Value, 6);
        Assert.Equal(whole.BaselineRmse!.Value, parts.BaselineRmse!.Value, 6);
        Assert.Equal(whole.MeanResidual!.Value, parts.MeanResidual!.Value, 6);
        Assert.Equal(whole.ResidualHistogram, parts.ResidualHistogram);
    });

    [Fact]
    public void TheHistogramCountsEveryRecordOnceInEqualBins() => Records.Sample(records =>
    {
        var bins = Of(records).ToReport().ResidualHistogram;
        Assert.Equal(records.Length, bins.Sum(bin => bin.Count));
        for (var i = 1; i < bins.Count; i++)
            Assert.Equal(bins[i - 1].To, bins[i].From, 9);
    });

    [Fact]
    public void TheHistogramPutsAResidualIntoTheBinOfItsValue()
    {
        var records = Enumerable.Range(0, 1000).Select(i => (0.0, i < 900 ? 1.0 : -2.0)).ToArray();
        var bins = Of(records).ToReport().ResidualHistogram;
        Assert.Equal(100, bins[0].Count);
        Assert.Equal(900, bins[^1].Count);
        Assert.Equal(-2, bins[0].From, 1);
        Assert.Equal(1, bins[^1].To, 1);
    }

    [Fact]
    public void RelativeErrorsLeaveZerosOut() => Assert.Equal(0.5, Of((5, 0), (1, 2)).ToReport().Mape!.Value, 12);

    [Fact]
    public void AConstantTargetHasNoExplainedVariance() => Assert.Null(Of((1, 2), (2, 2)).ToReport().R2);

    [Theory]
    [InlineData(double.NaN, 1)]
    [InlineData(1, double.PositiveInfinity)]
    public void WhatIsNoNumberIsRefused(double predicted, double actual) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new RegressionMetrics().Add(predicted, actual));

    private static RegressionMetrics Of(params (double Predicted, double Actual)[] records)
    {
        var metrics = new RegressionMetrics();
        foreach (var (predicted, actual) in records)
            metrics.Add(predicted, actual);
        return metrics;
    }
}
