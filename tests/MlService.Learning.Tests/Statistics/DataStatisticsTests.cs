using System.Globalization;
using CsCheck;
using MlService.Learning.Schemas;
using MlService.Learning.Statistics;

namespace MlService.Learning.Tests.Statistics;

public class DataStatisticsTests
{
    private static readonly DataSchema Mixed = Rows.Schema("id:C age:N vip:B city:C note:T y:B", target: "y", rowId: "id");

    private static readonly Gen<string[]> Row = Gen.Select(Gen.Int[0, 999], Gen.Int[-5, 80], Gen.Int[0, 3], Gen.Int[0, 30], Gen.Int[0, 12])
        .Select((id, age, vip, city, note) => new[]
        {
            id.ToString(CultureInfo.InvariantCulture),
            age < -2 ? "" : age < 0 ? "n/a" : (age / 2.0).ToString(CultureInfo.InvariantCulture),
            new[] { "yes", "0", "maybe", "True" }[vip],
            city == 0 ? "" : $"city {city}",
            string.Join(' ', Enumerable.Range(0, note).Select(i => "Wörd" + i * city % 7)),
            (age + city) % 3 == 0 ? "1" : "0",
        });

    [Fact]
    public void AnyShardingGivesTheSameReport() =>
        Gen.Select(Row.Array[0, 300], Gen.Int[1, 5]).Sample((rows, shards) =>
        {
            var whole = Rows.Statistics(Mixed, rows);
            var merged = new DataStatistics(Mixed);
            var position = 0;
            foreach (var shard in rows.Chunk(rows.Length / shards + 1))
            {
                merged.Merge(Rows.Statistics(Mixed, shard, position));
                position += shard.Length;
            }
            Assert.Equal(Json(whole.ToReport()), Json(merged.ToReport()));
        }, iter: 30);

    [Fact]
    public void CountsAreThoseOfANaiveCount() =>
        Row.Array[1, 200].Sample(rows =>
        {
            var report = Rows.Statistics(Mixed, rows).ToReport();
            var byName = report.Attributes.ToDictionary(attribute => attribute.Name);
            var ages = rows.Select(row => row[1]).Where(text => text is not ("" or "n/a"))
                .Select(text => double.Parse(text, CultureInfo.InvariantCulture)).ToArray();
            Assert.Equal(rows.Count(row => row[1].Length == 0), byName["age"].Missing);
            Assert.Equal(rows.Count(row => row[1] == "n/a"), byName["age"].Invalid);
            Assert.Equal(ages.Distinct().Count(), byName["age"].Distinct);
            if (ages.Length > 0)
                Assert.Equal(ages.Average(), byName["age"].Numbers!.Mean, 1e-12);
            Assert.Equal(rows.Count(row => row[2] == "maybe"), byName["vip"].Invalid);
            Assert.Equal(rows.Count(row => row[2] is "yes" or "True"), byName["vip"].Values!.MostFrequent.SingleOrDefault(value => value.Value == "1")?.Count ?? 0);
            Assert.Equal(rows.Select(row => row[3]).Distinct().Count(), byName["city"].Distinct);
            Assert.Equal(rows.Count(row => row[3].Length == 0), byName["city"].Empty);
            Assert.Equal(rows.Length, byName["city"].Values!.MostFrequent.Sum(value => value.Count) + byName["city"].Values!.Other);
            Assert.Equal(rows.Sum(row => row[4].Split(' ', StringSplitOptions.RemoveEmptyEntries).Length), byName["note"].Words!.Total);
            // Two spellings of one binary value, or of an invalid one, are the same content.
            Assert.Equal(rows.Length - rows.Select(row => string.Join('|', row.Skip(1)).Replace("True", "yes", StringComparison.Ordinal))
                .Distinct().Count(), report.DuplicateRows);
        }, iter: 60);

    [Fact]
    public void MissingIsForNumbersOnlyAndInvalidForNumbersAndBinaries()
    {
        var schema = Rows.Schema("n:N b:B c:C t:T");
        var report = Rows.Statistics(schema, [["", "", "", ""], ["NaN", "2", "x", "y"], ["1e3", "T", "x", "y"], ["1e999", "no", "", ""]]).ToReport();
        Assert.Equal([(1L, 2L, 1L, 0L), (0, 2, 2, 0), (0, 0, 4, 2), (0, 0, 4, 2)],
            report.Attributes.Select(attribute => (attribute.Missing, attribute.Invalid, attribute.Count, attribute.Empty)));
        Assert.Equal(["1e999", "NaN"], report.Attributes[0].InvalidValues!.Select(value => value.Value));
        Assert.Equal(0.5, report.Attributes[1].TrueShare);
    }

