using System.Globalization;
using MlService.Learning.Recipes;
using MlService.Learning.Schemas;
using MlService.Learning.Statistics;
using MlService.Learning.Tests.Statistics;

namespace MlService.Learning.Tests.Recipes;

public class SuggestedRecipeTests
{
    [Fact]
    public void ItHasTheFormOfAmazonsOwn()
    {
        var schema = Rows.Schema("id:C age:N note:T hours-per-week:N job:C y:B", target: "y", rowId: "id");
        var recipe = Suggest(schema, Enumerable.Range(0, 40).Select(i => new[] { $"{i}", $"{i}", "a b", $"{i % 3}", "x", $"{i % 2}" }));
        Assert.Equal("""
            {
              "groups" : {
                "NUMERIC_VARS_QB_10" : "group('age','hours-per-week')"
              },
              "assignments" : { },
              "outputs" : [ "ALL_BINARY", "ALL_CATEGORICAL", "quantile_bin(NUMERIC_VARS_QB_10,10)", "ALL_TEXT" ]
            }
            """, recipe.ToJson(), ignoreLineEndingDifferences: true);
    }

    [Fact]
    public void TextWithABinaryTargetNeedsNoGroups()
    {
        var recipe = Suggest(Rows.Schema("text:T y:B", target: "y"), [["a", "1"], ["b", "0"]]);
        Assert.Empty(recipe.Groups);
        Assert.Equal(["ALL_BINARY", "ALL_TEXT"], recipe.Outputs.Select(output => output.Place.Text));
    }

    [Fact]
    public void TextsOfSentencesGiveWordsAndPairsWhileShortOnesStayAsTheyAre()
    {
        var rows = Enumerable.Range(0, 30).Select(i => new[] { $"one two three four five six seven eight nine ten {i}", $"Mr. {i}", $"{i % 2}" });
        var recipe = Suggest(Rows.Schema("letter:T name:T y:B", target: "y"), rows);
        Assert.Equal(["ALL_BINARY", "tfidf(ngram(words(TEXT_VARS_WORDS),2))", "'name'"], recipe.Outputs.Select(output => output.Place.Text));
        Assert.Equal("group('letter')", recipe.Groups.Single().Place.Text);
    }

    [Fact]
    public void InSmallDataANumberWhoseOddsAreLinearIsNormalizedAndAHumpIsBinned()
    {
        var random = new Random(12);
        var recipe = Suggest(Rows.Schema("line:N hump:N y:B", target: "y"), Enumerable.Range(0, 1000).Select(_ =>
        {
            var y = random.Next(2);
            return new[] { Text(y + Gauss() * 1.5), Text(Gauss() * (1 + 3 * y)), $"{y}" };
        }));
        Assert.Equal("group('line')", recipe.Groups.Single(group => group.Name == "NUMERIC_VARS").Place.Text);
        Assert.Contains("normalize(NUMERIC_VARS)", recipe.Outputs.Select(output => output.Place.Text));
        Assert.Contains("'hump'", recipe.Groups.Single(group => group.Name != "NUMERIC_VARS").Place.Text, StringComparison.Ordinal);

        double Gauss() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(Math.Tau * random.NextDouble());
    }

    [Theory]
    [InlineData(2000, true, true)]
    [InlineData(20_000, true, false)]
    [InlineData(2000, false, false)]
    public void ATrendWithAStepInItStandsBesideItsBinsWhereTheTargetOfSmallDataIsClasses(int rows, bool isClasses, bool isBeside)
    {
        var random = new Random(14);
        var recipe = Suggest(Rows.Schema(isClasses ? "x:N y:B" : "x:N y:N", target: "y"), Enumerable.Range(0, rows).Select(_ =>
        {
            var x = random.NextDouble();
            var score = 2 * x + (x is > 0.4 and < 0.6 ? 4 : 0) - 2;
            return new[] { Text(x), isClasses ? random.NextDouble() < 1 / (1 + Math.Exp(-score)) ? "1" : "0" : Text(score + random.NextDouble()) };
        }));
        Assert.Contains(recipe.Outputs, output => output.Place.Text.StartsWith("quantile_bin", StringComparison.Ordinal));
        Assert.Equal(isBeside, recipe.Outputs.Any(output => output.Place.Text == "normalize(NUMERIC_VARS)"));
    }

    [Fact]
    public void InSmallDataAStraightLineOfANumericTargetOrOfThreeClassesIsNormalized()
    {
        var random = new Random(13);
        var rows = Enumerable.Range(0, 600).Select(_ => random.NextDouble()).Select(x => new[] { Text(x), Text(3 * x + random.NextDouble()) });
        Assert.Equal(["normalize(NUMERIC_VARS)"], Suggest(Rows.Schema("x:N y:N", target: "y"), rows).Outputs.Select(output => output.Place.Text));
        var classes = Enumerable.Range(0, 600).Select(i => new[] { Text(i % 3 * 2 + random.NextDouble() + random.NextDouble()), $"c{i % 3}" });
        Assert.Contains("normalize(NUMERIC_VARS)", Suggest(Rows.Schema("x:N y:C", target: "y"), classes).Outputs.Select(output => output.Place.Text));
    }

    [Fact]
    public void ColumnsThatAreNoInputsAreInNoGroup()
    {
        var schema = Rows.Schema("a:N gone:N price:N", target: "price", excluded: "gone");
        var recipe = Suggest(schema, Enumerable.Range(0, 50).Select(i => new[] { $"{i}", "1", $"{i * i}" }));
        Assert.Equal(["group('a')"], recipe.Groups.Select(group => group.Place.Text));
    }

