using Microsoft.ML;
using MlService.Learning.Metrics;

namespace MlService.Learning.Tests.Metrics;

/// <summary>The figures of Microsoft.ML's evaluators on the same predictions.</summary>
public class MetricsAgainstMicrosoftMlTests
{
    private readonly MLContext _context = new(1);

    [Theory]
    [InlineData(1, 0.505f)]
    [InlineData(2, 0.305f)]
    [InlineData(3, 0.905f)]
    public void BinaryFiguresAreMicrosoftMls(int seed, float threshold)
    {
        var random = new Random(seed);
        // Rounded, so that scores tie.
        var rows = Enumerable.Range(0, 2000).Select(_ => (Score: MathF.Round(random.NextSingle(), 2), Noise: random.NextSingle()))
            .Select(row => new Binary { Probability = Math.Clamp(row.Score, 0.005f, 0.995f), Label = row.Noise < row.Score }).ToList();
        // Theirs says yes to scores above 0.
        foreach (var row in rows)
            (row.Score, row.PredictedLabel) = (row.Probability - threshold, row.Probability >= threshold);
        var theirs = _context.BinaryClassification.Evaluate(_context.Data.LoadFromEnumerable(rows));
        var metrics = new BinaryMetrics();
        foreach (var row in rows)
            metrics.Add(row.Probability, row.Label);
        var ours = metrics.ToReport(threshold);
        Assert.Equal(theirs.AreaUnderRocCurve, ours.Auc!.Value, 1e-6);
        Assert.Equal(theirs.Accuracy, ours.Accuracy, 1e-9);
        Assert.Equal(theirs.PositivePrecision, ours.Precision, 1e-9);
        Assert.Equal(theirs.PositiveRecall, ours.Recall, 1e-9);
        Assert.Equal(theirs.F1Score, ours.F1, 1e-9);
        Assert.Equal(theirs.LogLoss * Math.Log(2), ours.LogLoss!.Value, 1e-5); // theirs counts bits
    }

    [Fact]
    public void RegressionFiguresAreMicrosoftMls()
    {
        var random = new Random(9);
        var rows = Enumerable.Range(0, 1500).Select(i => new Number { Label = i % 97 - 20, Score = i % 97 - 20 + random.NextSingle() * 9 - 4 }).ToList();
        var theirs = _context.Regression.Evaluate(_context.Data.LoadFromEnumerable(rows));
        var metrics = new RegressionMetrics();
        foreach (var row in rows)
            metrics.Add(row.Score, row.Label);
        var ours = metrics.ToReport();
        Assert.Equal(theirs.RootMeanSquaredError, ours.Rmse!.Value, 1e-6);
        Assert.Equal(theirs.MeanAbsoluteError, ours.Mae!.Value, 1e-6);
        Assert.Equal(theirs.RSquared, ours.R2!.Value, 1e-6);
    }

    private sealed class Binary
    {
        public bool Label { get; set; }

        public bool PredictedLabel { get; set; }

        public float Probability { get; set; }

        public float Score { get; set; }
    }

    private sealed class Number
    {
        public float Label { get; set; }

        public float Score { get; set; }
    }
}
