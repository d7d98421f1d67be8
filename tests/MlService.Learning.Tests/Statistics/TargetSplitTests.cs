using System.Globalization;
using System.Text.Json;
using MlService.Learning.Statistics;

namespace MlService.Learning.Tests.Statistics;

public class TargetSplitTests
{
    [Fact]
    public void SmallDataIsCountedExactlyInEachClassOfTheTarget()
    {
        var rows = Mixed(2000, seed: 5);
        var report = Rows.Statistics(Rows.Schema("n:N c:C b:B t:T y:C", target: "y"), rows).ToReport();
        var target = report.Target!;
        Assert.Equal(0, target.ShareError);
        Assert.Equal(target.Classes.Select(value => (value.Value, (int)value.Count)), target.Groups.Select(group => (group.Name, group.Count)));

        var (n, c, b, t) = (report.Attributes[0], report.Attributes[1], report.Attributes[2], report.Attributes[3]);
        for (var group = 0; group < target.Groups.Count; group++)
        {
            var ofClass = rows.Where(row => row[4] == target.Groups[group].Name).ToList();
            var bins = n.Numbers!.Histogram.Bins;
            for (var bin = 0; bin < bins.Count; bin++)
            {
                var (from, to) = (bins[bin].From, bins[bin].To);
                Assert.Equal(ofClass.Count(row => Number(row[0]) is { } x && x >= from && (x < to || bin == bins.Count - 1)),
                    n.ByTarget!.Parts[bin].Counts[group]);
            }
            Assert.Equal(ofClass.Count(row => Number(row[0]) is null), n.ByTarget!.Unusable!.Counts[group]);
            var shown = c.Values!.MostFrequent.Select(value => value.Value).ToList();
            for (var i = 0; i < shown.Count; i++)
                Assert.Equal(ofClass.Count(row => row[1] == shown[i]), c.ByTarget!.Parts[i].Counts[group]);
            Assert.Equal(ofClass.Count(row => !shown.Contains(row[1])), c.ByTarget!.Other!.Counts[group]);
            for (var i = 0; i < 2; i++)
                Assert.Equal(ofClass.Count(row => row[2] == b.Values!.MostFrequent[i].Value), b.ByTarget!.Parts[i].Counts[group]);
            Assert.Equal(ofClass.Count(row => row[2] == "?"), b.ByTarget!.Unusable!.Counts[group]);
            var words = t.Words!.Prominent.Select(word => word.Word).ToList();
            for (var i = 0; i < words.Count; i++)
                Assert.Equal(ofClass.Count(row => row[3].Split(' ').Contains(words[i])), t.ByTarget!.Parts[i].Counts[group]);
            Assert.Equal(ofClass.Count(row => !row[3].Split(' ').Intersect(words).Any()), t.ByTarget!.Other!.Counts[group]);
        }
        Assert.All(n.ByTarget!.Parts, part => Assert.Null(part.TargetMean));
        Assert.Null(report.Attributes[4].ByTarget);
    }

    [Fact]
    public void SharesOfTheSampleAreAsNearToThoseOfAllRowsAsTheReportSays()
    {
        // P(y | c) = 0.2, 0.5, 0.8: each c and y together has a share known beforehand.
        var random = new Random(11);
        var rows = Enumerable.Range(0, 120_000).Select(_ => random.Next(3)).Select(c =>
            new[] { $"c{c}", $"{c * 10}", random.NextDouble() < 0.2 + 0.3 * c ? "1" : "0" });
        var report = Rows.Statistics(Rows.Schema("c:C n:N y:B", target: "y"), rows).ToReport();
        var target = report.Target!;
        var sampled = target.Groups.Sum(group => group.Count);
        Assert.Equal(report.SampledRows, sampled);
        Assert.Equal(0.98 / Math.Sqrt(sampled), target.ShareError, 1e-12);
        var positive = target.Groups.ToList().FindIndex(group => group.Name == "1");
        for (var part = 0; part < 3; part++)
        {
            var c = report.Attributes[0].Values!.MostFrequent[part].Value[1] - '0';
            var p = 0.2 + 0.3 * c;
            var counts = report.Attributes[0].ByTarget!.Parts[part];
            Assert.Equal(p / 3, (double)counts.Counts[positive] / sampled, target.ShareError);
            Assert.Equal((1 - p) / 3, (double)counts.Counts[1 - positive] / sampled, target.ShareError);
            Assert.Equal((double)counts.Counts[positive] / counts.Counts.Sum(), counts.TargetMean!.Value, 1e-9);
            var bin = report.Attributes[1].Numbers!.Histogram.Bins.ToList().FindLastIndex(bin => bin.From <= c * 10);
            Assert.Equal(counts.Counts, report.Attributes[1].ByTarget!.Parts[bin].Counts);
        }
        Assert.Null(report.Attributes[1].ByTarget!.Unusable);
    }

