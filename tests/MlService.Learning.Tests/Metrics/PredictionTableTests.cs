using CsCheck;
using MlService.Learning.Metrics;

namespace MlService.Learning.Tests.Metrics;

public class PredictionTableTests
{
    private static readonly Gen<(double Predicted, double Actual)[]> Records =
        Gen.Select(Gen.Double[-1e4, 1e4], Gen.Double[-1e4, 1e4]).Array[1, 200];

    [Fact]
    public void EachRecordIsInTheCellOfItsValues() => Records.Sample(records =>
    {
        var table = Of(records);
        var width = table.CellWidth;
        var expected = records.GroupBy(record => (Math.Floor(record.Actual / width) * width, Math.Floor(record.Predicted / width) * width))
            .ToDictionary(group => group.Key, group => group.LongCount());
        Assert.All(table.Cells, cell => Assert.Equal(expected[(cell.Actual, cell.Predicted)], cell.Count));
        Assert.Equal(records.Length, table.Cells.Sum(cell => cell.Count) + table.Outside);
        Assert.InRange(table.Cells.Select(cell => cell.Actual).Distinct().Count(), 1, 50);
    });

    [Fact]
    public void PartsInAnyOrderGiveTheTableOfTheWhole()
    {
        // So many that cells are made coarser, in the parts and in the whole.
        var random = new Random(3);
        var records = Enumerable.Range(0, 30_000).Select(i => (i * 0.37 + 800 * random.NextDouble(), i * 0.37)).ToArray();
        var whole = Of(records);
        random.Shuffle(records);
        var merged = new RegressionMetrics();
        foreach (var part in records.Chunk(7000))
        {
            using var stream = new MemoryStream();
            using (var writer = new BinaryWriter(stream, System.Text.Encoding.UTF8, leaveOpen: true))
                Metrics(part).Write(writer);
            stream.Position = 0;
            merged.Merge(RegressionMetrics.Read(new BinaryReader(stream)));
        }

        var table = merged.ToReport().Predictions;
        Assert.Equal((whole.CellWidth, whole.Outside), (table.CellWidth, table.Outside));
        Assert.Equal(whole.Cells, table.Cells);
        Assert.InRange(whole.Cells.Select(cell => cell.Actual).Distinct().Count(), 25, 50);
    }

    [Fact]
    public void ARecordFarAwayLeavesTheOthersTheirSharpness()
    {
        var random = new Random(4);
        var records = Enumerable.Range(0, 20_000).Select(_ => (300 + 40 * random.NextDouble(), 300 + 40 * random.NextDouble())).ToList();
        var width = Of([.. records]).CellWidth;
        records.Add((1e6, -1e6));
        var table = Of([.. records]);
        Assert.Equal(width, table.CellWidth);
        Assert.InRange(table.Outside, 1, 500);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1e300, -1e-300)]
    [InlineData(double.MaxValue, double.MinValue)]
    [InlineData(double.Epsilon, 0)]
    public void NumbersOfAnySizeHaveTheirCell(double predicted, double actual)
    {
        var table = Of((predicted, actual));
        var cell = Assert.Single(table.Cells);
        Assert.Equal(1, cell.Count);
        Assert.True(cell.Actual <= actual && cell.Predicted <= predicted);
    }

    private static PredictionTable Of(params (double Predicted, double Actual)[] records) => Metrics(records).ToReport().Predictions;

    private static RegressionMetrics Metrics(IEnumerable<(double Predicted, double Actual)> records)
    {
        var metrics = new RegressionMetrics();
        foreach (var (predicted, actual) in records)
            metrics.Add(predicted, actual);
        return metrics;
    }
}
