using System.Text;
using CsCheck;
using MlService.Learning.Metrics;
using MlService.Tests;

namespace MlService.Learning.Tests.Metrics;

public class ConfidenceIntervalTests
{
    private static readonly string[] Classes = ["a", "b", "c"];

    // E. DeLong, D. DeLong, D. Clarke-Pearson, 1988: what a bootstrap of many rows comes to.
    [Theory]
    [InlineData(600, 40)]       // scores with many ties
    [InlineData(600, 1 << 20)]
    [InlineData(20_000, 1 << 20)]
    public void TheIntervalOfTheAucIsDeLongsWhereRowsAreMany(int rows, int scores)
    {
        var random = new Random(3);
        var metrics = new BinaryMetrics();
        var (positives, negatives) = (new List<float>(), new List<float>());
        for (var i = 0; i < rows; i++)
        {
            var isPositive = random.Next(3) == 0;
            var draw = random.NextDouble();
            var score = (float)Math.Floor((isPositive ? Math.Sqrt(draw) : draw) * scores) / scores;
            metrics.Add(score, isPositive);
            (isPositive ? positives : negatives).Add(score);
        }
        var ofPositives = Placements(positives, negatives);
        var ofNegatives = Placements(negatives, positives);
        var auc = ofPositives.Average();
        var margin = 1.959963985 * Math.Sqrt(Variance(ofPositives) / positives.Count + Variance(ofNegatives) / negatives.Count);
        var interval = metrics.ToReport().AucInterval!;
        Assert.Equal(auc - margin, interval.Low, 0.1 * margin);
        Assert.Equal(auc + margin, interval.High, 0.1 * margin);

        // The share of the others that lie below, ties counting half.
        static double[] Placements(List<float> own, List<float> others)
        {
            float[] sorted = [.. others.Order()];
            return [.. own.Select(score => (Below(sorted, score) + Below(sorted, MathF.BitIncrement(score))) / 2.0 / sorted.Length)];
        }

        static int Below(float[] sorted, float score)
        {
            var (low, high) = (0, sorted.Length);
            while (low < high)
                (low, high) = sorted[(low + high) / 2] < score ? ((low + high) / 2 + 1, high) : (low, (low + high) / 2);
            return low;
        }
    }

    [Fact]
    public void OfTooFewRowsOrAPerfectOrderTheAucHasNoInterval() =>
        Gen.Select(Gen.Int[0, 3], Gen.Bool).Array[0, 6].Sample(records =>
        {
            var metrics = new BinaryMetrics();
            foreach (var (score, positive) in records)
                metrics.Add(score / 3f, positive);
            var report = metrics.ToReport();
            Assert.Equal(report.Positives < 2 || report.Rows - report.Positives < 2 || report.Auc is 0 or 1, report.AucInterval is null);
        });

    [Fact, LongProof]
    public void AnAucIntervalHoldsTheTrueAreaInAboutNinetyFiveOfAHundredSamples()
    {
        // Positives score u, negatives v², both uniform: P(u > v²) = 1 − E v² = 2/3.
        var random = new Random(5);
        var held = Enumerable.Range(0, 1000).Count(_ =>
        {
            var metrics = new BinaryMetrics();
            for (var i = 0; i < 80; i++)
            {
                var draw = random.NextDouble();
                metrics.Add((float)(i % 2 == 0 ? draw : draw * draw), i % 2 == 0);
            }
            var interval = metrics.ToReport().AucInterval!;
            return interval.Low <= 2.0 / 3 && 2.0 / 3 <= interval.High;
        });
        Assert.InRange(held, 925, 975);
    }

    [Fact]
    public void AnRmseIntervalIsThatOfTheChiSquaredDistributionForNormalErrors()
    {
        var random = new Random(6);
        var metrics = new RegressionMetrics();
        const int Rows = 2_000;
        for (var i = 0; i < Rows; i++)
        {
            var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            metrics.Add(100 + 3 * normal, 100);
        }
        var report = metrics.ToReport();
        // n·RMSE²/σ² has n degrees of freedom; the deviation of an RMSE is about σ/√(2n).
        var margin = 1.96 * report.Rmse!.Value / Math.Sqrt(2.0 * Rows);
        Assert.Equal(report.Rmse.Value - margin, report.RmseInterval!.Low, 0.15 * margin);
        Assert.Equal(report.Rmse.Value + margin, report.RmseInterval.High, 0.15 * margin);
    }

    [Fact]
    public void AMacroF1IntervalIsThatOfDrawingTheRowsThemselves()
    {
        var random = new Random(7);
        var rows = Enumerable.Range(0, 400).Select(_ =>
        {
            var actual = random.Next(3);
            return (Actual: actual, Predicted: random.NextDouble() < 0.7 ? actual : random.Next(3));
        }).ToArray();
        var interval = Report(rows).MacroF1Interval!;
        var draws = Enumerable.Range(0, 1000).Select(_ =>
            Report([.. Enumerable.Range(0, rows.Length).Select(_ => rows[random.Next(rows.Length)])]).MacroF1!.Value).Order().ToArray();
        Assert.Equal(draws[25], interval.Low, 0.01);
        Assert.Equal(draws[974], interval.High, 0.01);
    }

    [Fact]
    public void AnyShardingGivesTheSameIntervals() => Gen.Select(Gen.Float[0, 1].Array[4, 40], Gen.Int[0, 40]).Sample((values, cut) =>
    {
        var (binary, multiclass, regression) = All(values);
        var (otherBinary, otherMulticlass, otherRegression) = All(values.Skip(cut));
        var (rest, restMulticlass, restRegression) = All(values.Take(cut));
        otherBinary.Merge(rest);
        otherMulticlass.Merge(restMulticlass);
        otherRegression.Merge(restRegression);
        Assert.Equal(binary.ToReport().AucInterval, otherBinary.ToReport().AucInterval);
        Assert.Equal(multiclass.ToReport().MacroF1Interval, otherMulticlass.ToReport().MacroF1Interval);
        Assert.Equal(regression.ToReport().RmseInterval!.Low, otherRegression.ToReport().RmseInterval!.Low, 1e-9);

        static (BinaryMetrics, MulticlassMetrics, RegressionMetrics) All(IEnumerable<float> values)
        {
            var (binary, multiclass, regression) = (new BinaryMetrics(), new MulticlassMetrics(Classes), new RegressionMetrics());
            foreach (var value in values)
            {
                binary.Add(value, value * 13 % 1 > 0.5);
                multiclass.Add([1 - value, value / 2, value / 2], [(byte)('a' + (int)(value * 37) % 5)]);
                regression.Add(value, 0.5);
            }
            return (binary, multiclass, regression);
        }
    }, iter: 20);

    private static MulticlassReport Report((int Actual, int Predicted)[] rows)
    {
        var metrics = new MulticlassMetrics(Classes);
        foreach (var (actual, predicted) in rows)
            metrics.Add([.. Classes.Select((_, k) => k == predicted ? 1f : 0f)], Encoding.UTF8.GetBytes(Classes[actual]));
        return metrics.ToReport();
    }

    private static double Variance(double[] values)
    {
        var mean = values.Average();
        return values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1);
    }
}
