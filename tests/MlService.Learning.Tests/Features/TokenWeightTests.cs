using System.Globalization;
using MlService.Learning.Features;
using MlService.Learning.Models;
using MlService.Learning.Recipes;
using MlService.Learning.Tests.Training;
using MlService.Learning.Training;

namespace MlService.Learning.Tests.Features;

/// <summary>tfidf against its formula on strings.</summary>
public class TokenWeightTests
{
    private const string Recipe = """{"outputs": ["n", "tfidf(t)", "tfidf(lowercase(s))"]}""";
    private static readonly string[] Vocabulary = ["sun", "rain", "Wind", "fog", "ice", "hail", "dew"];

    [Theory]
    [InlineData("0")]
    [InlineData("0.1")]     // tokens without a weight lengthen a row as they did while learning
    public void AScorerWeighsTokensByTheirRarityAndTheRowsLength(string l1)
    {
        var (harness, rows) = Harness("Binary", new() { ["sgd.l1RegularizationAmount"] = l1 });
        var model = harness.Train();
        foreach (var row in rows.Append("1,sun sun fog unheard,Wind,1").Append("2,,ICE dew,0"))
        {
            var explanation = harness.Explain(model, row + "\n");
            var values = explanation.Contributions.ToDictionary(part => part.Name, part => part.Value);
            var fields = row.Split(',');
            foreach (var (name, column, text) in ((string, int, string)[])[("t~tfidf", 1, fields[1]), ("s~lowercase~tfidf", 2, fields[2].ToLowerInvariant())])
            {
                var known = text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Distinct().Where(word => Count(word, column) > 0).ToArray();
                var rarities = known.Select(word => Math.Log((1.0 + rows.Length) / (1 + Count(word, column))) + 1).ToArray();
                var length = Math.Sqrt(rarities.Sum(value => value * value));
                for (var i = 0; i < known.Length; i++)
                    Assert.Equal(rarities[i] / length, values[$"{name}={known[i]}"], 1e-5);
                Assert.Equal(known.Length, values.Keys.Count(key => key.StartsWith(name + "=", StringComparison.Ordinal)));
            }
        }

        int Count(string word, int column) => rows.Count(row =>
            (column == 1 ? row.Split(',')[1] : row.Split(',')[2].ToLowerInvariant()).Split(' ').Contains(word));
    }

    [Theory]
    [InlineData("Binary")]
    [InlineData("Numeric")]
    [InlineData("Categorical")]
    public void WhatIsLearnedFromIsWhatAScorerSees(string target)
    {
        var (harness, rows) = Harness(target);
        var (trainer, parts) = harness.Encode(1);
        var stores = parts[0].Stores;
        var weights = trainer.Numbering.TokenWeights;
        var blocks = stores.SelectMany(store => store.Blocks(..).Select(block => block.Read(new ExampleBlock())));
        var learned = blocks.SelectMany(block => Enumerable.Range(0, block.Rows).Select(row =>
            Math.Round(block.Numbers(row).ToArray().Zip(block.Values(row).ToArray(), (id, value) =>
                weights.Has(id) ? (double)value / weights.ScaleOf(id) : 0).Sum(), 4))).Order();
        var encoder = harness.Setup.Plan.CreateEncoder(harness.Schema, FeatureIndex.Of(trainer.Numbering.Vocabulary, rows.Length));
        var scored = new List<double>();
        using var reader = harness.Readers(1)[0]();
        var features = new FeatureVector();
        while (reader.Read())
        {
            encoder.Encode(reader.Record, features);
            scored.Add(Math.Round(features.InOrder(trainer.Numbering.Vocabulary.Slot)
                .Where(feature => trainer.Numbering.Vocabulary.Slot(feature.Id) > 0).Sum(feature => (double)feature.Value), 4));
        }
        Assert.Equal(learned, scored.Order());
        foreach (var part in parts)
            part.Dispose();
    }

    [Fact]
    public void ShardsInOtherProcessesWeighAlike()
    {
        var (harness, _) = Harness("Binary");
        var (trainer, parts) = harness.Encode(2);
        using var stream = new MemoryStream();
        trainer.Numbering.Write(stream, 1);
        stream.Position = 0;
        var read = FeatureNumbering.Read(stream).TokenWeights;
        var ids = Enumerable.Range(0, trainer.Numbering.Vocabulary.Count).ToArray();
        var (here, there) = (ids.Select(_ => 1f).ToArray(), ids.Select(_ => 1f).ToArray());
        trainer.Numbering.TokenWeights.Apply(ids, here, new float[2]);
        read.Apply(ids, there, new float[2]);
        Assert.Equal(here, there);
        Assert.NotEqual(here[0], here[^1]);
        foreach (var part in parts)
            part.Dispose();
    }

    [Theory]
    [InlineData("lowercase(tfidf(t))")]
    [InlineData("cartesian(tfidf(t), s)")]
    [InlineData("is_missing(tfidf(t))")]
    public void NothingIsMadeOfWeights(string output)
    {
        var error = Assert.Throws<InvalidInputException>(() => new TrainingHarness(
            "t:Text s:Text y:Binary", "y", "a,b,1\nb,c,0\n", $$"""{"outputs": ["{{output}}"]}"""));
        Assert.Contains("put it outermost", error.Message, StringComparison.Ordinal);
    }

    private static (TrainingHarness Harness, string[] Rows) Harness(string target, Dictionary<string, string>? parameters = null)
    {
        var random = new Random(5);
        string[] rows = [.. Enumerable.Range(0, 60).Select(i => string.Create(CultureInfo.InvariantCulture,
            $"{random.Next(9)},{Text()},{Text()},{(target == "Categorical" ? "abc"[i % 3] : (char)('0' + i % 2))}"))];
        var harness = new TrainingHarness($"n:Numeric t:Text s:Text y:{target}", "y", string.Join('\n', rows) + "\n", Recipe, parameters);
        return (harness, rows);

        // Some words are rare, some texts long.
        string Text() => string.Join(' ', Enumerable.Range(0, random.Next(1, 7)).Select(_ => Vocabulary[(int)(Vocabulary.Length * Math.Pow(random.NextDouble(), 2))]));
    }
}