    [Fact]
    public void ANumericTargetIsPartedByItsQuartilesAndItsMeanStandsBesideEachPart()
    {
        // y = 1000 x: the bins of x are those of y.
        var rows = Enumerable.Range(0, 4000).Select(i => new[] { Text(i / 100.0), Text(i * 10.0) });
        var report = Rows.Statistics(Rows.Schema("x:N y:N", target: "y"), rows).ToReport();
        Assert.Equal(["below 10000", "10000 to 20000", "20000 to 30000", "from 30000"], report.Target!.Groups.Select(group => group.Name));
        Assert.All(report.Target.Groups, group => Assert.Equal(1000, group.Count));
        Assert.Equal((0, 39990), (report.Target.Groups[0].From, report.Target.Groups[^1].To));
        var x = report.Attributes[0];
        for (var bin = 0; bin < x.Numbers!.Histogram.Bins.Count; bin++)
        {
            var (from, to) = (x.Numbers.Histogram.Bins[bin].From, x.Numbers.Histogram.Bins[bin].To);
            var part = x.ByTarget!.Parts[bin];
            Assert.Equal((to - from) * 100, part.Counts.Sum(), 1e-6);
            Assert.Equal(1000 * (from + to) / 2 - 5, part.TargetMean!.Value, 1e-6);
            Assert.Equal((int)(from / 10), part.Counts.ToList().FindIndex(count => count > 0));
        }
    }

    [Fact]
    public void RareClassesShareAGroup()
    {
        var rows = Enumerable.Range(1, 20).SelectMany(c => Enumerable.Repeat(new[] { $"{c}", $"class{c:00}" }, c)).Append(["3", ""]);
        var report = Rows.Statistics(Rows.Schema("x:N y:C", target: "y"), rows).ToReport();
        var groups = report.Target!.Groups;
        Assert.Equal(12, groups.Count);
        Assert.Equal(("class20", 20), (groups[0].Name, groups[0].Count));
        Assert.Equal(("other", Enumerable.Range(1, 9).Sum()), (groups[^1].Name, groups[^1].Count));
        Assert.Equal(210, report.Attributes[0].ByTarget!.Parts.Sum(part => part.Counts.Sum()));
    }

    [Fact]
    public void WithoutATargetAndWithoutAUsableOneThereIsNoSplit()
    {
        Assert.Null(Rows.Statistics(Rows.Schema("x:N"), [["1"]]).ToReport().Attributes[0].ByTarget);
        var report = Rows.Statistics(Rows.Schema("x:N y:N", target: "y"), [["1", ""], ["2", "?"]]).ToReport();
        Assert.Empty(report.Target!.Groups);
        Assert.Null(report.Attributes[0].ByTarget);
    }

    [Fact]
    public void AnyShardingGivesTheSameSplit()
    {
        var schema = Rows.Schema("n:N c:C b:B t:T y:C", target: "y");
        var rows = Mixed(30_000, seed: 8);
        var whole = Rows.Statistics(schema, rows);
        var parts = new[] { 0, 7_001, 19_500, 30_000 };
        var merged = new DataStatistics(schema);
        for (var i = 2; i >= 0; i--)
            merged.Merge(Rows.Statistics(schema, rows[parts[i]..parts[i + 1]], parts[i]));
        Assert.Equal(Splits(whole), Splits(merged));

        static string Splits(DataStatistics statistics) =>
            JsonSerializer.Serialize(statistics.ToReport().Attributes.Select(attribute => attribute.ByTarget));
    }

    private static string[][] Mixed(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(3)).Select(y => new[]
        {
            random.Next(20) == 0 ? "" : random.Next(30) == 0 ? "n/a" : Text(Math.Round(y + random.NextDouble() * 4, 3)),
            $"v{random.Next(25 + y)}",
            random.Next(40) == 0 ? "?" : $"{random.Next(2)}",
            string.Join(' ', Enumerable.Range(0, random.Next(6)).Select(_ => $"w{random.Next(60)}").Append($"marks{y}")),
            $"y{y}",
        })];
    }

    private static double? Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string Text(double number) => number.ToString("R", CultureInfo.InvariantCulture);
}
