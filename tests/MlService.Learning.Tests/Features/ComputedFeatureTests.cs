using System.Globalization;
using CsCheck;
using MlService.Learning.Features;
using MlService.Learning.Models;
using MlService.Learning.Tests.Training;
using static MlService.Learning.Tests.Features.EncodingHarness;

namespace MlService.Learning.Tests.Features;

public class ComputedFeatureTests
{
    private static readonly Dictionary<string, double[]> Training = new() { ["a"] = [1, 2, 3, 10], ["b"] = [0, 4] };

    [Theory]
    [InlineData("add(a, b)", "add(a, b)")]
    [InlineData("subtract(100, a)", "subtract(100, a)")]
    [InlineData("multiply(divide(a, -2.5e-1), b)", "multiply(divide(a, -0.25), b)")]
    [InlineData("log(add(a, 1))", "add(a, 1)~log")]
    [InlineData("clip(a, 0, 1.5)", "a~clip(0, 1.5)")]
    [InlineData("fill(a, mean)", "a~fill(mean)")]
    [InlineData("fill(log(a), 0)", "a~log~fill(0)")]
    public void ANumberThatIsComputedIsNamedByHowItIs(string output, string name) =>
        Assert.Contains(Harness(output).Encode("2", "3"), feature => feature.StartsWith(name, StringComparison.Ordinal));

    [Fact]
    public void ArithmeticIsThatOfDoublesAndMissingWhereThereIsNoFiniteResult()
    {
        // The second implementation: the formulas on nullable numbers.
        var formulas = new Dictionary<string, Func<double?, double?, double?>>
        {
            ["add(a, b)"] = (a, b) => a + b,
            ["subtract(a, b)"] = (a, b) => a - b,
            ["multiply(a, b)"] = (a, b) => a * b,
            ["divide(a, b)"] = (a, b) => a / b,
            ["divide(1, a)"] = (a, _) => 1 / a,
            ["log(a)"] = (a, _) => a is { } x ? Math.Log(x) : null,
            ["clip(a, -2, 3)"] = (a, _) => a is { } x ? Math.Clamp(x, -2, 3) : null,
            ["fill(a, 7)"] = (a, _) => a ?? 7,
            ["fill(a, mean)"] = (a, _) => a ?? 4,
            ["fill(a, median)"] = (a, _) => a ?? 2.5,
            ["multiply(subtract(a, b), subtract(a, b))"] = (a, b) => (a - b) * (a - b),
        };
        var harnesses = formulas.ToDictionary(formula => formula.Key, formula => Harness(formula.Key));
        var number = Gen.OneOf(Gen.Double[-5, 5], Gen.Const(0.0), Gen.Double[-1e300, 1e300]).Select(x => (double?)x);
        var field = Gen.OneOf(number, Gen.Const((double?)null));
        Gen.Select(field, field).Sample((a, b) =>
        {
            foreach (var (output, formula) in formulas)
            {
                var expected = formula(a, b);
                var feature = Assert.Single(harnesses[output].Encode(Text(a), Text(b)));
                if (expected is not { } value || !double.IsFinite(value))
                {
                    Assert.EndsWith(" is missing", feature, StringComparison.Ordinal);
                    continue;
                }
                var single = (float)Math.Clamp(value, float.MinValue, float.MaxValue);
                Assert.True(single == 1 ? !feature.Contains(':') : feature.EndsWith(FormattableString.Invariant($":{single}"), StringComparison.Ordinal), feature);
            }
        }, threads: 1);
    }

    [Fact]
    public void MissingnessIsAFlagOfAnyTypeAndAFactorOfProducts()
    {
        var harness = new EncodingHarness(Outputs("is_missing(n)", "is_missing(b)", "is_missing(c)", "is_missing(t)", "cartesian(is_missing(n), c)",
            "is_missing(divide(1, n))"), "n:n b:b c:c t:t");
        Assert.Equal(["n~is_missing x c=0_red"], harness.Encode("4", "yes", "red", "words"));
        Assert.Equal(["n~is_missing", "b~is_missing", "c~is_missing", "t~is_missing", "divide(1, n)~is_missing"], harness.Encode("NA", "", "", " "));
        Assert.Equal(["n~is_missing x c=0_red", "divide(1, n)~is_missing"], harness.Encode("0", "yes", "red", "words"));
    }