    [Fact]
    public void TheTargetsClassesAreExactAndLeaveOutWhatIsMissing()
    {
        var schema = Rows.Schema("x:N kind:C", target: "kind");
        var statistics = Rows.Statistics(schema, [["1", "b"], ["2", "a"], ["3", "b"], ["4", ""]]);
        Assert.Equal([new ValueCount("b", 2), new ValueCount("a", 1)], statistics.TargetClasses);
        Assert.Equal((3, 1), (statistics.ToReport().Target!.Count, statistics.ToReport().Target!.Unusable));

        var binary = Rows.Statistics(Rows.Schema("y:B", target: "y"), Rows.OneColumn("No", "yes", "0", "TRUE", "F", "?"));
        Assert.Equal([new ValueCount("0", 3), new ValueCount("1", 2)], binary.TargetClasses);
    }

    [Theory]
    [InlineData(100, false)]
    [InlineData(101, true)]
    [InlineData(5000, true)]
    public void MoreThanAHundredClassesAreTooMany(int classes, bool tooMany)
    {
        var schema = Rows.Schema("kind:C", target: "kind");
        var report = Rows.Statistics(schema, Rows.OneColumn([.. Enumerable.Range(0, classes).Select(i => $"k{i}")])).ToReport();
        Assert.Equal(tooMany, report.Target!.HasTooManyClasses);
        Assert.Equal(Math.Min(classes, 101), report.Target.Classes.Count);
    }

    [Fact]
    public void TakingInRowsAllocatesNothingPerRow()
    {
        var statistics = new DataStatistics(Mixed);
        var rows = Enumerable.Range(0, 40_000).Select(i => new[]
        {
            $"{i % 500}", $"{i % 97}.5", i % 2 == 0 ? "y" : "n", $"c{i % 50}", $"some Words {i % 40} and, more!", "1",
        }).Select(row => string.Join('\n', row)).Distinct().Select(System.Text.Encoding.UTF8.GetBytes).ToArray();
        var fields = new Learning.Records.FieldRange[6];
        long position = 0;
        for (var round = 0; round < 5; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            foreach (var row in rows)
            {
                var start = 0;
                for (var i = 0; i < fields.Length; i++)
                {
                    var length = row.AsSpan(start).IndexOf((byte)'\n') is var end and >= 0 ? end : row.Length - start;
                    fields[i] = new(start, length);
                    start += length + 1;
                }
                statistics.Add(new Learning.Records.Record(row, fields), position++);
            }
            // Tables have grown; now and then the row sample still tidies up its words.
            if (round == 4)
                Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / (double)rows.Length, 0, 20);
        }
    }

    [Fact]
    public void AThousandColumnsFitInMemory()
    {
        var schema = Rows.Schema(string.Join(' ', Enumerable.Range(0, 1000).Select(i => $"n{i}:N")));
        var random = new Random(5);
        var rows = Enumerable.Range(0, 600)
            .Select(_ => Rows.Encode([.. Enumerable.Range(0, 1000).Select(_ => $"{random.Next()}")])).ToArray();
        // All that they ever allocate bounds what they hold, and what tests beside this one allocate is not counted. So few values
        // are kept as they are, eight bytes each.
        var before = GC.GetAllocatedBytesForCurrentThread();
        var statistics = new DataStatistics(schema);
        foreach (var (position, row) in rows.Index())
            statistics.Add(new Learning.Records.Record(row.Bytes, row.Fields), position);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 8 * 600 * 1000, 60_000_000);
        Assert.Equal(600, statistics.Numeric(999).Count);
    }

    [Fact]
    public void StatisticsOfOtherSchemasAreNotMerged() =>
        Assert.Throws<ArgumentException>(() => new DataStatistics(Mixed).Merge(new DataStatistics(Rows.Schema("a:N"))));

    private static string Json(DataReport report) => System.Text.Json.JsonSerializer.Serialize(report);
}
