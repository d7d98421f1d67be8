using System.Globalization;
using CsCheck;
using MlService.Learning.Models;
using MlService.Learning.Trees;
using MlService.Learning.Training;

namespace MlService.Learning.Tests.Training;

/// <summary>Laws that hold for any data, recipe and parameters, which are generated.</summary>
public class DeterminismTests
{
    private const string Columns = "n:Numeric m:Numeric c:Categorical b:Binary t:Text";

    private static readonly string[] Outputs =
    [
        "n", "m", "c", "b", "t", "normalize(n)", "quantile_bin(m, 5)", "quantile_bin(n, 20)", "tfidf(t)", "ngram(lowercase(t), 2)", "osb(t, 3)",
        "cartesian(b, c)", "cartesian(quantile_bin(n, 5), t)", "hash(t, 4)", "is_missing(n)", "log(m)", "fill(n, median)", "divide(n, m)",
    ];

    private static readonly string[] Words = ["one", "Two", "three,", "four", "", "six", "seven!"];
    private static readonly string[] Rates = ["auto", "0.1", "2"];

    private sealed record Setting(int Seed, int Rows, string Target, string[] Recipe, Dictionary<string, string> Parameters, int Shards);

    private static Gen<string> OneOf(params string[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static Gen<Setting> Settings(bool isTree) =>
        from seed in Gen.Int[0, 1_000_000]
        from rows in Gen.Int[20, 400]
        from target in OneOf("Binary", "Categorical", "Numeric")
        from recipe in OneOf(Outputs).Array[1, 5]
        from shards in Gen.Int[1, 3]
        from passes in Gen.Int[1, 4]
        from rate in OneOf(Rates)
        from shuffle in OneOf("auto", "none")
        from penalty in OneOf("sgd.l1RegularizationAmount", "sgd.l2RegularizationAmount")
        from folds in OneOf("0", "0", "3")
        from algorithm in OneOf("fastTree", "lightGbm")
        // Trees refuse data of which no feature is in some examples and not in others; the number is.
        select new Setting(seed, rows, target, [.. recipe.Concat(isTree ? ["n"] : []).Distinct()],
            isTree
                ? new() { ["algorithm"] = algorithm, ["trees.number"] = "5", ["trees.minExamplesPerLeaf"] = "2", ["sgd.seed"] = $"{seed % 5}" }
                : new()
                {
                    ["sgd.maxPasses"] = $"{passes}", ["sgd.learningRate"] = rate, ["sgd.shuffleType"] = shuffle, [penalty] = "1e-4", ["sgd.folds"] = folds,
                    ["sgd.seed"] = $"{seed % 5}",
                },
            shards);

    [Fact]
    public void TheSameDataParametersSeedAndShardsGiveTheSameBytes() =>
        Settings(isTree: false).Sample(setting =>
        {
            var (one, other) = (Harness(setting), Harness(setting));
            Assert.Equal(TrainingHarness.Bytes(one.Train(setting.Shards)), TrainingHarness.Bytes(other.Train(setting.Shards)));
            Assert.Equal(TrainingHarness.Bytes(one.TrainApart(setting.Shards)), TrainingHarness.Bytes(other.TrainApart(setting.Shards)));
        }, iter: 40, print: Print);

    [Fact]
    public void TheSameDataParametersAndSeedGiveTheSameTrees() =>
        Settings(isTree: true).Sample(setting => Assert.Equal(TrainingHarness.Bytes(Grow(setting)), TrainingHarness.Bytes(Grow(setting))), iter: 8, print: Print);

    [Fact]
    public void ContributionsAddUpToTheScoreOfEveryKindOfModel() =>
        (from isTree in Gen.Bool from setting in Settings(isTree) select (isTree, setting)).Sample(pair =>
        {
            var (isTree, setting) = pair;
            var harness = Harness(setting);
            LearnedModel model = isTree ? Grow(setting) : harness.Train();
            foreach (var row in Rows(setting with { Seed = setting.Seed + 1 }).Take(5))
                for (var output = 0; output < model.Outputs; output++)
                {
                    var explanation = harness.Explain(model, row + "\n", output);
                    var sum = explanation.Intercept + explanation.Contributions.Sum(part => part.Contribution);
                    Assert.Equal(explanation.Score, sum, 1e-6 * Math.Max(1, explanation.Contributions.Sum(part => Math.Abs(part.Contribution))));
                    if (setting.Target == "Categorical")
                        continue;
                    var predicted = harness.Score(model, row + "\n")[0];
                    var said = setting.Target == "Binary" ? 1 / (1 + Math.Exp(-explanation.Score)) : explanation.Score;
                    Assert.Equal(predicted, said, 1e-5 * Math.Max(1, Math.Abs(predicted)));
                }
        }, iter: 30, print: pair => Print(pair.setting));

    private static string Print(Setting setting) => $"seed {setting.Seed}, {setting.Rows} rows, {setting.Target}, {setting.Shards} shards, "
        + $"[{string.Join("; ", setting.Recipe)}], {string.Join(", ", setting.Parameters.Select(pair => $"{pair.Key}={pair.Value}"))}";

    private static TrainingHarness Harness(Setting setting) => new(
        $"{Columns} y:{setting.Target}", "y", string.Concat(Rows(setting).Select(row => row + "\n")),
        $$"""{"outputs": [{{string.Join(", ", setting.Recipe.Select(output => $"\"{output}\""))}}]}""", setting.Parameters);

    private static TreeModel Grow(Setting setting)
    {
        var (trainer, parts) = Harness(setting).Encode(1);
        using var shard = parts[0];
        return TreeTrainer.Train(trainer, shard, TestContext.Current.CancellationToken);
    }

    private static string[] Rows(Setting setting)
    {
        var random = new Random(setting.Seed);
        return [.. Enumerable.Range(0, setting.Rows).Select(i =>
        {
            var n = random.NextDouble();
            var text = string.Join(' ', Enumerable.Range(0, random.Next(6)).Select(_ => Words[random.Next(Words.Length)]));
            var label = setting.Target switch
            {
                "Binary" => i < 2 ? $"{i}" : n + random.NextDouble() > 1 ? "1" : "0",
                "Categorical" => i < 3 ? $"k{i}" : $"k{(int)(n * 2 + random.NextDouble())}",
                _ => (n * 100 + random.NextDouble()).ToString("R", CultureInfo.InvariantCulture),
            };
            var m = random.Next(8) == 0 ? "" : random.Next(-3, 9).ToString(CultureInfo.InvariantCulture);
            return $"{n.ToString("R", CultureInfo.InvariantCulture)},{m},c{random.Next(5)},{random.Next(2)},\"{text}\",{label}";
        })];
    }
}