    [Theory]
    [InlineData("now!call 0800-REPLY,win", "now call 0800 REPLY win")]
    [InlineData("snake_case (x)", "snake_case x")]
    [InlineData("Straße—Ünïcode été", "Straße Ünïcode été")]
    [InlineData("e\u0301té ١٢٣ 漢字。日本", "e\u0301té ١٢٣ 漢字 日本")]
    [InlineData("... !? -", "")]
    public void WordsAreRunsOfLettersAndDigitsInEveryScript(string text, string words)
    {
        var harness = new EncodingHarness(Outputs("words(t)"), "t:t");
        Assert.Equal(words.Split(' ', StringSplitOptions.RemoveEmptyEntries).Distinct().Select(word => $"t~words={word}"), harness.Encode(text));
    }

    [Fact]
    public void WordsAreThoseOfARegularExpression()
    {
        var harness = new EncodingHarness(Outputs("words(t)"), "t:t");
        Gen.Char["ab1_ -.,ßé、漢\t'\"\u00a0\u0301"].Array[0, 60].Select(letters => new string(letters)).Sample(text =>
            Assert.Equal(System.Text.RegularExpressions.Regex.Matches(text, @"[\p{L}\p{Nd}\p{Mn}\p{Mc}_]+").Select(match => $"t~words={match.Value}").Distinct(),
                harness.Encode(text)), threads: 1);
    }

    [Fact]
    public void HashedTokensFallIntoAsManyGroupsAsTheBitsSayEachTimeTheSame()
    {
        var output = Outputs("hash(c, 6)", "hash(ngram(t, 2), 28)", "cartesian(hash(c, 6), t)");
        var (first, second) = (new EncodingHarness(output, "c:c t:t"), new EncodingHarness(output, "c:c t:t"));
        var groups = Enumerable.Range(0, 2000).Select(i => first.Encode($"value{i}", "")[0]).ToList();
        Assert.Equal(64, groups.Distinct().Count());
        Assert.All(groups.GroupBy(group => group), group => Assert.InRange(group.Count(), 10, 60)); // 31.25 ± 5.5 by chance
        Assert.Equal(first.Encode("x", "big red bus"), second.Encode("x", "big red bus"));
        Assert.Equal(1 + 5 + 3, first.Encode("x", "big red bus").Length);
        Assert.Equal(["c~hash(6)=5"], first.Encode("Köln", "")); // a published model must not change: the groups are fixed
        Assert.Empty(first.Encode("", ""));
    }

