using CsCheck;
using MlService.Learning.Records;
using MlService.Learning.Schemas;

namespace MlService.Learning.Tests.Records;

public class DataOverlapTests
{
    private const int Rows = 2_000;

    private static readonly DataSchema Schema = new([new SchemaAttribute("row", AttributeType.Numeric)]);

    // All rows have the same length, so that shares of bytes are shares of rows.
    private static readonly StoredFiles Stored = new(Schema, string.Concat(Enumerable.Range(0, Rows).Select(i => $"{i:D5}\n")));

    private static readonly Gen<DataSplit> Splits = Gen.Select(Gen.Int[0, 100], Gen.Int[0, 100], Gen.Bool, Gen.Int[0, 1], Gen.Bool)
        .Select((a, b, isRandom, seed, complement) => new DataSplit(
            Math.Min(a, b), Math.Max(a, b), isRandom ? SplitStrategy.Random : SplitStrategy.Sequential, $"{seed}", complement));

    [Fact]
    public void TheShareIsThatOfTheRowsInBoth() => Gen.Select(Splits, Splits).Sample((split, other) =>
    {
        var (rows, others) = (Take(split), Take(other));
        var share = DataOverlap.Share(Stored.Files, split, Stored.Files, other);
        var counted = rows.Count == 0 ? 0 : (double)rows.Intersect(others).Count() / rows.Count;
        // A random split takes about as many rows as it says.
        Assert.InRange(share, counted - 5 / Math.Sqrt(rows.Count + 1), counted + 5 / Math.Sqrt(rows.Count + 1));
        if (share == 0)
            Assert.Equal(0, counted);
    });

    [Fact]
    public void ASplitAndItsRestShareNothing() => Splits.Sample(split =>
    {
        var rest = new DataSplit(split.PercentBegin, split.PercentEnd, split.Strategy, split.Seed, !split.Complement);
        Assert.Equal(0, DataOverlap.Share(Stored.Files, split, Stored.Files, rest));
    });

    [Fact]
    public void AnotherVersionOfAFileIsAnotherFile()
    {
        DataFile[] newer = [.. Stored.Files.Select(file => file with { Version = "newer" })];
        Assert.Equal(1, DataOverlap.Share(Stored.Files, DataSplit.All, [.. newer, .. Stored.Files], DataSplit.All));
        Assert.Equal(0.5, DataOverlap.Share([.. newer, .. Stored.Files], DataSplit.All, Stored.Files, DataSplit.All));
        Assert.Equal(0, DataOverlap.Share(newer, DataSplit.All, Stored.Files, DataSplit.All));
    }

    private static HashSet<string> Take(DataSplit split)
    {
        var rows = new HashSet<string>();
        foreach (var segments in DataSet.Shards(Stored.Files, split, 1))
        {
            using var reader = new RecordReader(Schema, Stored.Files, segments, split, Stored.Open);
            while (reader.Read())
                rows.Add(System.Text.Encoding.UTF8.GetString(reader.Record[0]));
        }
        return rows;
    }
}
