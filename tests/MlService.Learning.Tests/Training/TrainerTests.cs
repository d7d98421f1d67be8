using System.Globalization;
using MlService.Learning.Metrics;
using MlService.Learning.Models;
using MlService.Learning.Training;

namespace MlService.Learning.Tests.Training;

public class TrainerTests
{
    private const string BinaryColumns = "color:Categorical size:Numeric words:Text bought:Binary";

    // Log-odds of a purchase: known, so that the best possible AUC can be computed beside the model's.
    private static (string Csv, double[] LogOdds, bool[] Labels) Purchases(int rows, int seed)
    {
        var random = new Random(seed);
        string[] colors = ["red", "green", "blue", "grey"];
        double[] colorWeights = [1.2, -0.8, 0.1, -0.5];
        var odds = new double[rows];
        var labels = new bool[rows];
        var csv = TrainingHarness.Csv(rows, i =>
        {
            var color = random.Next(4);
            var size = 1000 + 200 * (random.NextDouble() + random.NextDouble() - 1);
            var (isCheap, isNew) = (random.NextDouble() < 0.3, random.NextDouble() < 0.2);
            odds[i] = colorWeights[color] + (size - 1000) / 60 + (isCheap ? 1 : 0) - (isNew ? 1.5 : 0) - 1;
            labels[i] = random.NextDouble() < 1 / (1 + Math.Exp(-odds[i]));
            return $"{colors[color]},{size:F1},{(isCheap ? "cheap " : "")}thing{(isNew ? " new" : "")},{(labels[i] ? 1 : 0)}";
        });
        return (csv, odds, labels);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void ABinaryModelComesCloseToTheTrueProbabilities(int shards)
    {
        var harness = new TrainingHarness(BinaryColumns, "bought", Purchases(4000, 1).Csv);
        var model = harness.Train(shards);
        AssertNearBest(harness, model, 0.005);
        Assert.Equal(4000, model.Summary.Examples);
    }

    [Fact]
    public void ShardsThatLearnApartAndAreMixedComeCloseToo()
    {
        var harness = new TrainingHarness(BinaryColumns, "bought", Purchases(4000, 1).Csv);
        AssertNearBest(harness, harness.TrainApart(3), 0.01);
    }

    private static void AssertNearBest(TrainingHarness harness, LinearModel model, double tolerance)
    {
        var (csv, odds, labels) = Purchases(4000, 2);
        Assert.InRange(Auc(harness.Score(model, csv), labels), Auc([.. odds.Select(o => 1 / (1 + Math.Exp(-o)))], labels) - tolerance, 1);
    }

    // Five of so many columns tell of the target.
    private static (string Csv, double[] LogOdds, bool[] Labels) WideRows(int rows, int columns, int seed)
    {
        var random = new Random(seed);
        var (odds, labels) = (new double[rows], new bool[rows]);
        var csv = TrainingHarness.Csv(rows, i =>
        {
            var values = Enumerable.Range(0, columns).Select(_ => random.NextDouble() * 4 - 2).ToArray();
            odds[i] = values[..5].Sum();
            labels[i] = random.NextDouble() < 1 / (1 + Math.Exp(-odds[i]));
            return string.Create(CultureInfo.InvariantCulture, $"{string.Join(',', values.Select(value => value.ToString("F3", CultureInfo.InvariantCulture)))},{(labels[i] ? 1 : 0)}");
        });
        return (csv, odds, labels);
    }

    /// <summary>Small data is cross-validated, larger data races.</summary>
    [Theory]
    [InlineData(400, 400, "cross-validated")]
    [InlineData(1_300, 900, "")]
    public void WhatTellsNothingIsHeldBackByRegularizationWhereItIsNotGiven(int rows, int width, string way)
    {
        var columns = string.Join(' ', Enumerable.Range(0, width).Select(i => $"n{i}:Numeric")) + " y:Binary";
        var train = WideRows(rows, width, 1).Csv;
        var (csv, odds, labels) = WideRows(2_000, width, 2);
        var best = Auc([.. odds.Select(o => 1 / (1 + Math.Exp(-o)))], labels);
        var harness = new TrainingHarness(columns, "y", train);
        var model = harness.Train();
        Assert.InRange(Auc(harness.Score(model, csv), labels), best - 0.05, 1);
        Assert.Contains(model.Log.Entries, entry => entry.Note.Contains("L1 regularization", StringComparison.Ordinal) && entry.Note.EndsWith(way, StringComparison.Ordinal));
        Assert.StartsWith("L1 regularization 0.0", model.Log.Regularization, StringComparison.Ordinal);
        // Learned by heart.
        var given = new TrainingHarness(columns, "y", train, parameters: new() { ["sgd.l2RegularizationAmount"] = "1e-6" });
        Assert.InRange(Auc(given.Score(given.Train(), csv), labels), 0.5, best - 0.1);
    }

    [Fact]
    public void DataSortedByItsTargetIsShuffledBeforeItIsLearned()
    {
        var lines = Purchases(4000, 1).Csv.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var sorted = string.Join('\n', lines.OrderBy(line => line[^1])) + "\n";
        var harness = new TrainingHarness(BinaryColumns, "bought", sorted);
        AssertNearBest(harness, harness.Train(2), 0.005);
    }

    [Fact]
    public void AMulticlassModelLearnsEveryClass()
    {
        var random = new Random(3);
        var csv = TrainingHarness.Csv(900, i =>
            $"{random.NextDouble() + i % 3 * 2:F3},{random.NextDouble() - i % 3:F3},{(i % 3) switch { 0 => "oak", 1 => "ash", _ => "elm" }}");
        var harness = new TrainingHarness("height:Numeric width:Numeric tree:Categorical", "tree", csv);
        var model = harness.Train();
        Assert.Equal(["ash", "elm", "oak"], model.Classes);
        Assert.All(harness.Score(model, "0.5,0.5,x\n2.5,-0.5,x\n4.5,-1.5,x\n"), probability => Assert.True(probability > 0.8));
    }

    [Fact]
    public void ARegressionFindsTheLineWhateverTheUnits()
    {
        var random = new Random(4);
        var csv = TrainingHarness.Csv(3000, _ =>
        {
            var (year, tiny) = (1900 + random.Next(120), random.NextDouble() * 1e-6);
            return FormattableString.Invariant($"{year},{tiny:E6},{5e6 + 3e4 * (year - 1960) + 1e12 * tiny + 1e4 * (random.NextDouble() - 0.5):F1}");
        });
        var harness = new TrainingHarness("year:Numeric tiny:Numeric price:Numeric", "price", csv);
        var model = harness.Train();
        var weights = model.Weights().ToDictionary(weight => weight.Name, weight => weight.Weight);
        Assert.Equal(3e4, weights["year"], 300.0);
        Assert.Equal(1e12, weights["tiny"], 1e10);
        var predicted = harness.Score(model, "1960,0,0\n2000,5e-7,0\n");
        Assert.Equal(5e6, predicted[0], 2e4);
        Assert.Equal(5e6 + 1.2e6 + 5e5, predicted[1], 2e4);
    }

    [Fact]
    public void AMissingNumberCountsAsTheMeanWhenTrainingNeverMissedOne()
    {
        var random = new Random(5);
        var csv = TrainingHarness.Csv(1000, _ => { var x = random.Next(2000, 2020); return $"{x},{10 * (x - 2010)}"; });
        var harness = new TrainingHarness("year:Numeric price:Numeric", "price", csv);
        var model = harness.Train();
        Assert.Equal(model.Summary.TargetMean, harness.Score(model, ",0\n")[0], 2.0);
    }

    [Fact]
    public void TheSameDataParametersAndShardsGiveTheSameBytes()
    {
        var harness = new TrainingHarness(BinaryColumns, "bought", Purchases(3000, 6).Csv);
        Assert.Equal(TrainingHarness.Bytes(harness.Train(2)), TrainingHarness.Bytes(harness.Train(2)));
        Assert.Equal(TrainingHarness.Bytes(harness.TrainApart(2)), TrainingHarness.Bytes(harness.TrainApart(2)));
    }

    [Fact]
    public void AnotherSeedGivesAnotherModel()
    {
        var csv = Purchases(3000, 6).Csv;
        Assert.NotEqual(
            TrainingHarness.Bytes(new TrainingHarness(BinaryColumns, "bought", csv).Train()),
            TrainingHarness.Bytes(new TrainingHarness(BinaryColumns, "bought", csv, parameters: new() { ["sgd.seed"] = "1" }).Train()));
    }

    [Fact]
    public void WithoutShufflingExamplesKeepTheOrderOfTheFile()
    {
        var harness = new TrainingHarness("x:Numeric y:Numeric", "y", TrainingHarness.Csv(3000, i => $"{i % 7},{i}"),
            parameters: new() { ["sgd.shuffleType"] = "none" });
        using var shard = harness.Encode(1).Parts[0];
        var buffer = new ExampleBlock();
        var labels = shard.Stores.SelectMany(store => store.Blocks(..)).Select(stored => stored.Read(buffer))
            .SelectMany(block => Enumerable.Range(0, block.Rows).Select(block.LabelOf)).ToArray();
        Assert.Equal(3000, labels.Length);
        Assert.Equal(labels.Order(), labels);
    }

    [Fact]
    public void ExamplesInAFileTeachTheSameAsExamplesInMemory()
    {
        var harness = new TrainingHarness(BinaryColumns, "bought", Purchases(3000, 6).Csv,
            parameters: new() { ["sgd.shuffleType"] = "none" });
        var spilled = harness.Train(spill: new ExampleSpill(Path.GetTempPath(), 0));
        Assert.Equal(TrainingHarness.Bytes(harness.Train()), TrainingHarness.Bytes(spilled));
    }

    [Fact]
    public void RowsWithoutAValidTargetAreCountedAndLeftOut()
    {
        var harness = new TrainingHarness("a:Numeric y:Binary", "y",
            TrainingHarness.Csv(100, i => $"{i},{(i < 3 ? "" : i < 5 ? "maybe" : i > 50 ? "1" : "0")}") + "1,2,3\n");
        var summary = harness.Train().Summary;
        Assert.Equal((95, 5, 1), (summary.Examples, summary.InvalidRows, summary.RejectedRows));
        Assert.Equal([46L, 49L], summary.LabelCounts);
        Assert.Equal(49.0 / 95, summary.TargetMean, 12);
    }

    [Fact]
    public void ATargetWithOneClassIsAnErrorThatSaysSo()
    {
        var harness = new TrainingHarness("a:Numeric y:Binary", "y", TrainingHarness.Csv(50, i => $"{i},1"));
        var error = Assert.Throws<InvalidInputException>(() => harness.Train());
        Assert.Contains("All rows have the same value of the target \"y\"", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void NoUsableRowIsAnErrorThatCountsWhy()
    {
        var harness = new TrainingHarness("a:Numeric y:Numeric", "y", "1,x\n2,\n3,4,5\n");
        var error = Assert.Throws<InvalidInputException>(() => harness.Train());
        Assert.Contains("2 have no valid value of the target \"y\", 1 could not be read", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheValueOneOfANumberIsANumberLikeTheOthers()
    {
        var harness = new TrainingHarness("x:Numeric y:Numeric", "y", TrainingHarness.Csv(2000, i => $"{i % 4},{5 * (i % 4) + 2}"));
        var model = harness.Train(2);
        Assert.Equal([2.0, 7, 12, 17], harness.Score(model, "0,0\n1,0\n2,0\n3,0\n"), (expected, actual) => Math.Abs(expected - actual) < 0.05);
        Assert.Equal(1.5, model.Weights()[0].Center, 6);
    }

    [Fact]
    public void ARareClassIsPredictedAsRarelyAsItComes()
    {
        var random = new Random(13);
        var harness = new TrainingHarness("a:Numeric b:Categorical y:Binary", "y",
            TrainingHarness.Csv(8000, i => $"{random.NextDouble():F3},b{random.Next(5)},{(i % 1000 == 7 ? 1 : 0)}"));
        var model = harness.Train();
        var scores = harness.Score(model, TrainingHarness.Csv(1000, _ => $"{random.NextDouble():F3},b{random.Next(5)},0"));
        Assert.InRange(scores.Average(), 0.0003, 0.003);
    }

    [Fact]
    public void ANumberThatIsAlwaysTheSameGetsNoWeight()
    {
        var random = new Random(14);
        var harness = new TrainingHarness("same:Numeric x:Numeric y:Numeric", "y",
            TrainingHarness.Csv(500, _ => { var x = random.Next(100); return $"1e9,{x},{x}"; }));
        Assert.Equal(["x"], harness.Train().Weights().Select(weight => weight.Name));
    }

    [Fact]
    public void AConstantNumericTargetIsPredicted()
    {
        var harness = new TrainingHarness("a:Numeric y:Numeric", "y", TrainingHarness.Csv(50, i => $"{i},7.5"));
        Assert.Equal(7.5, harness.Score(harness.Train(), "3,0\n")[0], 6);
    }

    [Fact]
    public void AFewRowsAreEnoughToTrain()
    {
        var harness = new TrainingHarness("a:Categorical y:Binary", "y", "x,1\nz,0\n");
        Assert.Equal(2, harness.Train().Summary.Examples);
        Assert.Equal(2, harness.TrainApart(2).Summary.Examples);
    }

    [Fact]
    public void TheModelNeverExceedsItsSizeAndKeepsTheMostFrequentFeatures()
    {
        var random = new Random(8);
        // A common word decides; some 20,000 words that come once or twice fill the vocabulary.
        var csv = TrainingHarness.Csv(4000, i => $"{(i % 2 == 0 ? "good" : "bad")} {string.Join(' ', Enumerable.Range(0, 6).Select(_ =>
            $"rare-word-{random.Next(20_000)}"))},{(i % 2 == 0 ? 1 : 0)}");
        var harness = new TrainingHarness("text:Text y:Binary", "y", csv,
            parameters: new() { ["sgd.maxMLModelSizeInBytes"] = "150000" });
        var model = harness.Train();
        Assert.InRange(model.SizeInBytes, 75_000, 150_000);
        Assert.Equal(model.SizeInBytes, TrainingHarness.Bytes(model).Length);
        Assert.True(model.Summary.FeaturesPruned > 5000);
        Assert.Equal(["text=bad", "text=good"], model.Weights(limit: 2).Select(weight => weight.Name).Order());
    }

    [Fact]
    public void L1MakesASmallerModelWithRealZeros()
    {
        var csv = Purchases(3000, 9).Csv;
        const string Recipe = """{"outputs": ["ALL_CATEGORICAL", "quantile_bin(size, 100)", "ALL_TEXT"]}""";
        var dense = new TrainingHarness(BinaryColumns, "bought", csv, Recipe).Train();
        var sparse = new TrainingHarness(BinaryColumns, "bought", csv, Recipe, new() { ["sgd.l1RegularizationAmount"] = "2e-3" }).Train();
        Assert.True(sparse.Vocabulary.Count < 0.7 * dense.Vocabulary.Count, $"{sparse.Vocabulary.Count} of {dense.Vocabulary.Count}");
        Assert.True(sparse.SizeInBytes < dense.SizeInBytes);
    }

    [Fact]
    public void TheLogShowsTheRaceAndTheWinner()
    {
        var model = new TrainingHarness(BinaryColumns, "bought", Purchases(2000, 10).Csv).Train();
        Assert.Equal(5, model.Log.Entries.Where(entry => entry.HeldOutLoss is not null).Select(entry => entry.LearningRate).Distinct().Count());
        var best = model.Log.Entries.Where(entry => entry.HeldOutLoss is not null).MinBy(entry => entry.HeldOutLoss)!;
        Assert.Equal((best.LearningRate, best.Pass), (model.Summary.LearningRate, model.Summary.Passes));
        Assert.All(model.Log.Entries, entry => Assert.True(entry.ModelBytes >= model.SizeInBytes));
        Assert.All(model.Log.ToLines(), line => Assert.StartsWith("pass ", line, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(400, true)]
    [InlineData(2, false)]
    public void LargerDataIsCrossValidatedWhereOneRowInHundredsIsOfAnotherClass(int everySoMany, bool isCrossValidated)
    {
        // Four features and an intercept for each of twelve classes in each of 20,000 rows are more than small data has.
        var harness = new TrainingHarness("a:Categorical b:Categorical c:Categorical d:Categorical kind:Categorical", "kind",
            TrainingHarness.Csv(20_000, i => $"a{i % 3},b{i % 5},c{i % 7},d{i % 11},k{(i % everySoMany == 0 ? 1 + i / everySoMany % 11 : 0)}"),
            parameters: new() { ["sgd.maxPasses"] = "2", ["sgd.learningRate"] = "0.1" });
        Assert.Equal(isCrossValidated, harness.Train().Log.Entries.Any(entry => entry.Note == "cross-validated"));
    }

    [Fact]
    public void ALearningRateThatIsGivenIsUsedWithoutARace()
    {
        var model = new TrainingHarness(BinaryColumns, "bought", Purchases(2000, 10).Csv,
            parameters: new() { ["sgd.learningRate"] = "0.07", ["sgd.maxPasses"] = "1" }).Train();
        Assert.Equal((0.07, 1), (model.Summary.LearningRate, model.Summary.Passes));
        Assert.Single(model.Log.Entries);
    }

    [Fact]
    public void PassesNeverExceedTheLimit()
    {
        var model = new TrainingHarness(BinaryColumns, "bought", Purchases(2000, 10).Csv, parameters: new() { ["sgd.maxPasses"] = "2" }).Train();
        Assert.InRange(model.Log.Entries.Max(entry => entry.Pass), 1, 2);
    }

    [Fact]
    public void ProgressNamesPhasesInTheirOrder()
    {
        var phases = new List<TrainingPhase>();
        new TrainingHarness(BinaryColumns, "bought", Purchases(500, 11).Csv).Train(value =>
        {
            lock (phases)
                if (phases.Count == 0 || phases[^1] != value.Phase)
                    phases.Add(value.Phase);
        }, TestContext.Current.CancellationToken);
        Assert.Equal([TrainingPhase.Encoding, TrainingPhase.Merging, TrainingPhase.Learning, TrainingPhase.Finishing], phases);
    }

    [Theory]
    [InlineData(TrainingPhase.Encoding, 9000)]
    [InlineData(TrainingPhase.Learning, 500)]
    public void CancellationStopsItInAnyPhase(TrainingPhase phase, int rows)
    {
        using var source = new CancellationTokenSource();
        var harness = new TrainingHarness(BinaryColumns, "bought", Purchases(rows, 12).Csv);
        Assert.ThrowsAny<OperationCanceledException>(() => harness.Train(value =>
        {
            if (value.Phase == phase)
                source.Cancel();
        }, source.Token));
    }

    private static double Auc(double[] scores, bool[] labels)
    {
        var metrics = new BinaryMetrics();
        for (var i = 0; i < scores.Length; i++)
            metrics.Add((float)scores[i], labels[i]);
        return metrics.ToReport().Auc!.Value;
    }
}
