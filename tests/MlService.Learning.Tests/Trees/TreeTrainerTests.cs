using Microsoft.ML;
using Microsoft.ML.Data;
using MlService.Learning.Models;
using MlService.Learning.Records;
using MlService.Learning.Tests.Records;
using MlService.Learning.Tests.Training;
using MlService.Learning.Training;
using MlService.Learning.Trees;

namespace MlService.Learning.Tests.Trees;

public class TreeTrainerTests
{
    private const string Columns = "x:Numeric z:Numeric c:Categorical y:";

    // 1 where exactly one of x > 0.5 and z > 0.5 holds, but for c = odd, where it is the other way round: no linear model can tell.
    private static string Csv(int rows, string target) => TrainingHarness.Csv(rows, i =>
    {
        var (x, z, c) = (i * 7919 % 1009 / 1009.0, i * 104_729 % 997 / 997.0, i % 5 == 0 ? "odd" : i % 2 == 0 ? "even" : "plain");
        var isOne = x > 0.5 != z > 0.5 != (c == "odd");
        var y = target switch { "Binary" => isOne ? "1" : "0", "Numeric" => isOne ? "1007" : "1001", _ => isOne ? c == "odd" ? "red" : "blue" : "green" };
        return FormattableString.Invariant($"{(i % 50 == 0 ? "" : x)},{z},{c},{y}");
    });

    public static TheoryData<string, string> Trainings => new()
    {
        { "fastTree", "Binary" }, { "fastTree", "Numeric" }, { "fastTree", "Categorical" },
        { "lightGbm", "Binary" }, { "lightGbm", "Numeric" }, { "lightGbm", "Categorical" },
    };

    [Theory, MemberData(nameof(Trainings))]
    public void TreesLearnWhatNoLinearModelCan(string algorithm, string target)
    {
        var harness = Harness(algorithm, target);
        var model = Train(harness);
        var scores = harness.Score(model, Csv(2000, target));
        var rows = Csv(2000, target).Split('\n');
        var right = Enumerable.Range(0, 2000).Where(i => i % 50 != 0).Average(i => rows[i].Split(',')[3] switch
        {
            "1" or "0" => scores[i] > 0.5 == rows[i].EndsWith('1') ? 1.0 : 0,
            "1007" => scores[i] > 1004 ? 1 : 0,
            "1001" => scores[i] < 1004 ? 1 : 0,
            _ => scores[i] > 0.5 ? 1 : 0, // of the best class; its name is asserted below
        });
        Assert.True(right > 0.95, $"{right:P1} are right.");
    }

    [Theory, MemberData(nameof(Trainings))]
    public void TheModelScoresAsMicrosoftMlDoes(string algorithm, string target)
    {
        var harness = Harness(algorithm, target);
        var (trainer, parts) = harness.Encode(1);
        using var shard = parts[0];
        var data = new TreeData(trainer, shard);
        var (transformer, ensemble) = Boosting.Fit(data, 0, harness.Setup.Parameters, TestContext.Current.CancellationToken);
        var context = new MLContext(0);
        var scored = transformer.Transform(data.View(context, 0, TestContext.Current.CancellationToken));
        var theirs = scored.GetColumn<float>(data.IsNumber ? "Score" : "Probability").ToList();
        var ours = data.Dense().Select(example => ensemble.Bias + ensemble.Trees.Sum(tree => tree.Leaves[tree.Leaf(example.Values)]))
            .Select(score => data.IsNumber ? score : 1 / (1 + Math.Exp(-score))).ToList();
        Assert.Equal(theirs.Count, ours.Count);
        for (var i = 0; i < ours.Count; i++)
            Assert.Equal(theirs[i], ours[i], 1e-5);
    }

    [Theory, MemberData(nameof(Trainings))]
    public void TheSameTrainingGivesTheSameBytesAndTheFileTheSameModel(string algorithm, string target)
    {
        var (harness, again) = (Harness(algorithm, target), Harness(algorithm, target));
        var file = TrainingHarness.Bytes(Train(harness));
        Assert.Equal(file, TrainingHarness.Bytes(Train(again)));
        var copy = LearnedModel.Load(new MemoryStream(file));
        Assert.Equal(file, TrainingHarness.Bytes(copy));
        var csv = Csv(100, target);
        Assert.Equal(harness.Score(Train(harness), csv), harness.Score(copy, csv));
    }

