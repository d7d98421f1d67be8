using System.Text;
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

    // Their own macro accuracy is the mean recall. Macro F1 they do not compute, but all it is made of is in their confusion matrix.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void MulticlassFiguresAreMicrosoftMls(int seed)
    {
        string[] classes = ["red", "green", "blue", "grey"];
        var random = new Random(seed);
        var rows = Enumerable.Range(0, 1500).Select(i =>
        {
            // Red is frequent, grey rare; probabilities are rounded, so that some tie.
            var label = i % 50 == 0 ? 3 : i % 3 == 0 ? 1 : i % 7 == 0 ? 2 : 0;
            var scores = classes.Select((_, k) => MathF.Round(random.NextSingle() + (k == label ? 0.4f : 0), 1) + 0.01f).ToArray();
            var probabilities = scores.Select(score => score / scores.Sum()).ToArray();
            return new Multiclass { Label = classes[label], Score = probabilities };
        }).ToList();
        var ours = new MulticlassMetrics(classes);
        foreach (var row in rows)
        {
            ours.Add(row.Score, Encoding.UTF8.GetBytes(row.Label));
            row.PredictedLabel = classes[Array.IndexOf(row.Score, row.Score.Max())];
        }
        var report = ours.ToReport();
        // Keys in the order of our classes: theirs number classes by first occurrence unless told, and read scores in the order of keys.
        var keys = _context.Data.LoadFromEnumerable(classes.Select(name => new Key { Name = name }));
        var data = _context.Data.LoadFromEnumerable(rows);
        var map = _context.Transforms.Conversion.MapValueToKey(
            [new InputOutputColumnPair("LabelKey", "Label"), new InputOutputColumnPair("PredictedLabel", "PredictedLabel")], keyData: keys);
        var theirs = _context.MulticlassClassification.Evaluate(map.Fit(data).Transform(data), "LabelKey", "Score", "PredictedLabel");
        Assert.Equal(theirs.MicroAccuracy, report.Accuracy!.Value, 1e-9);
        Assert.Equal(theirs.MacroAccuracy, report.Classes.Average(item => item.Recall), 1e-9);
        Assert.Equal(theirs.LogLoss, report.LogLoss!.Value, 1e-5);
        for (var actual = 0; actual < classes.Length; actual++)
            for (var predicted = 0; predicted < classes.Length; predicted++)
                Assert.Equal(theirs.ConfusionMatrix.Counts[actual][predicted], report.ConfusionMatrix[actual][predicted]);
        for (var k = 0; k < classes.Length; k++)
        {
            Assert.Equal(theirs.ConfusionMatrix.PerClassPrecision[k], report.Classes[k].Precision, 1e-9);
            Assert.Equal(theirs.ConfusionMatrix.PerClassRecall[k], report.Classes[k].Recall, 1e-9);
        }
        Assert.Equal(Enumerable.Range(0, classes.Length).Average(k => F1(theirs.ConfusionMatrix, k)), report.MacroF1!.Value, 1e-9);

        static double F1(Microsoft.ML.Data.ConfusionMatrix matrix, int k) => 2 * matrix.PerClassPrecision[k] * matrix.PerClassRecall[k]
            / (matrix.PerClassPrecision[k] + matrix.PerClassRecall[k]);
    }

    private sealed class Key
    {
        public string Name { get; set; } = "";
    }

    private sealed class Multiclass
    {
        public string Label { get; set; } = "";

        public string PredictedLabel { get; set; } = "";

        [Microsoft.ML.Data.VectorType(4)]
        public float[] Score { get; set; } = [];
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
