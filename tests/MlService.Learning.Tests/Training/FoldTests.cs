using MlService.Learning.Metrics;
using MlService.Learning.Models;

namespace MlService.Learning.Tests.Training;

public class FoldTests
{
    private static readonly Dictionary<string, string> Five = new() { ["sgd.folds"] = "5" };

    private static TrainingHarness Harness(string target, int rows, Dictionary<string, string> parameters, int seed = 1)
    {
        var random = new Random(seed);
        string[] classes = ["oak", "ash", "elm"];
        var csv = TrainingHarness.Csv(rows, _ =>
        {
            var (a, x) = (random.Next(3), random.NextDouble() * 4);
            var noisy = a + x + 2 * random.NextDouble();
            var y = target switch { "y:Binary" => noisy > 4 ? "1" : "0", "y:Categorical" => classes[(int)Math.Min(noisy / 2.7, 2)], _ => FormattableString.Invariant($"{noisy:F3}") };
            return FormattableString.Invariant($"a{a},{x:F3},{y}");
        });
        return new TrainingHarness($"a:Categorical x:Numeric {target}", "y", csv, parameters: parameters);
    }

    /// <summary>What cross-validation estimates, measured on rows that it never saw.</summary>
    [Theory]
    [InlineData("y:Binary", 1, 0.01)]
    [InlineData("y:Binary", 2, 0.01)]
    [InlineData("y:Categorical", 1, 0.04)]
    [InlineData("y:Numeric", 1, 0.03)]
    public void TheMeanOverTheFoldsIsWhatTheModelReachesOnNewRows(string target, int shards, double tolerance)
    {
        var harness = Harness(target, 3_000, Five);
        var model = shards == 1 ? harness.Train() : harness.TrainApart(shards);
        var folds = model.Summary.Folds;
        Assert.Equal(5, folds.Count);
        Assert.Equal(3_000, folds.Sum(fold => fold.Rows));
        Assert.All(folds, fold => Assert.InRange(fold.Rows, 500, 700));
        Assert.Equal(OnNewRows(harness, model, target), folds.Average(fold => fold.Metric!.Value), tolerance);
        Assert.True(folds.Select(fold => fold.Metric).Distinct().Count() > 1);
    }

    [Fact]
    public void ModelsOfFoldsHaveNotSeenTheirFold()
    {
        // Every row has a word of its own that decides it: seen rows are known by heart, others are guessed.
        var random = new Random(2);
        var csv = TrainingHarness.Csv(600, i => $"word{i},{random.Next(2)}");
        var folds = new TrainingHarness("a:Categorical y:Binary", "y", csv, parameters: Five).Train().Summary.Folds;
        Assert.All(folds, fold => Assert.Equal(0.5, fold.Metric!.Value, 1e-9));
    }

    [Fact]
    public void FoldsDoNotChangeTheModel()
    {
        var (with, without) = (Harness("y:Binary", 800, Five).Train(), Harness("y:Binary", 800, []).Train());
        Assert.Equal(without.Weights(), with.Weights());
        Assert.Empty(without.Summary.Folds);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void ACrossValidationThatDiesAfterEveryPassEndsTheSame(int shards)
    {
        var harness = Harness("y:Categorical", 600, new(Five) { ["sgd.maxPasses"] = "3" });
        Assert.Equal(TrainingHarness.Bytes(harness.TrainApart(shards)), TrainingHarness.Bytes(harness.TrainWithRestarts(shards).Model));
    }

    [Fact]
    public void TheOutcomeIsKeptInTheModelsFile()
    {
        var model = Harness("y:Binary", 300, Five).Train();
        var copy = LinearModel.Load(new MemoryStream(TrainingHarness.Bytes(model)));
        Assert.Equal(model.Summary.Folds, copy.Summary.Folds);
    }

    private static double OnNewRows(TrainingHarness harness, LinearModel model, string target)
    {
        var (binary, multiclass, regression) = (new BinaryMetrics(), new MulticlassMetrics(model.Classes), new RegressionMetrics());
        harness.ScoreRows(model, Harness(target, 20_000, [], seed: 9).Text, (prediction, label) =>
        {
            if (model.Type == ModelType.Binary)
                binary.Add((float)prediction.Value, label[0] == '1');
            else if (model.Type == ModelType.Multiclass)
                multiclass.Add(prediction.Probabilities, label);
            else
                regression.Add(prediction.Value, double.Parse(label, System.Globalization.CultureInfo.InvariantCulture));
        });
        return model.Type switch
        {
            ModelType.Binary => binary.ToReport().Auc!.Value,
            ModelType.Multiclass => multiclass.ToReport().MacroF1!.Value,
            _ => regression.ToReport().Rmse!.Value,
        };
    }
}
