using MlService.Learning.Records;

namespace MlService.Learning.Tests.Records;

public class DataSplitTests
{
    [Theory]
    [InlineData("", 0, 100, SplitStrategy.Sequential, "", false)]
    [InlineData("{}", 0, 100, SplitStrategy.Sequential, "", false)]
    [InlineData("""{"splitting":{"percentBegin":0,"percentEnd":70}}""", 0, 70, SplitStrategy.Sequential, "", false)]
    [InlineData("""{"splitting":{"percentBegin":"70","percentEnd":"100"}}""", 70, 100, SplitStrategy.Sequential, "", false)]
    [InlineData("""{"splitting":{"percentBegin":12.5}}""", 12.5, 100, SplitStrategy.Sequential, "", false)]
    [InlineData("""{"splitting":{"percentBegin":0,"percentEnd":70,"strategy":"random","strategyParams":{"randomSeed":"s3://b/d.csv"},"complement":"true"}}""", 0, 70, SplitStrategy.Random, "s3://b/d.csv", true)]
    [InlineData("""{"splitting":{"percentEnd":70,"strategy":"sequential","complement":true}}""", 0, 70, SplitStrategy.Sequential, "", true)]
    [InlineData("""{"randomSeed":"0","splitting":{"percentEnd":70,"strategy":"random","complement":"false","later":1}}""", 0, 70, SplitStrategy.Random, "", false)]
    [InlineData("""{"splitting":{"strategy":"random","strategyParams":{"randomSeed":42}}}""", 0, 100, SplitStrategy.Random, "42", false)]
    public void AmazonsJsonIsUnderstood(string json, double begin, double end, SplitStrategy strategy, string seed, bool complement)
    {
        var split = DataSplit.Parse(json);
        Assert.Equal(new DataSplit(begin, end, strategy, seed, complement), split);
        Assert.Equal(split, DataSplit.Parse(split.ToJson()));
    }

    [Fact]
    public void JsonIsWrittenInAmazonsForm() => Assert.Equal(
        """{"splitting":{"percentBegin":0,"percentEnd":70.5,"strategy":"random","strategyParams":{"randomSeed":"x"},"complement":true}}""",
        new DataSplit(0, 70.5, SplitStrategy.Random, "x", complement: true).ToJson());

    [Theory]
    [InlineData("""{"splitting":{"percentBegin":71,"percentEnd":70}}""", "percentBegin (71)", "complement")]
    [InlineData("""{"splitting":{"percentBegin":-1}}""", "percentBegin", "between 0 and 100")]
    [InlineData("""{"splitting":{"percentEnd":100.5}}""", "percentEnd", "100.5")]
    [InlineData("""{"splitting":{"percentEnd":"NaN"}}""", "percentEnd", "NaN")]
    [InlineData("""{"splitting":{"percentEnd":"most"}}""", "percentEnd", "most")]
    [InlineData("""{"splitting":{"percentEnd":[70]}}""", "percentEnd", "[70]")]
    [InlineData("""{"splitting":{"strategy":"shuffle"}}""", "splitting.strategy", "\"random\"")]
    [InlineData("""{"splitting":{"complement":"maybe"}}""", "complement", "maybe")]
    [InlineData("""{"splitting":{"strategyParams":"x"}}""", "splitting.strategyParams", "object")]
    [InlineData("""{"splitting":70}""", "splitting", "object")]
    [InlineData("""[]""", "data rearrangement", "object")]
    [InlineData("""{"splitting"={}}""", "not valid JSON", "line 1")]
    public void AWrongSplitIsAnErrorThatSaysWhereAndWhat(string json, string where, string what)
    {
        var error = Assert.Throws<InvalidInputException>(() => DataSplit.Parse(json));
        Assert.Contains(where, error.Message, StringComparison.Ordinal);
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void RandomSplitsAreUniformAndIndependentOfEachOther()
    {
        // 100,000 draws of probability 0.3: mean 30,000, standard deviation 145; five of them are allowed.
        const int Draws = 100_000;
        var first = new DataSplit(0, 30, SplitStrategy.Random, "a");
        var second = new DataSplit(0, 30, SplitStrategy.Random, "b");
        var shifted = new DataSplit(40, 70, SplitStrategy.Random, "a");
        // Rows of equal length lie at regular positions; that must not show.
        var positions = Enumerable.Range(0, Draws).Select(row => row * 64L).ToArray();
        Assert.InRange(positions.Count(first.Takes), 30_000 - 725, 30_000 + 725);
        Assert.InRange(positions.Count(shifted.Takes), 30_000 - 725, 30_000 + 725);
        Assert.InRange(positions.Count(position => first.Takes(position) && second.Takes(position)), 9_000 - 460, 9_000 + 460);
        Assert.InRange(positions.Count(position => first.Takes(position) && first.Takes(position + 64)), 9_000 - 460, 9_000 + 460);
        Assert.DoesNotContain(positions, position => first.Takes(position) && shifted.Takes(position));
    }

    [Fact]
    public void AComplementHasExactlyTheOtherRows()
    {
        var split = new DataSplit(20, 50, SplitStrategy.Random, "seed");
        var complement = new DataSplit(20, 50, SplitStrategy.Random, "seed", complement: true);
        for (var position = 0; position < 10_000; position++)
            Assert.NotEqual(split.Takes(position), complement.Takes(position));
    }

    [Fact]
    public void ASplitIsTheSameEveryTime() =>
        // Frozen, since stored data sources must keep their rows; the numbers are from the same formula in Python.
        Assert.Equal(
            [1, 2, 8, 11, 15, 18, 19, 24, 25, 26, 28, 30, 32, 36, 39, 41, 42, 46, 53],
            Enumerable.Range(0, 60).Where(row => new DataSplit(0, 30, SplitStrategy.Random, "seed").Takes(row * 10)));

    [Theory]
    [InlineData(0, 1000, 0)]
    [InlineData(70, 1000, 700)]
    [InlineData(33.3, 1000, 333)]
    [InlineData(29, 100, 29)]
    [InlineData(99.999, 10, 9)]
    [InlineData(100, 1000, 1000)]
    [InlineData(70, 9_000_000_000_000_000, 6_300_000_000_000_000)]
    public void PercentagesAreOfBytesRoundedDown(double percent, long length, long offset) =>
        Assert.Equal(offset, DataSplit.OffsetOf(percent, length));
}
