using System.Globalization;
using System.Text;
using System.Text.Json;
using CsCheck;
using MlService.Learning.Schemas;
using MlService.Learning.Statistics;
using MlService.Learning.Tests.Features;

namespace MlService.Learning.Tests.Statistics;

public class DataReportTests
{
    [Fact]
    public void AmazonsExampleOfFourSentencesComesOutAsItsGuideSays()
    {
        var words = Words("The fox jumped over the fence.", "This movie is intriguing.", "", "Fascinating movie.");
        Assert.Equal((12, 10), (words.Total, words.Unique));
        Assert.Equal((0, 6), (words.LeastPerValue, words.MostPerValue));
        Assert.Equal((2, 11), (words.ShortestLength, words.LongestLength));
    }

    [Fact]
    public void InsightWordsAreLowerCaseWithoutPunctuationInAnyLanguage()
    {
        var words = Words("«ÉCOLE» — école, ...", "(well-made)!\u00a0Straße $5 -- well-made");
        Assert.Equal(["well-made", "école", "straße", "5"], words.Prominent.Select(word => word.Word)
            .OrderBy(word => Array.IndexOf(["well-made", "école", "straße", "5"], word)));
        Assert.Equal((6, 4, 1, 9), (words.Total, words.Unique, words.ShortestLength, words.LongestLength));
        Assert.All(words.Prominent, word => Assert.Equal((1, 0.5, 1.0), (word.Rows, word.RowsShare, word.Prominence)));
    }

    [Fact]
    public void WordsAreWhatANaiveWayCounts() =>
        TextFeatureTests.Texts.Array[1, 8].Sample(texts =>
        {
            string[][] rows = [.. texts.Select(text => TextFeatureTests.Words(text)
                .Select(word => TextFeatureTests.TrimPunctuation(word.ToLowerInvariant())).Where(word => word.Length > 0).ToArray())];
            string[] words = [.. rows.SelectMany(row => row)];
            var statistics = (TextStatistics)Rows.Statistics(Rows.Schema("t:T"), Rows.OneColumn(texts)).Column(0)!;
            Assert.Equal(rows.SelectMany(row => row.Distinct()).CountBy(word => Hash64.Of(Encoding.UTF8.GetBytes(word))).ToDictionary(),
                statistics.Words.Ranked(int.MaxValue).ToDictionary(word => word.Hash, word => (int)word.Count));
            Assert.Equal((words.Length, rows.Min(row => row.Length), rows.Max(row => row.Length)),
                (statistics.TotalWords, statistics.LeastWords, statistics.MostWords));
            int[] lengths = [.. words.Select(word => word.EnumerateRunes().Count())];
            Assert.Equal((lengths.Append(int.MaxValue).Min(), lengths.Append(0).Max()), (statistics.ShortestWord, statistics.LongestWord));
        });

    [Fact]
    public void AWordThatMarksTheTargetIsTheMostProminent()
    {
        // "prize" stands in every positive row and nowhere else: it tells all.
        var schema = Rows.Schema("note:T y:B", target: "y");
        var report = Rows.Statistics(schema, Enumerable.Range(0, 400).Select(i => i % 4 == 0
            ? new[] { $"a prize {i % 13}", "1" } : [$"a {i % 13}", "0"])).ToReport();
        var note = report.Attributes[0];
        Assert.Equal("prize", note.Words!.Prominent[0].Word);
        Assert.Equal(1, note.Words.Prominent[0].Prominence, 0.01);
        Assert.Equal(100, note.Words.Prominent[0].Rows);
        Assert.InRange(note.Correlation!.Value, 0.95, 1);
        Assert.DoesNotContain(note.Words.Prominent, word => word.Word == "7" && word.Prominence > 0.05);
    }

    [Fact]
    public void CorrelationIsTheShareOfUncertaintyThatAnAttributeExplains()
    {
        // x tells the class of 9 in 10 rows: I(X;Y)/H(Y) = 1 - H(0.1)/H(0.5) = 0.531; noise, even with 500 values, tells nothing.
        var random = new Random(3);
        var schema = Rows.Schema("category:C number:N noise:C hiss:N copy:N y:B", target: "y");
        var report = Rows.Statistics(schema, Enumerable.Range(0, 8000).Select(_ =>
        {
            var y = random.Next(2);
            var seen = random.NextDouble() < 0.9 ? y : 1 - y;
            return new[]
            {
                seen == 1 ? "high" : "low", Text(seen * 10 + random.NextDouble()), $"v{random.Next(500)}",
                Text(random.NextDouble()), Text(y + random.NextDouble() / 2), $"{y}",
            };
        })).ToReport();
        var correlation = report.Attributes.ToDictionary(attribute => attribute.Name, attribute => attribute.Correlation);
        Assert.Equal(0.531, correlation["category"]!.Value, 0.04);
        Assert.Equal(0.531, correlation["number"]!.Value, 0.04);
        Assert.Equal(0, correlation["noise"]!.Value, 0.005);
        Assert.Equal(0, correlation["hiss"]!.Value, 0.005);
        Assert.InRange(correlation["copy"]!.Value, 0.98, 1);
        Assert.Null(correlation["y"]);
        Assert.Contains("uncertainty coefficient", report.CorrelationMeasure, StringComparison.Ordinal);
        Assert.Contains(report.Warnings, warning => warning.StartsWith("copy: It alone nearly gives the target away", StringComparison.Ordinal));
        Assert.DoesNotContain(report.Warnings, warning => warning.StartsWith("category", StringComparison.Ordinal));
    }

