using System.Text;
using MlService.Benchmarks.Data;
using MlService.Learning.Csv;

namespace MlService.Learning.Tests.Benchmarks;

public class SyntheticDataTests
{
    [Fact]
    public void TheSameSeedGivesTheSameRowsAndAnotherOneOthers()
    {
        var rows = Text(LearningTask.Binary, 300, seed: 1);
        Assert.Equal(rows, Text(LearningTask.Binary, 300, seed: 1));
        Assert.NotEqual(rows, Text(LearningTask.Binary, 300, seed: 2));
    }

    [Fact]
    public void AChunkDependsOnNoOtherChunk()
    {
        var inOrder = SyntheticData.Generate(LearningTask.Binary, RowChunk.Size + 20, seed: 3).Last();
        var truth = new LinearTruth(LearningTask.Binary, seed: 3);
        var alone = new RowChunk(LearningTask.Binary, truth, seed: 3, index: 1, rows: 20, missing: 0);
        Assert.Equal(Encoding.UTF8.GetString(inOrder.Lines(0, 20).Span), Encoding.UTF8.GetString(alone.Lines(0, 20).Span));
    }

    [Fact]
    public void EveryRowHasTheHeadersColumnsAndOneInTenIsQuoted()
    {
        var bytes = Bytes(LearningTask.Multiclass, 5_000, seed: 4);
        using var reader = new CsvReader(new MemoryStream(bytes), 0, 0, bytes.Length);
        var (rows, quoted) = (0, 0);
        while (reader.Read())
        {
            Assert.Equal(CsvRowError.None, reader.Error);
            Assert.Equal(Encoding.UTF8.GetString(RowChunk.Header).Split(',').Length, reader.FieldCount);
            Assert.InRange(Encoding.UTF8.GetString(reader.Record[18]).Split(' ').Length, 3, 10);
            Assert.Matches("^k[0-9]$", Encoding.UTF8.GetString(reader.Record[19]));
            rows++;
            quoted += reader.Record[18].Contains((byte)',') ? 1 : 0;
        }
        Assert.Equal(5_000, rows);
        Assert.InRange(quoted, 430, 570);
    }

    [Fact]
    public void CategoriesFollowZipfsLaw()
    {
        // (2, 3, 4) to the power of -1.05, divided by their sum.
        double[] shares = [0.4681, 0.3058, 0.2261];
        var columns = Rows(LearningTask.Binary, 20_000, seed: 5, missing: 0).Select(row => row[8]).ToArray();
        for (var rank = 0; rank < 3; rank++)
            Assert.Equal(shares[rank], columns.Count(name => name == $"a0{rank}") / 20_000.0, 0.015);
    }

    [Fact]
    public void OnlyNumbersAreMissingAndAsOftenAsAskedFor()
    {
        var rows = Rows(LearningTask.Regression, 5_000, seed: 6, missing: 0.2);
        Assert.All(Enumerable.Range(0, 8), column => Assert.Equal(0.2, rows.Count(row => row[column] == "") / 5_000.0, 0.03));
        Assert.All(rows, row => Assert.DoesNotContain("", row[8..]));
    }

    [Fact]
    public void TheTrueModelIsCalibratedAndItsErrorIsTheNoise()
    {
        var binary = Oracle(LearningTask.Binary, 40_000, seed: 7);
        Assert.Equal(binary.Average(row => row.Expected), binary.Average(row => row.Actual), 0.01);
        var likely = binary.Where(row => row.Expected > 0.5).ToArray();
        Assert.Equal(likely.Average(row => row.Expected), likely.Average(row => row.Actual), 0.03);

        var regression = Oracle(LearningTask.Regression, 40_000, seed: 7);
        Assert.Equal(0, regression.Average(row => row.Actual - row.Expected), 0.2);
        Assert.Equal(64, regression.Average(row => Math.Pow(row.Actual - row.Expected, 2)), 2.0);
    }

    [Fact]
    public void TheBestPossibleQualityIsThatOfTheTrueModel()
    {
        // Three of the four pairs are in order. Log loss: -(ln 0.9 + ln 0.2 + ln 0.7 + ln 0.9) / 4.
        Assert.Equal("positives 0.5000, best possible AUC 0.7500, log loss 0.5442",
            OracleRow.BestPossible(LearningTask.Binary, [new(0.9, 1), new(0.8, 0), new(0.7, 1), new(0.1, 0)]));
        Assert.Equal("best possible accuracy 0.6667",
            OracleRow.BestPossible(LearningTask.Multiclass, [new(3, 3), new(0, 0), new(1, 2)]));
        Assert.Equal("best possible RMSE 5.0000",
            OracleRow.BestPossible(LearningTask.Regression, [new(10, 17), new(4, 3)]));
    }

    static byte[] Bytes(LearningTask task, int rows, ulong seed, double missing = 0) =>
        [.. SyntheticData.Generate(task, rows, seed, missing).SelectMany(chunk => chunk.Lines(0, chunk.Rows).ToArray())];

    static string Text(LearningTask task, int rows, ulong seed) => Encoding.UTF8.GetString(Bytes(task, rows, seed));

    static string[][] Rows(LearningTask task, int rows, ulong seed, double missing) =>
        [.. Encoding.UTF8.GetString(Bytes(task, rows, seed, missing)).TrimEnd('\n').Split('\n').Select(line => line.Split(','))];

    static OracleRow[] Oracle(LearningTask task, int rows, ulong seed) =>
        [.. SyntheticData.Generate(task, rows, seed).SelectMany(chunk => chunk.Oracle(0).ToArray())];
}
