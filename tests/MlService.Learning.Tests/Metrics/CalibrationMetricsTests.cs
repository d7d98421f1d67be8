using CsCheck;
using MlService.Learning.Metrics;

namespace MlService.Learning.Tests.Metrics;

public class CalibrationMetricsTests
{
    private static readonly Gen<(float Score, bool Positive)[]> Records =
        Gen.Select(Gen.Int[0, 40], Gen.Bool).Select((score, positive) => (score / 40f, positive)).Array[1, 200];

    [Fact]
    public void EachBinOfTheReliabilityCurveHoldsWhatALoopOverItsRecordsFinds() => Records.Sample(records =>
    {
        var report = Of(records).ToReport();
        var bins = report.Reliability;
        Assert.Equal(records.Length, bins.Sum(bin => bin.Rows));
        foreach (var bin in bins)
        {
            var inside = records.Where(record => record.Score >= bin.From && record.Score <= bin.To).ToArray();
            Assert.Equal(inside.Length, bin.Rows);
            Assert.Equal(inside.Average(record => (double)record.Score), bin.MeanScore, 1e-12);
            Assert.Equal(inside.Average(record => record.Positive ? 1.0 : 0), bin.TrueShare, 1e-12);
        }
        var error = bins.Sum(bin => bin.Rows * Math.Abs(bin.MeanScore - bin.TrueShare)) / records.Length;
        Assert.Equal(error, report.ExpectedCalibrationError!.Value, 1e-12);
    });

    [Fact]
    public void ADifferentScoreForEachRecordMakesTenBinsOfEqualSize()
    {
        var bins = Of(Enumerable.Range(0, 1000).Select(i => (i / 1000f, i % 3 == 0))).ToReport().Reliability;
        Assert.Equal(10, bins.Count);
        Assert.All(bins, bin => Assert.Equal(100, bin.Rows));
    }

    [Fact]
    public void ScoresThatAreProbabilitiesHaveNextToNoCalibrationErrorAndSquaredOnesHave()
    {
        var random = new Random(1);
        var records = Enumerable.Range(0, 50_000).Select(_ => random.NextDouble()).Select(p => ((float)p, random.NextDouble() < p)).ToArray();
        Assert.InRange(Of(records).ToReport().ExpectedCalibrationError!.Value, 0, 0.01);
        // E |p − p²| = 1/2 − 1/3.
        Assert.Equal(1.0 / 6, Of(records.Select(record => (record.Item1 * record.Item1, record.Item2))).ToReport().ExpectedCalibrationError!.Value, 0.01);
    }

    [Fact]
    public void AMulticlassModelIsJudgedByTheProbabilitiesOfAllClasses()
    {
        var metrics = new MulticlassMetrics(["a", "b", "c"]);
        metrics.Add([0.7f, 0.2f, 0.1f], "a"u8);
        metrics.Add([0.3f, 0.4f, 0.3f], "c"u8);
        metrics.Add([0.5f, 0.25f, 0.25f], "never seen"u8);
        var report = metrics.ToReport();
        Assert.Equal(-(Math.Log(0.7) + Math.Log(0.3) + Math.Log(1.1920928955078125e-7)) / 3, report.LogLoss!.Value, 1e-6);
        var brier = (0.3 * 0.3 + 0.2 * 0.2 + 0.1 * 0.1) + (0.3 * 0.3 + 0.4 * 0.4 + 0.7 * 0.7) + (0.25 + 2 * 0.0625 + 1);
        Assert.Equal(brier / 3, report.BrierScore!.Value, 1e-6);
        // Said 0.7, 0.4 and 0.5 of the class it predicted; it was right once.
        Assert.Equal((0.3 + 0.4 + 0.5) / 3, report.ExpectedCalibrationError!.Value, 1e-6);
    }

    [Fact]
    public void TheCheapestThresholdCostsNoMoreThanAnyOther() =>
        Gen.Select(Records, Gen.Int[0, 5], Gen.Int[1, 5], Gen.Double[0, 1]).Sample((records, alarm, miss, other) =>
        {
            var ranking = Of(records).Rank();
            var best = ranking.ThresholdForCost(alarm, miss);
            Assert.InRange(best, 0, 1);
            Assert.True(Cost(best) <= Cost(other));

            double Cost(double threshold) =>
                records.Sum(record => record.Positive == record.Score >= threshold ? 0 : record.Positive ? miss : alarm);
        });

    [Fact]
    public void WhereMissesCostNothingNoneIsPredicted()
    {
        Assert.Equal(1, Of([(0.2f, true), (0.9f, false)]).Rank().ThresholdForCost(1, 0));
        Assert.Equal(0.2f, Of([(0.2f, true), (0.9f, false)]).Rank().ThresholdForCost(0, 1));
        Assert.Equal(1, new BinaryMetrics().Rank().ThresholdForCost(1, 1));
    }

    private static BinaryMetrics Of(IEnumerable<(float, bool)> records)
    {
        var metrics = new BinaryMetrics();
        foreach (var (score, positive) in records)
            metrics.Add(score, positive);
        return metrics;
    }
}