    [Fact]
    public void WithANumericTargetItIsTheShareOfVariance()
    {
        // y = x + e with equal variances: x explains half; r = 0.707.
        var random = new Random(4);
        var report = Rows.Statistics(Rows.Schema("x:N down:N y:N", target: "y"), Enumerable.Range(0, 12_000).Select(_ =>
        {
            var (x, e) = (Gauss(random), Gauss(random));
            return new[] { Text(x), Text(-x), Text(1e6 + 100 * (x + e)) };
        })).ToReport();
        Assert.Equal(0.5, report.Attributes[0].Correlation!.Value, 0.04);
        Assert.Equal(0.707, report.Attributes[0].Pearson!.Value, 0.02);
        Assert.Equal(-0.707, report.Attributes[1].Pearson!.Value, 0.02);
        Assert.Contains("correlation ratio", report.CorrelationMeasure, StringComparison.Ordinal);
        Assert.NotNull(report.Target!.Histogram);
    }

    [Fact]
    public void WhatDeservesALookIsSaidInWords()
    {
        var schema = Rows.Schema("number:C counted:N same:C gone:N odd:N left:C y:C", target: "y", excluded: "left");
        var report = Rows.Statistics(schema, Enumerable.Range(0, 200).Select(i => new[]
        {
            $"n{i}", $"{i + 5}", "x", i == 0 ? "1" : "", i % 5 == 0 ? "none" : $"{i % 3}", "secret", i < 197 ? i % 2 == 0 ? "a" : "b" : "c",
        })).ToReport();
        string[] expected =
        [
            "Very rare classes, hard to learn and to evaluate: \"c\" (3 rows).",
            "number: Nearly every row has a value of its own, as a row identifier has: consider it as rowId, or exclude it.",
            "counted: Nearly every row has a value of its own, as a row identifier has: consider it as rowId, or exclude it.",
            "same: Every row has the same value: nothing can be learned from it.",
            "gone: 99.5% of the rows have no value.",
            "odd: 20% of the rows have a value that is not NUMERIC: is the type right?",
        ];
        Assert.Equal(expected, report.Warnings);
        Assert.Equal(("EXCLUDED", 0), (report.Attributes[5].Role, report.Attributes[5].Count));
        Assert.DoesNotContain("secret", JsonSerializer.Serialize(report), StringComparison.Ordinal);
    }

    [Fact]
    public void ATargetWithOneClassAndRowsThatCouldNotBeReadAreNamed()
    {
        var statistics = Rows.Statistics(Rows.Schema("x:N y:B", target: "y"), [["1", "1"], ["2", "1"], ["2", "1"], ["3", ""]]);
        statistics.AddRejected(7);
        var report = statistics.ToReport();
        Assert.Contains("7 rows could not be read.", report.Warnings);
        Assert.Contains("1 rows have no usable target; training leaves them out.", report.Warnings);
        Assert.Contains("The target is always \"1\": there is nothing to learn.", report.Warnings);
        Assert.Contains(report.Warnings, warning => warning.StartsWith("1 row repeats another one", StringComparison.Ordinal));
    }

    [Fact]
    public void AReportOfNoRowsIsAReport()
    {
        var report = new DataStatistics(Rows.Schema("a:N b:B c:C d:T", target: "c")).ToReport();
        Assert.Equal(0, report.Rows);
        Assert.Contains("There are no rows.", report.Warnings);
        Assert.NotEmpty(JsonSerializer.Serialize(report));
    }

    [Fact]
    public void TenValuesAreShownAndTheRestIsOther()
    {
        var report = Rows.Statistics(Rows.Schema("c:C"), Enumerable.Range(1, 12).SelectMany(i => Enumerable.Repeat(new[] { $"v{i:00}" }, i))).ToReport();
        var values = report.Attributes[0].Values!;
        Assert.Equal(10, values.MostFrequent.Count);
        Assert.Equal((new ValueCount("v12", 12), 1 + 2L), (values.MostFrequent[0], values.Other));
        Assert.Equal(["v01", "v02", "v03", "v04", "v05"], values.LeastFrequent!.Select(value => value.Value));
    }

    [Theory]
    [InlineData(0, 1, 0.02, 50)]
    [InlineData(4.3, 7.9, 0.1, 36)]
    [InlineData(-7, 993, 20, 51)]
    [InlineData(0, 3, 1, 3)]
    public void HistogramsHaveRoundEdgesThatCoverTheRange(double min, double max, double width, int bins)
    {
        double[] values = min == 0 && max == 3 ? [0, 1, 2, 3] : [min, max, .. Enumerable.Range(0, 99).Select(i => min + (max - min) * i / 99.0)];
        var histogram = Histogram.Of(NumericSummary.FromValues(values));
        Assert.Equal((width, bins), (histogram.Width, histogram.Bins.Count));
        Assert.All(histogram.Bins, bin => Assert.InRange(bin.From.ToString(CultureInfo.InvariantCulture).Length, 1, 5));
        Assert.Equal(values.Length, histogram.Bins.Sum(bin => bin.Count));
        Assert.True(histogram.Bins[0].From <= min && histogram.Bins[^1].To >= max);
        foreach (var bin in histogram.Bins.SkipLast(1))
            Assert.Equal(values.Count(value => value >= bin.From && value < bin.To), bin.Count);
    }

    [Theory]
    [InlineData(5, 5)]
    [InlineData(1e300, 1.0000000000000002e300)]
    public void AHistogramOfHardlyDifferentNumbersIsOneBin(double min, double max) =>
        Assert.Equal([new HistogramBin(min, max, 2)], Histogram.Of(NumericSummary.FromValues([min, max])).Bins);

    private static WordsReport Words(params string[] texts) =>
        Rows.Statistics(Rows.Schema("t:T"), Rows.OneColumn(texts)).ToReport().Attributes[0].Words!;

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);

    private static double Gauss(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
