using CsCheck;
using MlService.Learning.Metrics;
using MlService.Learning.Models;
using MlService.Learning.Training;

namespace MlService.Learning.Tests.Training;

public class CalibrationTests
{
    private const string Columns = "a:Categorical x:Numeric y:Binary";

    // One row in eleven is a 1, more or less by a and x.
    private static (string Csv, bool[] Labels) Rows(int rows, int seed)
    {
        var random = new Random(seed);
        var labels = new bool[rows];
        var csv = TrainingHarness.Csv(rows, i =>
        {
            var (a, x) = (random.Next(6), random.NextDouble() * 4);
            labels[i] = random.NextDouble() < 1 / (1 + Math.Exp(5.2 - 0.5 * a - 0.7 * x));
            return FormattableString.Invariant($"a{a},{x:F3},{(labels[i] ? 1 : 0)}");
        });
        return (csv, labels);
    }

    /// <summary>One shard is cross-validated; of two, rates race and are mixed.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void ScoresThatClassWeightsHaveMovedBecomeTheSharesThatOccur(int shards)
    {
        Dictionary<string, string> weighted = new() { ["sgd.classWeights"] = "balanced" };
        var (csv, _) = Rows(8_000, 1);
        var raw = new TrainingHarness(Columns, "y", csv, parameters: weighted);
        var calibrated = new TrainingHarness(Columns, "y", csv, parameters: new(weighted) { ["sgd.calibration"] = "platt" });
        var (before, after) = (Report(raw, raw.TrainApart(shards)), Report(calibrated, calibrated.TrainApart(shards)));

        Assert.True(before.ExpectedCalibrationError > 0.2, $"{before.ExpectedCalibrationError} before");
        Assert.InRange(after.ExpectedCalibrationError!.Value, 0, 0.02);
        Assert.True(after.LogLoss < before.LogLoss - 0.1 && after.BrierScore < before.BrierScore);
        // The order of the scores stays, and with it the area.
        Assert.Equal(before.Auc!.Value, after.Auc!.Value, 1e-4);
    }

    [Fact]
    public void TheCorrectionIsPartOfTheWeightsSoThatContributionsStillAddUpToTheScore()
    {
        var harness = new TrainingHarness(Columns, "y", Rows(2_000, 2).Csv, parameters: new() { ["sgd.calibration"] = "platt", ["sgd.classWeights"] = "balanced" });
        var model = harness.Train();
        Assert.Contains("calibrated: log-odds times", model.Log.Entries[^1].Note, StringComparison.Ordinal);
        var record = "a3,2.5,0\n";
        var score = harness.Explain(model, record);
        Assert.Equal(harness.Score(model, record)[0], 1 / (1 + Math.Exp(-score.Score)), 1e-6);
        Assert.Equal(score.Score, score.Intercept + score.Contributions.Sum(part => part.Contribution), 1e-9);
    }

    [Fact]
    public void ASingleRateAndPassIsCalibratedToo()
    {
        Dictionary<string, string> parameters = new() { ["sgd.calibration"] = "platt", ["sgd.classWeights"] = "balanced", ["sgd.learningRate"] = "0.1", ["sgd.maxPasses"] = "1" };
        var harness = new TrainingHarness(Columns, "y", Rows(3_000, 3).Csv, parameters: parameters);
        Assert.InRange(Report(harness, harness.Train()).ExpectedCalibrationError!.Value, 0, 0.03);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void ACalibratedTrainingThatDiesEndsWithTheSameModel(int shards)
    {
        var harness = new TrainingHarness(Columns, "y", Rows(600, 4).Csv, parameters: new() { ["sgd.calibration"] = "platt", ["sgd.maxPasses"] = "3" });
        Assert.Equal(TrainingHarness.Bytes(harness.TrainApart(shards)), TrainingHarness.Bytes(harness.TrainWithRestarts(shards).Model));
    }

    [Fact]
    public void NoOtherSlopeAndOffsetFitBetter() =>
        Gen.Select(Gen.Float[0.001f, 0.999f], Gen.Bool).Array[20, 100].Select(Gen.Double[-0.1, 0.1], Gen.Double[-0.1, 0.1]).Sample((records, slope, offset) =>
        {
            var metrics = new BinaryMetrics();
            foreach (var (score, positive) in records)
                metrics.Add(score, positive);
            if (PlattScaling.Fit(metrics.Rank()) is not { } fit)
                return;
            var (high, low) = ((records.Count(r => r.Item2) + 1.0) / (records.Count(r => r.Item2) + 2), 1 / (records.Count(r => !r.Item2) + 2.0));
            Assert.True(Loss(fit.Slope, fit.Offset) <= Loss(fit.Slope + slope, fit.Offset + offset) + 1e-9);

            double Loss(double a, double b) => records.Sum(record =>
            {
                var p = 1 / (1 + Math.Exp(-(a * Math.Log(record.Item1 / (1 - (double)record.Item1)) + b)));
                var t = record.Item2 ? high : low;
                return -t * Math.Log(p) - (1 - t) * Math.Log(1 - p);
            });
        });

    [Fact]
    public void ScoresWithoutAnyOrderAreLeftAsTheyAre()
    {
        var metrics = new BinaryMetrics();
        Assert.Null(PlattScaling.Fit(metrics.Rank()));
        for (var i = 0; i < 100; i++)
            metrics.Add(i / 100f, i < 50);
        Assert.Null(PlattScaling.Fit(metrics.Rank()));
    }

    [Fact]
    public void OnlyBinaryModelsAreCalibrated()
    {
        var harness = new TrainingHarness("x:Numeric y:Numeric", "y", "1,2\n", parameters: new() { ["sgd.calibration"] = "platt" });
        var error = Assert.Throws<InvalidInputException>(() => harness.Train());
        Assert.Equal("sgd.calibration is platt, which is for BINARY targets; \"y\" makes a REGRESSION model. Leave the parameter out.", error.Message);
    }

    private static BinaryReport Report(TrainingHarness harness, LinearModel model)
    {
        var (csv, labels) = Rows(20_000, 99);
        var metrics = new BinaryMetrics();
        var scores = harness.Score(model, csv);
        for (var i = 0; i < scores.Length; i++)
            metrics.Add((float)scores[i], labels[i]);
        return metrics.ToReport();
    }
}