    [Theory]
    [InlineData("yyyy-MM-dd")]
    [InlineData("yyyy/M/d")]
    [InlineData("yyyy.MM.dd HH:mm")]
    [InlineData("d.M.yyyy")]
    [InlineData("M/d/yyyy H:mm:ss")]
    [InlineData("yyyy-MM-ddTHH:mm:ss.fffZ")]
    [InlineData("yyyy-MM-dd HH:mm:ss +02:00")]
    [InlineData("yyyy-MM-ddTHH:mm-0530")]
    public void PartsOfADateAreThoseOfTheCalendar(string format)
    {
        var harness = new EncodingHarness(
            Outputs("year(d)", "month(d)", "day(d)", "day_of_week(d)", "hour(d)", "days(d)", "sin(month(d))", "cos(day_of_week(d))"), "d:c");
        Gen.DateTime[new DateTime(1, 1, 2), new DateTime(9999, 12, 30)].Sample(date =>
        {
            var text = date.ToString(format.Replace("T", "'T'", StringComparison.Ordinal).Replace("Z", "'Z'", StringComparison.Ordinal), CultureInfo.InvariantCulture);
            var hasTime = format.Contains('H', StringComparison.Ordinal);
            var seconds = format.Contains("fff", StringComparison.Ordinal) ? date.Second + date.Millisecond / 1000.0 : format.Contains("ss", StringComparison.Ordinal) ? date.Second : 0;
            var offset = format.EndsWith("+02:00", StringComparison.Ordinal) ? 2 : format.EndsWith("-0530", StringComparison.Ordinal) ? -5.5 : 0;
            var days = (date.Date - DateTime.UnixEpoch).TotalDays + (hasTime ? (date.Hour - offset) / 24.0 + date.Minute / 1440.0 + seconds / 86400 : 0);
            List<string> expected = [$"d~year={date:yyyy}", $"d~month={date:MM}", $"d~day={date:dd}", $"d~day_of_week={date.DayOfWeek}"];
            if (hasTime)
                expected.Add($"d~hour={date:HH}");
            var features = harness.Encode(text);
            Assert.Equal(expected, features[..expected.Count]);
            Assert.Equal(days, Value(features[expected.Count]), Math.Abs(days) * 2e-7 + 1e-7); // a binary32 number, shortened
            Assert.Equal(Math.Sin((date.Month - 1) * Math.PI / 6), Value(features[expected.Count + 1]), 1e-6);
            Assert.Equal(Math.Cos(((int)date.DayOfWeek + 6) % 7 * 2 * Math.PI / 7), Value(features[expected.Count + 2]), 1e-6);
        }, threads: 1);
    }

    [Theory]
    [InlineData("")]
    [InlineData("soon")]
    [InlineData("2023-02-29")]
    [InlineData("2024-13-01")]
    [InlineData("31/12/2024")]
    [InlineData("1/2/24")]
    [InlineData("01-02-2024")]
    [InlineData("2024-01/02")]
    [InlineData("2024-01-02x")]
    [InlineData("2024-01-02 24:00")]
    [InlineData("2024-01-02 10:5")]
    [InlineData("2024-01-02 10:05:60")]
    [InlineData("2024-01-02 10:05 +2")]
    [InlineData("20240102")]
    [InlineData("99999999999-01-01")]
    public void WhatIsNoDateIsMissingAndHasNoParts(string text)
    {
        var harness = new EncodingHarness(Outputs("year(d)", "hour(d)", "days(d)", "sin(hour(d))", "is_missing(year(d))"), "d:t");
        Assert.Equal(["d~days is missing", "d~hour~sin is missing", "d~year~is_missing"], harness.Encode(text));
    }

    [Fact]
    public void ATimeAloneHasAnHourAndADateAloneHasNone()
    {
        var harness = new EncodingHarness(Outputs("hour(d)", "day_of_week(d)", "sin(hour(d))"), "d:c");
        Assert.Equal(["d~hour=06", "d~hour~sin"], harness.Encode("6:30"));
        Assert.Equal(["d~day_of_week=Thursday", "d~hour~sin is missing"], harness.Encode("1970-01-01"));
    }

