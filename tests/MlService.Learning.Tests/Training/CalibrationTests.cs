using CsCheck;
using MlService.Learning.Metrics;
using MlService.Learning.Models;
using MlService.Learning.Tests.Records;
using MlService.Learning.Training;
using MlService.Learning.Trees;

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

    // Three classes by a and x; the last one is rare.
    private static (string Csv, int[] Labels) Classes(int rows, int seed)
    {
        var random = new Random(seed);
        var labels = new int[rows];
        var csv = TrainingHarness.Csv(rows, i =>
        {
            var (a, x) = (random.Next(6), random.NextDouble() * 4);
            double[] odds = [Math.Exp(0.4 * x), Math.Exp(0.3 * a), Math.Exp(0.25 * a + 0.5 * x - 3)];
            var drawn = random.NextDouble() * odds.Sum();
            labels[i] = drawn < odds[0] ? 0 : drawn < odds[0] + odds[1] ? 1 : 2;
            return FormattableString.Invariant($"a{a},{x:F3},k{labels[i]}");
        });
        return (csv, labels);
    }

    /// <summary>Linear models of one shard and of two, and trees, which overestimate what they are sure of.</summary>
    [Theory]
    [InlineData("sgd", 1)]
    [InlineData("sgd", 2)]
    [InlineData("fastTree", 1)]
    [InlineData("lightGbm", 1)]
    public void ScoresOfSeveralClassesBecomeTheSharesThatOccur(string algorithm, int shards)
    {
        Dictionary<string, string> weighted = new() { ["algorithm"] = algorithm, ["sgd.classWeights"] = "balanced" };
        if (algorithm != "sgd")
            weighted["trees.number"] = "25";
        var (csv, _) = Classes(6_000, 5);
        var (before, after) = (Judge("none"), Judge("platt"));

        Assert.True(before.Gap > 0.1, $"{before.Gap} before");
        Assert.InRange(after.Gap, 0, 0.02);
        Assert.True(after.LogLoss < before.LogLoss - 0.05, $"{before.LogLoss} before, {after.LogLoss} after");

        (double LogLoss, double Gap) Judge(string calibration)
        {
            var harness = new TrainingHarness("a:Categorical x:Numeric y:Categorical", "y", csv, parameters: new(weighted) { ["sgd.calibration"] = calibration });
            LearnedModel model;
            if (algorithm == "sgd")
                model = harness.TrainApart(shards);
            else
            {
                var (trainer, parts) = harness.Encode(1);
                using var shard = parts[0];
                model = TreeTrainer.Train(trainer, shard, TestContext.Current.CancellationToken);
            }
            Assert.Equal(calibration == "platt", model.Log.Entries[^1].Note.Contains("calibrated: ", StringComparison.Ordinal));
            var (held, labels) = Classes(10_000, 77);
            var scorer = model.CreateScorer(harness.Schema);
            using var reader = new StoredFiles(harness.Schema, held).ReadAll();
            var (loss, said, occurred) = (0.0, new double[3], new double[3]);
            for (var row = 0; reader.Read(); row++)
            {
                var probabilities = scorer.Score(reader.Record).Probabilities;
                for (var k = 0; k < 3; k++)
                {
                    var index = model.Classes.ToList().IndexOf($"k{k}");
                    said[k] += probabilities[index] / labels.Length;
                    occurred[k] += labels[row] == k ? 1.0 / labels.Length : 0;
                    loss -= labels[row] == k ? Math.Log(probabilities[index]) / labels.Length : 0;
                }
            }
            return (loss, said.Zip(occurred, (s, o) => Math.Abs(s - o)).Max());
        }
    }

    [Fact]
    public void NoOtherSlopeAndOffsetsOfClassesFitBetter() =>
        Gen.Select(Gen.Float[-3, 3].Array[3], Gen.Int[0, 2]).Array[20, 100].Select(Gen.Double[-0.1, 0.1].Array[4]).Sample((records, moves) =>
        {
            // Scores that say something: the true class a little higher.
            var scores = new ClassScores(3);
            foreach (var (values, label) in records)
            {
                values[label] += 1;
                scores.Add(values, label);
            }
            if (SoftmaxScaling.Fit(scores) is not { } fit)
                return;
            Assert.True(Loss(fit.Slope, [.. fit.Offsets]) <= Loss(fit.Slope + moves[3], [.. fit.Offsets.Select((offset, k) => offset + moves[k])]) + 1e-6);

            double Loss(double a, double[] b) => b.Sum(offset => offset * offset / 2) - records.Sum(record =>
                Math.Log(Math.Exp(a * record.Item1[record.Item2] + b[record.Item2]) / Enumerable.Range(0, 3).Sum(k => Math.Exp(a * record.Item1[k] + b[k]))));
        });

    [Fact]
    public void OfManyScoresEveryOtherOneIsKeptForAnySharding() =>
        Gen.Select(Gen.Int[0, 9_000], Gen.Int[1, 4]).Sample((rows, shards) =>
        {
            // 128 classes: 2,048 rows at most.
            var merged = new ClassScores(128);
            foreach (var shard in Enumerable.Range(0, rows).Chunk(rows / shards + 1))
            {
                var part = new ClassScores(128);
                foreach (var row in shard)
                    part.Add([.. Enumerable.Range(0, 128).Select(k => row + k / 1000f)], row % 128);
                using var copied = new MemoryStream();
                ShardFormat.Write(copied, part.Write);
                copied.Position = 0;
                merged.Merge(ShardFormat.Read(copied, reader => ClassScores.Read(reader, 128)));
            }
            Assert.InRange(merged.Rows, Math.Min(rows, 1_000), 2_048);
            var kept = Enumerable.Range(0, merged.Rows).Select(row => (int)merged.Scores(row)[0]).ToArray();
            Assert.Equal(kept.Distinct().Order(), kept);
            for (var row = 0; row < kept.Length; row++)
                Assert.Equal((kept[row] % 128, kept[row] + 0.127f), (merged.Label(row), merged.Scores(row)[127]));
        }, iter: 40);

    [Fact]
    public void OnlyModelsOfClassesAreCalibrated()
    {
        var harness = new TrainingHarness("x:Numeric y:Numeric", "y", "1,2\n", parameters: new() { ["sgd.calibration"] = "platt" });
        var error = Assert.Throws<InvalidInputException>(() => harness.Train());
        Assert.Equal("sgd.calibration is platt, which is for targets of classes; \"y\" makes a REGRESSION model. Leave the parameter out.", error.Message);
    }

    private static BinaryReport Report(TrainingHarness harness, LinearModel model)
    {
        var (csv, labels) = Rows(20_000, 99);
        return harness.Judge(model, csv, labels).ToReport();
    }
}
