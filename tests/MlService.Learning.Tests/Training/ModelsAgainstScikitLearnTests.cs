using System.Globalization;
using MlService.Learning.Models;

namespace MlService.Learning.Tests.Training;

/// <summary>
/// Trained models against those of scikit-learn 1.2.1 on the same data with the same penalty, whose predictions scikit-learn-models.py beside
/// this file has printed. Ours stop where held-out rows gain no more, theirs at the optimum.
/// </summary>
public class ModelsAgainstScikitLearnTests
{
    private const double Tolerance = 0.03;

    private static readonly double[] Shifts = [-2, -1, 0, 0.5, 1, 1.5, 3];
    private static readonly int[] Rows = [0, 1, 2, 777, 1500, 2999];

    private static readonly Dictionary<string, string> Parameters = new()
    {
        ["sgd.l2RegularizationAmount"] = "1e-3", ["sgd.learningRate"] = "0.1", ["sgd.maxPasses"] = "100", ["sgd.tolerance"] = "0",
    };

    [Fact]
    public void ProbabilitiesAreThoseOfItsLogisticRegression()
    {
        double[] expected = [0.00668, 0.26205, 0.91883, 0.07251, 0.95305, 0.83959];
        var (harness, model) = Train("Binary", (noise, score, _, _) => noise < Sigmoid(score) ? "1" : "0");
        Assert.All(expected.Zip(harness.Score(model, Asked(harness))), pair => Assert.Equal(pair.First, pair.Second, Tolerance));
    }

    [Fact]
    public void ProbabilitiesOfClassesAreThoseOfItsMultinomialLogisticRegression()
    {
        double[][] expected =
        [
            [0.99391, 0.00402, 0.00207], [0.74211, 0.13538, 0.12251], [0.07788, 0.3386, 0.58352], [0.93152, 0.04475, 0.02373],
            [0.04457, 0.34919, 0.60624], [0.15248, 0.19912, 0.6484],
        ];
        var (harness, model) = Train("Categorical", (noise, score, i, a) => noise >= Sigmoid(score) ? "0" : i * 7 % 13 < 4 + a ? "2" : "1");
        var row = 0;
        harness.ScoreRows(model, Asked(harness), (prediction, _) =>
        {
            for (var k = 0; k < 3; k++)
                Assert.Equal(expected[row][k], prediction.Probabilities[model.Classes.ToList().IndexOf($"{k}")], Tolerance);
            row++;
        });
        Assert.Equal(expected.Length, row);
    }

    [Fact]
    public void NumbersAreThoseOfItsRidgeRegression()
    {
        double[] expected = [3.5516, 16.8804, 27.2393, 11.105, 29.0377, 26.0099];
        var (harness, model) = Train("Numeric", (noise, score, _, _) => (score * 3 + (noise - 0.5) * 4 + 20).ToString("R", CultureInfo.InvariantCulture));
        // The target's deviation is 7.
        Assert.All(expected.Zip(harness.Score(model, Asked(harness))), pair => Assert.Equal(pair.First, pair.Second, 7 * Tolerance));
    }

    [Fact]
    public void WeightsOfWordsAreThoseOfItsTfidf()
    {
        string[] texts = ["sun and rain", "rain rain and fog", "sun", "hail and wind and rain", "fog fog sun"];
        string[] expected =
        [
            "and 0.57735, rain 0.57735, sun 0.57735", "and 0.538283, fog 0.648463, rain 0.538283", "sun 1", "and 0.39347, hail 0.587521, rain 0.39347, wind 0.587521",
            "fog 0.769447, sun 0.638711",
        ];
        var harness = new TrainingHarness("t:Text y:Numeric", "y", TrainingHarness.Csv(5, i => $"{texts[i]},{i * 7 % 5}"), """{"outputs": ["tfidf(t)"]}""");
        var model = harness.Train();
        Assert.Equal(expected, texts.Select(text => string.Join(", ", harness.Explain(model, text + ",0\n").Contributions.OrderBy(part => part.Name, StringComparer.Ordinal)
            .Select(part => string.Create(CultureInfo.InvariantCulture, $"{part.Name[(part.Name.IndexOf('=', StringComparison.Ordinal) + 1)..]} {part.Value:0.######}")))));
    }

    private static (TrainingHarness Harness, LinearModel Model) Train(string target, Func<double, double, long, long, string> label)
    {
        var csv = TrainingHarness.Csv(3000, row =>
        {
            long i = row;
            var (n, a, noise) = ((i * 7919 % 101) / 10.0 - 5, i * 104_729 % 7, (i * 31_337 % 1009) / 1009.0);
            return string.Create(CultureInfo.InvariantCulture, $"{n:R},c{a},{label(noise, 0.6 * n + Shifts[a] - 0.5, i, a)}");
        });
        var harness = new TrainingHarness($"n:Numeric a:Categorical y:{target}", "y", csv, """{"outputs": ["normalize(n)", "a"]}""", Parameters);
        return (harness, harness.Train());
    }

    private static string Asked(TrainingHarness harness)
    {
        var lines = harness.Text.Split('\n');
        return string.Concat(Rows.Select(row => lines[row] + "\n"));
    }

    private static double Sigmoid(double score) => 1 / (1 + Math.Exp(-score));
}