    [Theory, MemberData(nameof(Trainings))]
    public void ContributionsAddUpToTheScoreAndImportancesToOne(string algorithm, string target)
    {
        var harness = Harness(algorithm, target);
        var model = Train(harness);
        var scorer = model.CreateScorer(harness.Schema);
        var files = new StoredFiles(harness.Schema, Csv(50, target));
        using var reader = new RecordReader(harness.Schema, files.Files, DataSet.Shards(files.Files, DataSplit.All, 1)[0], DataSplit.All, files.Open);
        while (reader.Read())
        {
            var explanation = scorer.Explain(reader.Record);
            var prediction = scorer.Score(reader.Record);
            var expected = explanation.Intercept + explanation.Contributions.Sum(part => part.Contribution);
            Assert.Equal(expected, explanation.Score, 1e-9);
            if (model.Type == ModelType.Regression)
                Assert.Equal(prediction.Value, explanation.Score, 1e-6);
            if (model.Type == ModelType.Binary)
                Assert.Equal(prediction.Value, 1 / (1 + Math.Exp(-explanation.Score)), 1e-6);
        }
        var weights = model.Weights();
        Assert.Equal(1, weights.Sum(weight => weight.Weight), 1e-6);
        Assert.Contains("x", weights.Take(4).Select(weight => weight.Name));
    }

    [Theory, MemberData(nameof(Trainings))]
    public void FoldsJudgeTreesOnRowsThatTheseHaveNotSeen(string algorithm, string target)
    {
        var harness = Harness(algorithm, target, new() { ["sgd.folds"] = "3", ["trees.number"] = "30" });
        var model = Train(harness);
        Assert.Equal(3, model.Summary.Folds.Count);
        Assert.Equal(2000, model.Summary.Folds.Sum(fold => fold.Rows));
        // What the rows say can be learned, but for the one in fifty without x.
        Assert.All(model.Summary.Folds, fold => Assert.InRange(target == "Numeric" ? 1 - fold.Metric!.Value / 6 : fold.Metric!.Value, 0.7, 1));
        Assert.Equal(Train(Harness(algorithm, target, new() { ["trees.number"] = "30" })).Weights(), model.Weights());

        // Nothing tells these rows' target but the row itself.
        var random = new Random(4);
        var noise = new TrainingHarness($"x:Numeric y:{target}", "y", TrainingHarness.Csv(600, i => FormattableString.Invariant($"{random.NextDouble():F6},{random.Next(2)}")),
            parameters: new() { ["algorithm"] = algorithm, ["sgd.folds"] = "4", ["trees.number"] = "30" });
        Assert.InRange(Train(noise).Summary.Folds.Average(fold => fold.Metric!.Value), 0.4, 0.62);
    }

    [Fact]
    public void WeightedWordsCountInAScorerWhatTheyCountedInTraining()
    {
        // Few of the many words tell anything, and trees ask for few; what these count depends on the others of the row.
        var random = new Random(6);
        var csv = TrainingHarness.Csv(1500, i => string.Join(' ', Enumerable.Range(0, 3 + random.Next(12)).Select(_ => $"w{random.Next(120)}").Append(i % 3 == 0 ? "yes yes" : "maybe")) + $",{(i % 3 == 0 ? 1 : 0)}");
        var harness = new TrainingHarness("t:Text y:Binary", "y", csv, """{"outputs": ["tfidf(t)"]}""", new() { ["algorithm"] = "fastTree", ["trees.number"] = "3", ["trees.leaves"] = "3" });
        var (trainer, parts) = harness.Encode(1);
        using var shard = parts[0];
        var data = new TreeData(trainer, shard);
        var (_, ensemble) = Boosting.Fit(data, 0, harness.Setup.Parameters, TestContext.Current.CancellationToken);
        var trained = data.Dense().Select(example => 1 / (1 + Math.Exp(-ensemble.Score(example.Values)))).Order().ToArray();
        var scored = harness.Score(Train(harness), csv).Order().ToArray();
        Assert.Equal(trained.Length, scored.Length);
        Assert.All(trained.Zip(scored), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
    }

    [Fact]
    public void WhatIsTooLargeIsRefused()
    {
        var harness = Harness("fastTree", "Binary", new() { ["sgd.maxMLModelSizeInBytes"] = "100000", ["trees.leaves"] = "1000", ["trees.minExamplesPerLeaf"] = "1", ["trees.number"] = "500" });
        Assert.Contains("trees.number", Assert.Throws<InvalidInputException>(() => Train(harness)).Message, StringComparison.Ordinal);
        var rare = Harness("fastTree", "Binary", new() { ["trees.minExamplesPerLeaf"] = "1000000" }, """{"outputs": ["c"]}""");
        Assert.Contains("trees.minExamplesPerLeaf", Assert.Throws<InvalidInputException>(() => Train(rare)).Message, StringComparison.Ordinal);
    }

    private static TrainingHarness Harness(string algorithm, string target, Dictionary<string, string>? parameters = null, string recipe = TrainingHarness.Everything) =>
        new(Columns + target, "y", Csv(2000, target), recipe, new(parameters ?? []) { ["algorithm"] = algorithm });

    private static TreeModel Train(TrainingHarness harness)
    {
        var (trainer, parts) = harness.Encode(1);
        using var shard = parts[0];
        return TreeTrainer.Train(trainer, shard, TestContext.Current.CancellationToken);
    }
}