    [Fact]
    public void BytesThatAreNoDateDoNoHarm()
    {
        var harness = new EncodingHarness(Outputs("days(d)"), "d:c");
        var letter = Gen.OneOf(Gen.Byte, Gen.Char["0123456789-/.:TZ +"].Select(c => (byte)c));
        letter.Array[0, 40].Sample(bytes => Assert.Single(harness.Encode([bytes])), threads: 1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void NothingIsAllocatedPerRow(bool grow)
    {
        var recipe = Outputs("add(n, m)", "log(divide(n, 3))", "clip(n, 0, 1)", "fill(m, mean)", "is_missing(m)", "is_missing(t)", "hash(ngram(words(t), 2), 20)",
            "year(d)", "month(d)", "day(d)", "day_of_week(d)", "hour(d)", "days(d)", "sin(hour(d))", "cos(month(d))", "cartesian(hour(d), is_missing(m))");
        var training = new EncodingHarness(recipe, "n:n m:n t:t d:c");
        string[] row = ["3.25", "", string.Join(' ', Enumerable.Range(0, 40).Select(i => $"Wörd{i}!")), "2026-11-23T21:59:59.5+01:00"];
        training.Encode(row);
        Assert.Equal(0, new EncodingHarness(training.Plan, vocabulary: training.Vocabulary, grow: grow).AllocatedBy(100, row));
    }

    [Fact]
    public void BinsAndMeansOfWhatIsComputedAreLearnedFromTheRows()
    {
        // width / height is uniform on 1 to 5, so that its bins of a fifth are cut at 1.8, 2.6, 3.4 and 4.2, and its mean is 3.
        var random = new Random(2);
        var harness = new TrainingHarness("width:Numeric height:Numeric y:Numeric", "y", TrainingHarness.Csv(20_000, _ =>
        {
            var (height, ratio) = (1 + random.NextDouble(), 1 + 4 * random.NextDouble());
            return FormattableString.Invariant($"{height * ratio},{height},{ratio}");
        }), Outputs("quantile_bin(divide(width, height), 5)", "normalize(divide(width, height))", "fill(divide(width, height), median)"));
        var steps = harness.Setup.Plan.Steps;
        var cuts = steps.Single(step => step.Kind == PlanStepKind.Bin).Boundaries;
        Assert.Equal(4, cuts.Length);
        Assert.All(cuts.Zip([1.8, 2.6, 3.4, 4.2]), pair => Assert.Equal(pair.Second, pair.First, 0.03));
        var normalize = steps.Single(step => step.Kind == PlanStepKind.Normalize);
        Assert.Equal((3, 4 / Math.Sqrt(12)), (normalize.Mean, normalize.StandardDeviation), (a, b) => Math.Abs(a.Item1 - b.Item1) < 0.03 && Math.Abs(a.Item2 - b.Item2) < 0.02);
        Assert.Equal(3, steps.Single(step => step.IsLearned).Constant, 0.03);
    }

    [Fact]
    public void AModelLearnsFromWhatIsComputedAndExplainsItByName()
    {
        var random = new Random(6);
        var csv = TrainingHarness.Csv(5000, _ =>
        {
            var (a, b) = (random.NextDouble() * 4, random.NextDouble() * 4);
            var date = new DateTime(2026, 1, 1).AddHours(random.Next(8760));
            return FormattableString.Invariant($"{a:F3},{b:F3},{date:yyyy-MM-dd HH:mm},{3 * a * b + (date.DayOfWeek == DayOfWeek.Sunday ? 20 : 0):F3}");
        });
        var harness = new TrainingHarness("a:Numeric b:Numeric at:Categorical y:Numeric", "y", csv, Outputs("multiply(a, b)", "day_of_week(at)"));
        var model = harness.Train();
        var copy = LinearModel.Load(new MemoryStream(TrainingHarness.Bytes(model)));
        Assert.Equal(3 * 2 * 3 + 20, harness.Score(copy, "2,3,2026-11-22 10:00,0\n")[0], 0.5);
        Assert.Equal(3 * 2 * 3, harness.Score(copy, "2,3,2026-11-23 10:00,0\n")[0], 0.5);
        Assert.Contains(model.Weights(), weight => weight.Name == "at~day_of_week=Sunday");
        Assert.Contains(model.Weights(), weight => weight.Name == "multiply(a, b)");
    }

    private static EncodingHarness Harness(string output) => new(Outputs(output), "a:n b:n", Training);

    private static string Text(double? number) => number?.ToString("R", CultureInfo.InvariantCulture) ?? "";

    private static double Value(string feature) =>
        feature.Contains(':') ? double.Parse(feature.AsSpan(feature.LastIndexOf(':') + 1), CultureInfo.InvariantCulture) : 1;
}
