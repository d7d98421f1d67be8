using CsCheck;
using MlService.Learning.Statistics;

namespace MlService.Learning.Tests.Statistics;

public class NumericSummaryTests
{
    [Fact]
    public void MeanAndDeviationAreThoseThatNistCertifies()
    {
        // NIST Statistical Reference Datasets, NumAcc1 and NumAcc2.
        var first = NumericSummary.FromValues([10000001, 10000003, 10000002]);
        Assert.Equal(10000002, first.Mean);
        Assert.Equal(1, first.StandardDeviation);
        var second = NumericSummary.FromValues([1.2, .. Enumerable.Range(0, 500).SelectMany(_ => new[] { 1.1, 1.3 })]);
        Assert.Equal(1.2, second.Mean, 1e-15);
        Assert.Equal(0.1, second.StandardDeviation, 1e-15);
    }

    [Fact]
    public void TheDeviationSurvivesAMeanThatDwarfsIt()
    {
        // NIST "NumAcc4": mean 10000000.2, deviation 0.1.
        var summary = NumericSummary.FromValues(
            [10000000.2, .. Enumerable.Range(0, 500).SelectMany(_ => new[] { 10000000.1, 10000000.3 })]);
        Assert.Equal(10000000.2, summary.Mean, 1e-8);
        Assert.Equal(0.1, summary.StandardDeviation, 1e-8);
    }

    [Fact]
    public void NumbersNearTheEndOfTheRangeDoNotOverflow()
    {
        var summary = NumericSummary.FromValues([1.5e308, -1.5e308, 1.5e308, -1.5e308]);
        Assert.Equal(0, summary.Mean);
        Assert.Equal(1.5 * Math.Sqrt(4.0 / 3), summary.StandardDeviation / 1e308, 1e-12);
        Assert.All(Histogram.Of(summary).Bins, bin => Assert.True(double.IsFinite(bin.From) && double.IsFinite(bin.To)));
    }

    [Fact]
    public void QuantilesInterpolateAsNumPyDoes()
    {
        // numpy.quantile([1, 2, 4, 8], [0, .25, .5, .75, .9, 1])
        var summary = NumericSummary.FromValues([8, 1, 4, 2]);
        Assert.Equal([1, 1.75, 3, 5, 6.8, 8], new[] { 0, 0.25, 0.5, 0.75, 0.9, 1 }.Select(p => Math.Round(summary.Quantile(p), 12)));
    }

    [Fact]
    public void WithoutValuesAllIsZero()
    {
        var summary = NumericSummary.FromValues([], missing: 3, invalid: 2);
        Assert.Equal((0, 3, 2, 0.0, 0.0), (summary.Count, summary.Missing, summary.Invalid, summary.Mean, summary.Quantile(0.5)));
        Assert.Empty(summary.Boundaries(10));
    }

    [Fact]
    public void QuantilesOfFewThousandValuesAreThoseOfTheSortedValues() =>
        Gen.Double[-1e6, 1e6].Array[1, 4000].Sample(values =>
        {
            var summary = NumericSummary.FromValues(values);
            var sorted = values.Order().ToArray();
            foreach (var p in new[] { 0.0, 0.01, 0.25, 0.5, 0.77, 1 })
                Assert.Equal(Naive(sorted, p), summary.Quantile(p), 1e-6);
        }, iter: 50);

    [Fact]
    public void BoundariesIncreaseStrictlyAndLeaveNoBinEmpty() =>
        Gen.Select(Gen.Int[0, 60].Array[1, 500], Gen.Int[1, 40]).Sample((values, bins) =>
        {
            var numbers = values.Select(value => (double)value).ToArray();
            var cuts = NumericSummary.FromValues(numbers).Boundaries(bins);
            Assert.True(cuts.Length <= bins - 1);
            Assert.Equal(cuts.Order().Distinct(), cuts);
            var filled = numbers.Select(value => cuts.Count(cut => cut <= value)).Distinct().Count();
            Assert.Equal(cuts.Length + 1, filled);
            if (numbers.Distinct().Count() <= bins)
                Assert.Equal(numbers.Distinct().Count(), filled);
        }, iter: 500);

    [Fact]
    public void BinsOfDifferentValuesHoldEquallyMany()
    {
        var values = Enumerable.Range(0, 1000).Select(i => Math.Sin(i) * 1000).ToArray();
        var cuts = NumericSummary.FromValues(values).Boundaries(10);
        Assert.Equal(Enumerable.Repeat(100, 10), values.GroupBy(value => cuts.Count(cut => cut <= value)).Select(bin => bin.Count()));
    }

    [Fact]
    public void AValueThatFillsTheColumnLeavesBinsForTheOthers()
    {
        // As in the capital gains of the Adult data: nine in ten are zero.
        double[] values = [.. Enumerable.Repeat(0.0, 9000), .. Enumerable.Range(1, 1000).Select(i => (double)i)];
        var cuts = NumericSummary.FromValues(values).Boundaries(10);
        Assert.Equal(9, cuts.Length);
        Assert.Equal(1, cuts[0]);
    }

    private static double Naive(double[] sorted, double p)
    {
        var rank = p * (sorted.Length - 1);
        var low = sorted[(int)rank];
        var high = sorted[Math.Min((int)rank + 1, sorted.Length - 1)];
        return low + (rank - Math.Floor(rank)) * (high - low);
    }
}
