using CsCheck;
using MlService.Learning.Records;

namespace MlService.Learning.Tests.Records;

public class DataPartsTests
{
    private static readonly DataFile[] Files = [new("a", "1", 1007, 7, false), new("b", "1", 2500, 0, true), new("c", "1", 13, 4, false)];
    private static readonly long Length = Files.Sum(file => file.DataLength);

    private static readonly Gen<double> Percent = Gen.OneOf(Gen.Int[0, 100].Select(percent => (double)percent), Gen.Double[0, 100]);

    private static readonly Gen<DataSplit> Split = Gen.Select(Percent, Percent, Gen.Bool, Gen.Bool, Gen.Bool.Select(is7 => is7 ? "7" : "")).Select((a, b, random, complement, seed) =>
        new DataSplit(Math.Min(a, b), Math.Max(a, b), random ? SplitStrategy.Random : SplitStrategy.Sequential, seed, complement));

    [Fact]
    public void ThePartsOfASplitHaveItsRowsAndNoOthers() =>
        Gen.Select(Split, Gen.Bool).Sample((split, fine) => AssertTakes(DataParts.For(split, fine), split));

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(7)]
    [InlineData(10)]
    public void PartsCutForOneFoldServeTheOthersAndWhatTheyLeave(int folds)
    {
        foreach (var strategy in Enum.GetValues<SplitStrategy>())
        {
            var parts = DataParts.For(Fold(0), fine: false);
            for (var fold = 0; fold < folds; fold++)
            {
                AssertTakes(parts, Fold(fold));
                AssertTakes(parts, Fold(fold, complement: true));
            }
            AssertTakes(parts, DataSplit.All);
            Assert.Null(parts.Of(new DataSplit(0, 33.1, strategy, "seed")));

            DataSplit Fold(int fold, bool complement = false) => new(100.0 * fold / folds, 100.0 * (fold + 1) / folds, strategy, "seed", complement);
        }
    }

    [Theory]
    [InlineData(0, 70)]
    [InlineData(70, 100)]
    [InlineData(0, 80)]
    [InlineData(50, 100)]
    public void PartsOfTheWholeServeTheUsualSplits(double begin, double end) => AssertTakes(DataParts.For(DataSplit.All, fine: false), new DataSplit(begin, end));

    [Theory]
    [InlineData(0, 25)]
    [InlineData(20, 40)]
    [InlineData(90, 100)]
    public void FinePartsOfTheWholeServeTheUsualFolds(double begin, double end) => AssertTakes(DataParts.For(DataSplit.All, fine: true), new DataSplit(begin, end));

    [Fact]
    public void ARandomSplitHasNoPartsOfAnotherSeedOrOfTheOrderOfTheRows()
    {
        var wanted = new DataSplit(0, 70, SplitStrategy.Random, "1");
        Assert.Null(DataParts.For(new DataSplit(0, 70, SplitStrategy.Random, "2"), fine: true).Of(wanted));
        Assert.Null(DataParts.For(new DataSplit(0, 70), fine: true).Of(wanted));
        Assert.Null(DataParts.For(wanted, fine: true).Of(new DataSplit(0, 70)));
    }

    /// <summary>Asks the split itself which rows it takes, wherever in the data they begin.</summary>
    private static void AssertTakes(DataParts parts, DataSplit split)
    {
        var wanted = parts.Of(split);
        Assert.NotNull(wanted);
        var locator = parts.In(Files);
        var segments = DataSet.Shards(Files, split, 1).SelectMany(shard => shard).ToList();
        long before = 0;
        for (var file = 0; file < Files.Length; file++)
        {
            for (var offset = Files[file].DataStart; offset < Files[file].Length; offset += 3)
            {
                var position = before + offset - Files[file].DataStart;
                var takes = segments.Any(segment => segment.File == file && offset >= segment.Begin && offset < segment.End)
                    && (!split.ChoosesRows || split.Takes(position));
                Assert.Equal(takes, wanted.Contains(locator.PartOf(position)));
            }
            before += Files[file].DataLength;
        }
        Assert.Equal(Length, before);
    }
}
