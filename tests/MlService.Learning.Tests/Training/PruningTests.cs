using MlService.Learning.Metrics;
using MlService.Learning.Models;

namespace MlService.Learning.Tests.Training;

public class PruningTests
{
    private const int Limit = 100_000;

    private static readonly Dictionary<string, string> Limited = new() { ["sgd.maxMLModelSizeInBytes"] = $"{Limit}" };

    // 6,000 words that say nothing are more frequent than 1,000 that decide; only some 5,000 fit in the model.
    private static (string[] Texts, bool[] Labels) Messages(int rows, int seed)
    {
        var random = new Random(seed);
        var labels = new bool[rows];
        var texts = new string[rows];
        for (var i = 0; i < rows; i++)
        {
            var words = Enumerable.Range(0, 36).Select(_ => $"noise{random.Next(6_000)}").ToList();
            var odds = 0.0;
            for (var word = 0; word < 4; word++)
            {
                var telling = random.Next(1_000);
                odds += telling % 2 == 0 ? 1.5 : -1.5;
                words.Add($"tells{telling}");
            }
            labels[i] = random.NextDouble() < 1 / (1 + Math.Exp(-odds));
            texts[i] = string.Join(' ', words);
        }
        return (texts, labels);
    }

    [Fact]
    public void PruningByLossLosesLittleAndLessThanPruningByFrequency()
    {
        var (texts, labels) = Messages(8_000, 1);
        var whole = Harness(texts, labels, []);
        var limited = Harness(texts, labels, Limited);
        var pruned = limited.Train();
        // Pruned by frequency: the same training, on texts without the rarer words.
        var frequent = texts.SelectMany(text => text.Split(' ')).CountBy(word => word)
            .OrderByDescending(pair => pair.Value).Take(pruned.Vocabulary.Count).Select(pair => pair.Key).ToHashSet();
        var cut = Harness([.. texts.Select(text => string.Join(' ', text.Split(' ').Where(frequent.Contains)))], labels, []);

        var (all, byLoss, byFrequency) = (Auc(whole, whole.Train()), Auc(limited, pruned), Auc(cut, cut.Train()));

        Assert.InRange(pruned.Vocabulary.Count, 3_000, 6_000);
        Assert.Equal(7_000 - pruned.Vocabulary.Count, pruned.Summary.FeaturesPruned);
        Assert.True(byLoss > byFrequency + 0.2, $"{byLoss} by loss, {byFrequency} by frequency");
        Assert.InRange(byLoss, all - 0.003, 1);
    }

    [Theory]
    [InlineData("y:Binary", 1)]
    [InlineData("y:Binary", 2)]
    [InlineData("y:Categorical", 1)]
    [InlineData("y:Numeric", 1)]
    public void AModelOfAnyTypeKeepsToItsSizeAndUsesMostOfIt(string target, int shards)
    {
        var random = new Random(2);
        string[] classes = ["oak", "ash", "elm", "fir"];
        // Short and long names, text and numbers; more features than fit, of whatever they say.
        var csv = TrainingHarness.Csv(6_000, i =>
        {
            var y = random.Next(4);
            var label = target switch { "y:Binary" => $"{y / 2}", "y:Categorical" => classes[y], _ => $"{y * 10}" };
            var city = $"{random.Next(3_000)}-{new string('x', random.Next(300))}";
            return $"{city},{random.NextDouble():F3},w{random.Next(4_000)} v{y}{random.Next(900)},{label}";
        });
        var harness = new TrainingHarness($"city:Categorical size:Numeric words:Text {target}", "y", csv, parameters: Limited);
        var model = shards == 1 ? harness.Train() : harness.TrainApart(shards);
        Assert.InRange(model.SizeInBytes, 60_000, Limit);
        Assert.Equal(model.SizeInBytes, TrainingHarness.Bytes(model).Length);
        Assert.Equal(model.Summary.FeaturesSeen, model.Summary.FeaturesPruned + model.Vocabulary.Count);
        Assert.All(model.Log.Entries, entry => Assert.InRange(entry.ModelBytes, model.SizeInBytes, Limit));
    }

    [Fact]
    public void ALimitBelowSchemaAndRecipeIsAnErrorThatNamesIt()
    {
        var name = new string('a', 99_000);
        var harness = new TrainingHarness($"{name}:Numeric y:Binary", "y", "1,0\n2,1\n", parameters: Limited);
        var error = Assert.Throws<InvalidInputException>(() => harness.Train());
        Assert.StartsWith("sgd.maxMLModelSizeInBytes is 100000, but the model needs", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void ATrainingThatDiesWhilePrunedEndsWithTheSameModel(int shards)
    {
        var (texts, labels) = Messages(1_500, 3);
        var harness = Harness(texts, labels, new(Limited) { ["sgd.maxPasses"] = "3" });
        var expected = harness.TrainApart(shards);
        Assert.True(expected.Summary.FeaturesPruned > 0);
        Assert.Equal(TrainingHarness.Bytes(expected), TrainingHarness.Bytes(harness.TrainWithRestarts(shards).Model));
    }

    private static TrainingHarness Harness(string[] texts, bool[] labels, Dictionary<string, string> parameters) =>
        new("text:Text y:Binary", "y", Csv(texts, labels), parameters: parameters);

    private static string Csv(string[] texts, bool[] labels) => TrainingHarness.Csv(texts.Length, i => $"{texts[i]},{(labels[i] ? 1 : 0)}");

    private static double Auc(TrainingHarness harness, LinearModel model)
    {
        var (texts, labels) = Messages(6_000, 9);
        var metrics = new BinaryMetrics();
        var scores = harness.Score(model, Csv(texts, labels));
        for (var i = 0; i < scores.Length; i++)
            metrics.Add((float)scores[i], labels[i]);
        return metrics.Rank().Auc!.Value;
    }
}
