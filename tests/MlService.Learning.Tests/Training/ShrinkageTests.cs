using MlService.Learning.Metrics;
using MlService.Learning.Models;
using MlService.Learning.Training;

namespace MlService.Learning.Tests.Training;

/// <summary>Decision 0023, on texts whose words are in a handful of rows each, and known effects of the words.</summary>
public class ShrinkageTests
{
    private const int Words = 8_000;
    private const string Columns = "text:Text y:Binary";

    private static (string Csv, bool[] Labels) Rows(int rows, int seed)
    {
        var (effects, random) = (new Random(7), new Random(seed));
        var effectOf = Enumerable.Range(0, Words).Select(_ => 3 * (effects.NextDouble() + effects.NextDouble() - 1)).ToArray();
        var labels = new bool[rows];
        return (TrainingHarness.Csv(rows, i =>
        {
            var drawn = Enumerable.Range(0, 8).Select(_ => random.Next(Words)).Distinct().ToArray();
            labels[i] = random.NextDouble() < 1 / (1 + Math.Exp(-drawn.Sum(word => effectOf[word])));
            return $"{string.Join(' ', drawn.Select(word => $"w{word}"))},{(labels[i] ? 1 : 0)}";
        }), labels);
    }

    private static ScoreRanking Rank(TrainingHarness harness, LinearModel model)
    {
        var (csv, labels) = Rows(6_000, 2);
        return harness.Judge(model, csv, labels).Rank();
    }

    [Fact]
    public void AModelOfRareFeaturesRanksBetterThanThatOfTheLowestLossAndIsNotTooBold()
    {
        var csv = Rows(4_000, 1).Csv;
        var (byDefault, given) = (new TrainingHarness(Columns, "y", csv), new TrainingHarness(Columns, "y", csv, parameters: new() { ["sgd.l2RegularizationAmount"] = "1e-6" }));
        var (shrunk, unshrunk) = (byDefault.Train(), given.Train());
        var (after, before) = (Rank(byDefault, shrunk), Rank(given, unshrunk));

        Assert.Contains("shrunk: log-odds times 0.", shrunk.Log.Entries[^1].Note, StringComparison.Ordinal);
        Assert.DoesNotContain("shrunk", unshrunk.Log.Entries[^1].Note, StringComparison.Ordinal);
        Assert.True(after.Auc > before.Auc, $"AUC {after.Auc} shrunk, {before.Auc} else");
        // Of rows that are new, the best slope is 1: the log-odds are as bold as they may be.
        Assert.InRange(PlattScaling.Fit(after)!.Value.Slope, 0.8, 1.25);
        Assert.True(new PlattScaling(1, 0).MeanLoss(after) < new PlattScaling(1, 0).MeanLoss(before));
    }

    [Fact]
    public void TheLossOfFoldsIsThatOfTheShrunkModel()
    {
        var harness = new TrainingHarness(Columns, "y", Rows(4_000, 1).Csv, parameters: new() { ["sgd.folds"] = "3" });
        var model = harness.Train();
        Assert.Contains("shrunk", model.Log.Entries[^1].Note, StringComparison.Ordinal);
        // As far as the loss on new rows, and below that of knowing nothing. The folds learn from two thirds of the rows.
        var loss = new PlattScaling(1, 0).MeanLoss(Rank(harness, model));
        Assert.All(model.Summary.Folds, fold => Assert.InRange(fold.Loss!.Value, loss - 0.02, Math.Log(2)));
    }

    /// <summary>What weights have moved, a correction that knows nothing of them would move back.</summary>
    [Theory]
    [InlineData("balanced")]
    [InlineData("""{"1": 10}""")]
    public void ClassesWithWeightsAreNotShrunk(string weights)
    {
        var harness = new TrainingHarness(Columns, "y", Rows(2_000, 1).Csv, parameters: new() { ["sgd.classWeights"] = weights });
        Assert.DoesNotContain("shrunk", harness.Train().Log.Entries[^1].Note, StringComparison.Ordinal);
    }

    [Fact]
    public void RowsWithWeightsAreNotShrunk()
    {
        var csv = string.Concat(Rows(2_000, 1).Csv.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select((row, i) => $"{row},{1 + i % 3}\n"));
        var harness = new TrainingHarness(Columns + " w:Numeric", "y", csv, parameters: [], rowWeight: "w");
        Assert.DoesNotContain("shrunk", harness.Train().Log.Entries[^1].Note, StringComparison.Ordinal);
    }

    [Fact]
    public void ATrainingThatDiesEndsWithTheSameShrunkModel()
    {
        var harness = new TrainingHarness(Columns, "y", Rows(1_500, 1).Csv);
        var model = harness.TrainApart(1);
        Assert.Contains("shrunk", model.Log.Entries[^1].Note, StringComparison.Ordinal);
        Assert.Equal(TrainingHarness.Bytes(model), TrainingHarness.Bytes(harness.TrainWithRestarts(1).Model));
    }

    [Fact]
    public void ALossAfterTheBestScalingIsTheLeastOfAnyScaling()
    {
        // Scores three times too bold.
        var random = new Random(5);
        var losses = new LossSums();
        for (var i = 0; i < 5_000; i++)
        {
            var odds = random.NextDouble() * 4 - 2;
            var label = random.NextDouble() < 1 / (1 + Math.Exp(-odds));
            losses.AddBinary(Math.Log(1 + Math.Exp(label ? -3 * odds : 3 * odds)), 1, (float)(3 * odds), label);
        }
        var shrinkage = losses.Shrinkage!;
        Assert.InRange(shrinkage.Slope, 0.3, 0.37);
        var ranking = losses.Ranking!;
        Assert.Equal(losses.Mean, new PlattScaling(1, 0).MeanLoss(ranking), 1e-4);
        foreach (var (slope, offset) in new[] { (1.05, 0.0), (0.95, 0), (1, 0.05), (1, -0.05) })
            Assert.True(losses.ShrunkMean < new PlattScaling(shrinkage.Slope * slope, shrinkage.Offsets[0] + offset).MeanLoss(ranking));
    }
}