    [Fact]
    public void AFinePatternGetsManyBinsAndAPlainOneFew()
    {
        // wave changes sign 60 times over the range; step once; noise never.
        var random = new Random(8);
        var recipe = Suggest(Rows.Schema("wave:N step:N noise:N y:B", target: "y"), Enumerable.Range(0, 20_000).Select(_ =>
        {
            var (wave, step, noise) = (random.NextDouble(), random.NextDouble(), random.NextDouble());
            var score = 2 * Math.Sign(Math.Sin(wave * 60 * Math.PI)) + 2 * Math.Sign(step - 0.5);
            var y = random.NextDouble() < 1 / (1 + Math.Exp(-score));
            return new[] { Text(wave), Text(step), Text(noise), y ? "1" : "0" };
        }));
        var bins = BinsByName(recipe);
        Assert.InRange(bins["wave"], 100, 500);
        Assert.Equal(10, bins["step"]);
        Assert.Equal(10, bins["noise"]);
    }

    [Fact]
    public void ALossIsWithinNoiseUpToOneStandardErrorOfTheFoldsDifferences()
    {
        // Mean 0.2; variance (4 * 1.8^2 + 6 * 1.2^2) / 9 = 2.4; standard error sqrt(2.4 / 10) = 0.49.
        double[] wavering = [2, -1, 2, -1, 2, -1, 2, -1, -1, -1];
        var best = new double[10];
        Assert.True(BinCount.IsWithinNoise(wavering, best));
        Assert.True(BinCount.IsWithinNoise([.. wavering.Select(loss => loss + 0.28)], best));
        Assert.False(BinCount.IsWithinNoise([.. wavering.Select(loss => loss + 0.30)], best));
        Assert.False(BinCount.IsWithinNoise([.. best.Select(loss => loss + 0.01)], best));
    }

    [Fact]
    public void ACurveOfANumericTargetGetsMoreBinsThanALevel()
    {
        // The cosine of the reference's own example, where Amazon chose 500 bins.
        var random = new Random(9);
        var recipe = Suggest(Rows.Schema("x:N flat:N y:N", target: "y"), Enumerable.Range(0, 10_000).Select(_ =>
        {
            var x = random.NextDouble() * 20;
            return new[] { Text(x), Text(random.NextDouble()), Text(Math.Cos(x)) };
        }));
        Assert.InRange(BinsByName(recipe)["x"], 100, 500);
        Assert.Equal(10, BinsByName(recipe)["flat"]);
    }

    [Fact]
    public void ManyClassesAreScoredToo()
    {
        var random = new Random(10);
        var recipe = Suggest(Rows.Schema("x:N kind:C", target: "kind"), Enumerable.Range(0, 10_000).Select(_ =>
        {
            var x = random.NextDouble();
            return new[] { Text(x), $"k{(int)(x * 40) % 5}" };
        }));
        Assert.InRange(BinsByName(recipe)["x"], 50, 500);
    }

    [Theory]
    [InlineData(150, 10)]
    [InlineData(400, 20)]
    public void SmallDataNeverGetsMoreBinsThanItCanFill(int rows, int most)
    {
        var recipe = Suggest(Rows.Schema("x:N y:N", target: "y"), Enumerable.Range(0, rows).Select(i => new[] { $"{i}", $"{i * i}" }));
        Assert.InRange(BinsByName(recipe)["x"], 10, most);
    }

    [Theory]
    [InlineData(5000, 5000, 50)]
    [InlineData(5000, 30, 20)]
    [InlineData(5000, 3, 10)]
    [InlineData(100, 100, 10)]
    [InlineData(0, 1, 10)]
    public void WithoutATargetItFollowsRowsAndDifferentValues(int rows, int distinct, int bins) =>
        Assert.Equal(bins, BinsByName(Suggest(Rows.Schema("x:N"), Enumerable.Range(0, rows).Select(i => new[] { $"{i % distinct}" })))["x"]);

    [Fact]
    public void AwkwardNamesAreQuotedAndGroupsStepAsideForAttributes()
    {
        var schema = new DataSchema(
            [new("O'Hara's", AttributeType.Numeric), new("1st, floor", AttributeType.Numeric), new("NUMERIC_VARS_QB_10", AttributeType.Numeric)]);
        var recipe = SuggestedRecipe.For(schema, new DataStatistics(schema));
        Assert.Equal("group(\"O'Hara's\",'1st, floor','NUMERIC_VARS_QB_10')", recipe.Groups.Single().Place.Text);
        Assert.Equal("NUMERIC_VARS_QB_10_", recipe.Groups.Single().Name);
    }

    private static Recipe Suggest(DataSchema schema, IEnumerable<string[]> rows) => SuggestedRecipe.For(schema, Rows.Statistics(schema, rows));

    private static Dictionary<string, int> BinsByName(Recipe recipe) => recipe.Groups
        .Where(group => group.Name.StartsWith("NUMERIC_VARS_QB_", StringComparison.Ordinal))
        .SelectMany(group => group.Place.Text["group(".Length..^1].Split(',').Select(name => (name.Trim('\''), int.Parse(group.Name.Split('_')[3], CultureInfo.InvariantCulture))))
        .ToDictionary();

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);
}
