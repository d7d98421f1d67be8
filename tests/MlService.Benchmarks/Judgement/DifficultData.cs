using System.Globalization;
using System.Text;
using MlService.Learning.Schemas;

namespace MlService.Benchmarks.Judgement;

/// <summary>
/// Generated rows of kinds that are hard for linear learners. What the target depends on is linear in the log-odds or in the number, so the
/// difficulty is the one that the kind is named after.
/// </summary>
internal static class DifficultData
{
    const int Seed = 7;

    /// <summary>A kind.</summary>
    /// <param name="Name">What is difficult.</param>
    /// <param name="Generate">Makes the rows, always the same.</param>
    public sealed record Kind(string Name, Func<JudgedRows> Generate);

    /// <summary>All kinds.</summary>
    public static IReadOnlyList<Kind> Kinds { get; } =
    [
        new("scales 1e-6 to 1e9", () => Scales("scales 1e-6 to 1e9", isNumber: false)),
        new("scales 1e-6 to 1e9, number", () => Scales("scales 1e-6 to 1e9, number", isNumber: true)),
        new("rare features", RareFeatures),
        new("imbalance 1:1000", Imbalance),
        new("100,000 categories", Categories),
        new("constant columns", ConstantColumns),
        new("200,000 words", WideText),
        new("1,000 columns", ManyColumns),
        new("30 rows", FewRows),
    ];

    static JudgedRows Scales(string name, bool isNumber)
    {
        double[] scales = [1e-6, 1e-4, 1e-2, 1, 1e2, 1e5, 1e7, 1e9];
        double[] effects = [1, -0.7, 0.5, 0.8, -1, 0.6, 0.4, -0.9];
        return Make(name, 20_000, isNumber ? AttributeType.Numeric : AttributeType.Binary,
            scales.Select((_, i) => new SchemaAttribute($"n{i}", AttributeType.Numeric)), random =>
            {
                var values = scales.Select(_ => Normal(random)).ToArray();
                // Far from zero by up to a hundred deviations.
                var fields = values.Select((value, i) => Text((value + (i % 3 == 0 ? 100 : 0)) * scales[i]));
                var score = values.Zip(effects, (value, effect) => value * effect).Sum();
                return (fields, isNumber ? Text(1e6 * (score + Normal(random))) : Label(random, score));
            });
    }

    // Most words are in a handful of rows.
    static JudgedRows RareFeatures()
    {
        const int words = 30_000;
        var effects = Effects(words, 1.5);
        return Make("rare features", 20_000, AttributeType.Binary, [new("text", AttributeType.Text)], random =>
        {
            var drawn = Enumerable.Range(0, 8).Select(_ => random.Next(words)).Distinct().ToArray();
            return ([string.Join(' ', drawn.Select(word => $"w{word}"))], Label(random, drawn.Sum(word => effects[word])));
        });
    }

    static JudgedRows Imbalance() => Make("imbalance 1:1000", 300_000, AttributeType.Binary,
        [new("a", AttributeType.Numeric), new("b", AttributeType.Numeric), new("c", AttributeType.Categorical), new("d", AttributeType.Numeric)],
        random =>
        {
            var (a, b, c, d) = (Normal(random), Normal(random), random.Next(20), Normal(random));
            return ([Text(a), Text(b), $"c{c}", Text(d)], Label(random, 0.8 * a - 0.6 * b + 0.1 * (c - 10) - 7.8));
        });

    static JudgedRows Categories()
    {
        const int categories = 100_000;
        var effects = Effects(categories, 1);
        return Make("100,000 categories", 200_000, AttributeType.Binary,
            [new("category", AttributeType.Categorical), new("n", AttributeType.Numeric)], random =>
            {
                // A few are frequent, most are rare.
                var category = (int)(categories * Math.Pow(random.NextDouble(), 3));
                var n = Normal(random);
                return ([$"k{category}", Text(n)], Label(random, effects[category] + n));
            });
    }

    static JudgedRows ConstantColumns()
    {
        var columns = Enumerable.Range(0, 10).Select(i => new SchemaAttribute($"n{i}", AttributeType.Numeric)).Concat(
        [
            new("one", AttributeType.Numeric), new("huge", AttributeType.Numeric), new("empty", AttributeType.Numeric), new("nearly", AttributeType.Numeric),
            new("same", AttributeType.Categorical), new("words", AttributeType.Text), new("yes", AttributeType.Binary),
        ]);
        return Make("constant columns", 5_000, AttributeType.Binary, columns, random =>
        {
            var values = Enumerable.Range(0, 10).Select(_ => Normal(random)).ToArray();
            var fields = values.Select(Text).Concat(["1", "123456789012", "", random.Next(1000) == 0 ? "1e9" : "5", "x", "a few words", "1"]);
            return (fields, Label(random, values.Take(5).Sum()));
        });
    }

    static JudgedRows WideText()
    {
        const int words = 200_000;
        var effects = Effects(words, 0.8);
        return Make("200,000 words", 30_000, AttributeType.Binary, [new("text", AttributeType.Text)], random =>
        {
            var drawn = Enumerable.Range(0, 40).Select(_ => (int)(words * Math.Pow(random.NextDouble(), 4))).ToArray();
            return ([string.Join(' ', drawn.Select(word => $"w{word}"))], Label(random, drawn.Distinct().Sum(word => effects[word]) / 2));
        });
    }

    static JudgedRows ManyColumns()
    {
        const int columns = 999;
        return Make("1,000 columns", 4_000, AttributeType.Binary,
            Enumerable.Range(0, columns).Select(i => new SchemaAttribute($"n{i}", AttributeType.Numeric)), random =>
            {
                var values = Enumerable.Range(0, columns).Select(_ => Normal(random)).ToArray();
                return (values.Select(value => value.ToString("0.###", CultureInfo.InvariantCulture)), Label(random, values.Take(20).Sum() / 2));
            });
    }

    static JudgedRows FewRows() => Make("30 rows", 30, AttributeType.Binary,
        [new("a", AttributeType.Numeric), new("b", AttributeType.Numeric), new("c", AttributeType.Categorical)], random =>
        {
            var (a, b, c) = (Normal(random), Normal(random), random.Next(3));
            return ([Text(a), Text(b), $"c{c}"], Label(random, 2 * a - b));
        });

    static JudgedRows Make(
        string name, int rows, AttributeType target, IEnumerable<SchemaAttribute> inputs, Func<Random, (IEnumerable<string> Fields, string Target)> row)
    {
        SchemaAttribute[] attributes = [.. inputs, new("y", target)];
        var random = new Random(Seed);
        var text = new StringBuilder(string.Join(',', attributes.Select(attribute => attribute.Name))).Append('\n');
        for (var i = 0; i < rows; i++)
        {
            var (fields, label) = row(random);
            text.AppendJoin(',', fields.Append(label)).Append('\n');
        }
        return new(name, text.ToString(), schema: new DataSchema(attributes, hasHeader: true, target: "y"));
    }

    static double[] Effects(int count, double deviation)
    {
        var random = new Random(Seed + 1);
        return [.. Enumerable.Range(0, count).Select(_ => deviation * Normal(random))];
    }

    static string Label(Random random, double logOdds) => random.NextDouble() < 1 / (1 + Math.Exp(-logOdds)) ? "1" : "0";

    static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
