using System.Globalization;
using MlService.Learning.Training;

namespace MlService.Learning.Tests.Training;

/// <summary>
/// Rows and classes that count more than others. With one category as the only input, the best model is known: in each group the
/// weighted share of the class, or the weighted mean (P. McCullagh, J. Nelder, "Generalized Linear Models", 1989).
/// </summary>
public class WeightsTests
{
    private const int Rows = 3000;

    private static readonly Dictionary<string, string> Long = new() { ["sgd.maxPasses"] = "60", ["sgd.l2RegularizationAmount"] = "0" };

    [Fact]
    public void AProbabilityIsTheShareByWeight()
    {
        var rows = Sample(row => row.Random.NextDouble() < 0.5 ? 1 : 0);
        var scores = Scores("group:Categorical weight:Numeric y:Binary", rows, "weight");
        foreach (var (group, score) in scores)
            Assert.Equal(WeightedMean(rows, group), score, 0.03);
        // Without the weights the shares are others.
        Assert.Contains(scores, pair => Math.Abs(pair.Value - rows.Where(row => row.Group == pair.Key).Average(row => row.Y)) > 0.1);
    }

    [Fact]
    public void APredictedNumberIsTheMeanByWeight()
    {
        var rows = Sample(row => row.Random.NextDouble() < 0.5 ? 100 : 200);
        foreach (var (group, score) in Scores("group:Categorical weight:Numeric y:Numeric", rows, "weight"))
            Assert.Equal(WeightedMean(rows, group), score, 3.0);
    }

    [Fact]
    public void AClassOfTenfoldWeightHasTenfoldOdds()
    {
        var rows = Sample(row => row.Random.NextDouble() < 0.1 + 0.2 * row.Group ? 1 : 0);
        var scores = Scores("group:Categorical weight:Numeric y:Binary", rows, null, """{"1": 10}""", recipe: """{"outputs": ["group"]}""");
        foreach (var (group, score) in scores)
        {
            var odds = 10 * Odds(rows.Where(row => row.Group == group));
            Assert.Equal(odds / (1 + odds), score, 0.03);
        }
    }

    [Fact]
    public void BalancedClassesCountAlikeHoweverRareOneIs()
    {
        var rows = Sample(row => row.Random.NextDouble() < 0.05 + 0.05 * row.Group ? 1 : 0);
        var ratio = 1 / Odds(rows);
        var scores = Scores("group:Categorical weight:Numeric y:Binary", rows, null, "balanced", recipe: """{"outputs": ["group"]}""");
        foreach (var (group, score) in scores)
        {
            var odds = ratio * Odds(rows.Where(row => row.Group == group));
            Assert.Equal(odds / (1 + odds), score, 0.04);
        }
    }

    [Fact]
    public void ClassesOfACategoricalTargetAreWeighedByName()
    {
        var rows = Sample(row => row.Random.Next(3));
        foreach (var (group, score) in Scores("group:Categorical weight:Numeric y:Categorical", rows, null, """{"2": 50}""", """{"outputs": ["group"]}"""))
        {
            var (of, others) = (rows.Count(row => row.Group == group && row.Y == 2), rows.Count(row => row.Group == group && row.Y != 2));
            Assert.Equal(50.0 * of / (50.0 * of + others), score, 0.02);
        }
    }

    [Fact]
    public void OnlyTheRatiosOfWeightsMatter()
    {
        var rows = Sample(row => row.Random.Next(2));
        var once = Scores("group:Categorical weight:Numeric y:Binary", rows, "weight");
        var eightfold = Scores("group:Categorical weight:Numeric y:Binary", [.. rows.Select(row => row with { Weight = 8 * row.Weight })], "weight");
        Assert.Equal(once, eightfold);
        var ones = Scores("group:Categorical weight:Numeric y:Binary", [.. rows.Select(row => row with { Weight = 1 })], "weight");
        Assert.Equal(Scores("group:Categorical weight:Numeric y:Binary", rows, null, recipe: """{"outputs": ["group"]}"""), ones);
    }

    [Fact]
    public void ARowWithoutAValidWeightIsLeftOutAndCounted()
    {
        var csv = "0,1,1\n1,2,0\n0,-1,1\n1,,0\n0,x,1\n1,0,0\n0,1,0\n1,1,1\n";
        var model = new TrainingHarness("group:Categorical weight:Numeric y:Binary", "y", csv, rowWeight: "weight").Train();
        Assert.Equal((5, 3), (model.Summary.Examples, model.Summary.InvalidRows));
    }

    [Theory]
    [InlineData("Binary", """{"2": 3}""", "no class \"2\". Its classes are 0, 1.")]
    [InlineData("Numeric", "balanced", "it has no classes")]
    public void WeightsOfClassesThatTheTargetDoesNotHaveAreRefused(string target, string weights, string message)
    {
        var harness = Harness($"group:Categorical weight:Numeric y:{target}", Sample(row => row.Random.Next(2)), null, weights);
        Assert.Contains(message, Assert.Throws<InvalidInputException>(() => harness.Train()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WeightsThatAreAllZeroAreRefused()
    {
        var rows = Sample(row => row.Random.Next(2)).Select(row => row with { Weight = 0 }).ToArray();
        var harness = Harness("group:Categorical weight:Numeric y:Binary", rows, "weight");
        Assert.Contains("rowWeight", Assert.Throws<InvalidInputException>(() => harness.Train()).Message, StringComparison.Ordinal);
    }

    private static double Odds(IEnumerable<Row> rows) => rows.Count(row => row.Y == 1) / (double)rows.Count(row => row.Y == 0);

    private static double WeightedMean(IEnumerable<Row> rows, int group) =>
        rows.Where(row => row.Group == group).Sum(row => row.Weight * row.Y) / rows.Where(row => row.Group == group).Sum(row => row.Weight);

    private static Row[] Sample(Func<(Random Random, int Group), double> target)
    {
        var random = new Random(11);
        return [.. Enumerable.Range(0, Rows).Select(_ =>
        {
            var group = random.Next(3);
            var y = target((random, group));
            // What is rare in a group weighs most.
            return new Row(group, group == 0 ? 1 : y > 0 ? 1 + 3 * group : 1, y);
        })];
    }

    private static Dictionary<int, double> Scores(
        string columns, Row[] rows, string? rowWeight, string? classWeights = null, string recipe = TrainingHarness.Everything)
    {
        var harness = Harness(columns, rows, rowWeight, classWeights, recipe);
        var scores = harness.Score(harness.Train(), "0,1,0\n1,1,0\n2,1,0\n");
        return Enumerable.Range(0, 3).ToDictionary(group => group, group => scores[group]);
    }

    private static TrainingHarness Harness(
        string columns, Row[] rows, string? rowWeight, string? classWeights = null, string recipe = TrainingHarness.Everything)
    {
        var parameters = new Dictionary<string, string>(Long);
        if (classWeights is not null)
            parameters["sgd.classWeights"] = classWeights;
        return new TrainingHarness(columns, "y", TrainingHarness.Csv(rows.Length, i =>
            string.Create(CultureInfo.InvariantCulture, $"{rows[i].Group},{rows[i].Weight},{rows[i].Y}")), recipe, parameters, rowWeight);
    }

    private sealed record Row(int Group, double Weight, double Y);
}
