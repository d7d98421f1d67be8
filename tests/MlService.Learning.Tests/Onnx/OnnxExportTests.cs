using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlService.Learning.Features;
using MlService.Learning.Models;
using MlService.Learning.Onnx;
using MlService.Learning.Records;
using MlService.Learning.Schemas;
using MlService.Learning.Tests.Training;
using MlService.Learning.Trees;
using Record = MlService.Learning.Records.Record;

namespace MlService.Learning.Tests.Onnx;

/// <summary>Exported models in ONNX Runtime, by itself and in Microsoft.ML, against the scorer: the same predictions on every row.</summary>
public class OnnxExportTests
{
    private const string Columns = "size:Numeric price:Numeric colour:Categorical sold:Binary note:Text";

    // Everything that a recipe can do.
    private const string Recipe = """
        {
          "assignments": { "clean": "lowercase(no_punct(note))", "sizes": "quantile_bin(size, 10)" },
          "outputs": [
            "size", "normalize(price)", "quantile_bin(price, 5)", "quantile_bin(normalize(size), 7)", "sold", "colour", "note",
            "ngram(clean, 3)", "osb(no_punct(note), 4)", "lowercase(ngram(note, 2))", "sizes", "cartesian(colour, sizes)",
            "cartesian(sold, colour)", "cartesian(clean, colour)", "cartesian(clean, note)"
          ]
        }
        """;

    // White space and capitals beyond ASCII, punctuation alone, words that repeat, words that look like joined tokens.
    private static readonly string[] Words =
        ["good", "Good,", "GOOD", "(bad)", "bad", "a_b", "_", "--", "größer", "GRÖSSER!", "Ω", "漢字。", "x\u00A0y", "x\u2003y", "\u3000", "don't", "«ja»", "", "missing"];

    private static readonly string[] Colours = ["red", "Red", "sky blue", "a_b", "_", "", "missing", "violet 漢"];
    private static readonly string[] Bools = ["1", "0", "yes", "No", "TRUE", "f", "", "perhaps"];
    private static readonly string[] Numbers = ["", "x", "0", "-0", "1e300", "-1e300", "0.1", "0.3", "0.7", "1e-320", "NaN"];

    [Theory]
    [InlineData(AttributeType.Binary)]
    [InlineData(AttributeType.Categorical)]
    [InlineData(AttributeType.Numeric)]
    public void TheExportedModelGivesTheSamePredictionsOnEveryRow(AttributeType target)
    {
        // Of the generated rows half are seen in training, so the others bring words, colours and products that the model does not know.
        var rows = Rows(600);
        var model = Train(target, Recipe, rows[..300]);
        using var session = new OnnxSession(model, 0.4);
        Assert.Equal(["colour", "note", "price", "size", "sold"], session.Inputs.Keys.Order());
        AssertEqual(model, 0.4, rows, session.Run(Inputs, rows));
        foreach (var row in rows[290..310])
            AssertEqual(model, 0.4, [row], session.Run(Inputs, [row]));
    }

    [Fact]
    public void MicrosoftMlGivesTheSamePredictions()
    {
        var rows = Rows(200);
        var model = Train(AttributeType.Binary, Recipe, rows[..150]);
        var file = Path.GetTempFileName();
        try
        {
            using (var stream = File.Create(file))
                OnnxExport.Write(model, stream);
            var context = new MLContext();
            var data = context.Data.LoadFromEnumerable(rows.Select(row => new Item
            {
                Size = [OnnxSession.Number(row[0])],
                Price = [OnnxSession.Number(row[1])],
                Colour = [row[2]],
                Sold = [row[3]],
                Note = [row[4]],
            }));
            var scored = context.Transforms.ApplyOnnxModel(file).Fit(data).Transform(data);
            var scores = scored.GetColumn<float[]>("predictedScores").Select(values => (values.Select(score => (double)score).ToArray(), (string?)null));
            AssertEqual(model, 0.5, rows, [.. scores.Zip(
                scored.GetColumn<ReadOnlyMemory<char>[]>("predictedLabel"), (score, label) => (score.Item1, (string?)label[0].ToString()))]);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void AModelAsksOnlyForWhatItsRecipeUses()
    {
        using var session = new OnnxSession(Train(AttributeType.Numeric, """{ "outputs": ["colour", "normalize(size)"] }""", Rows(50)));
        Assert.Equal(["colour", "size"], session.Inputs.Keys.Order());
    }

    [Fact]
    public void EachPartOfARecipeAloneGivesTheSamePredictions()
    {
        var rows = Rows(80);
        string[] outputs =
            ["size", "quantile_bin(price, 5)", "sold", "colour", "note", "no_punct(note)", "ngram(note, 10)", "osb(lowercase(note), 10)",
             "words(note)", "ngram(words(note), 2)", "tfidf(note)", "tfidf(ngram(words(note), 2))", "no_punct(words(lowercase(note)))",
             "cartesian(sold, note)", "cartesian(note, sold, colour)", "cartesian(quantile_bin(size, 5), sold)",
             "add(size, price)", "subtract(size, 3)", "multiply(size, price)", "divide(price, size)", "log(size)", "clip(size, -5, 7.5)", "fill(price, -1)",
             "normalize(divide(1, size))", "quantile_bin(log(price), 5)", "is_missing(size)", "is_missing(colour)", "is_missing(note)",
             "is_missing(sold)", "cartesian(is_missing(price), colour)"];
        Assert.All(outputs, output =>
        {
            var model = Train(AttributeType.Numeric, $$"""{ "outputs": ["{{output}}"] }""", rows[..40]);
            using var session = new OnnxSession(model);
            AssertEqual(model, 0.5, rows, session.Run(Inputs, rows));
        });
    }

    public static TheoryData<string, AttributeType> Trees => new(
        from algorithm in new[] { "fastTree", "lightGbm" } from target in new[] { AttributeType.Binary, AttributeType.Categorical, AttributeType.Numeric } select (algorithm, target));

    [Theory, MemberData(nameof(Trees))]
    public void TreesGiveTheSamePredictionsOnEveryRow(string algorithm, AttributeType target)
    {
        // Labels that depend on every kind of feature, so that trees ask for all of them.
        var rows = Rows(500);
        var weights = rows.Select(row => (row[0].Length * 3 + row[1].Length + row[2].Length * 5 + (row[3] == "1" ? 9 : row[3].Length) + row[4].Split(' ').Count(word => word == "good") * 11) % 23).ToArray();
        var model = Grow(algorithm, target, Recipe, rows[..400], row => target switch
        {
            AttributeType.Binary => weights[row] > 10 ? "1" : "0",
            AttributeType.Categorical => $"class {weights[row] / 8}",
            _ => FormattableString.Invariant($"{100_000 + weights[row]}"),
        });
        var asked = Enumerable.Range(0, model.Vocabulary.Count).Select(id => model.Plan.Slots[model.Vocabulary.Slot(id)].Kind).Distinct().Count();
        Assert.InRange(asked, 4, 8);
        using var session = new OnnxSession(model, 0.4);
        AssertEqual(model, 0.4, rows, session.Run(Inputs, rows));
        AssertEqual(model, 0.4, [rows[^1]], session.Run(Inputs, [rows[^1]]));
    }

    [Fact]
    public void EachPartOfARecipeAloneGivesTheSamePredictionsOfTrees()
    {
        var rows = Rows(120);
        string[] outputs = ["size", "normalize(price)", "quantile_bin(price, 5)", "sold", "colour", "note", "ngram(note, 2)", "tfidf(words(note))", "is_missing(size)", "cartesian(sold, colour)"];
        Assert.All(outputs, output =>
        {
            var model = Grow("fastTree", AttributeType.Numeric, $$"""{ "outputs": ["{{output}}"] }""", rows[..80], row => FormattableString.Invariant($"{row * 37 % 101 - 20}"));
            Assert.NotEqual(0, model.Nodes);
            using var session = new OnnxSession(model);
            AssertEqual(model, 0.5, rows, session.Run(Inputs, rows));
        });
    }

    [Fact]
    public void DatesGiveTheSamePredictionsHoweverTheyAreWritten()
    {
        string[] dates =
        [
            "2026-01-31", "2026/1/31", "2026.01.31", "31.1.2026", "1/31/2026", "13/31/2026", "2024-02-29", "2023-02-29", "1900-02-29", "2000-02-29", "0001-01-01", "0000-01-01", "9999-12-31",
            "1969-12-31 23:59:59.999", "1970-01-01T00:00Z", "2026-11-28 13:05", "2026-11-28T13:05:59.25+02:00", "2026-11-28  7:05:59-0530", "2026-11-28 13:05 +14", "2026-11-28 24:05", "2026-11-28 13:60",
            "2026-02-30 13:05", "7:05", "23:59:59", "13:05+02:", "13:5", "", "today", "2026-11", "2026-11-28T", "26-11-28", "2026-11-28-1", "99999999999999999999-1-1", "1.2.3", "12/12/12", "31/12/2026", "2026-1/31",
        ];
        var rows = Rows(400);
        var random = new Random(3);
        foreach (var row in rows)
            (row[2], row[4]) = (Any(dates, random), random.Next(3) == 0 ? Any(dates, random) : $"{random.Next(1800, 2200)}-{random.Next(1, 14):00}-{random.Next(1, 32):00} {random.Next(25)}:{random.Next(60):00}");
        string[] outputs =
            ["days(colour)", "subtract(days(note), 10000)", "year(note)", "month(colour)", "day(note)", "day_of_week(note)", "hour(colour)", "sin(month(note))", "cos(day(note))",
             "sin(day_of_week(note))", "cos(hour(note))", "is_missing(days(colour))", "cartesian(day_of_week(note), hour(colour))"];
        Assert.All(outputs.Append(string.Join("\", \"", outputs)), output =>
        {
            var model = Train(AttributeType.Numeric, $$"""{ "outputs": ["{{output}}"] }""", rows[..200]);
            using var session = new OnnxSession(model);
            AssertEqual(model, 0.5, rows, session.Run(Inputs, rows));
            AssertEqual(model, 0.5, [rows[7]], session.Run(Inputs, [rows[7]]));
        });
    }

    [Fact]
    public void TreesThatSayNothingAreRefused()
    {
        var grown = Grow("fastTree", AttributeType.Numeric, """{ "outputs": ["size"] }""", Rows(50), row => $"{row % 2}");
        var model = new TreeModel(grown.Head, new FeatureVocabulary(0), [], [], [0.5], [[new([], [], [], [], [], [], [1])]]);
        Assert.Contains("predicts the same for every row", Assert.Throws<InvalidInputException>(() => OnnxExport.Write(model, Stream.Null)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ngram(ngram(note, 2), 3)", "Ngram")]
    [InlineData("osb(osb(note, 2), 3)", "Osb")]
    [InlineData("no_punct(ngram(note, 2))", "NoPunct")]
    [InlineData("words(no_punct(note))", "LetterRuns")]
    [InlineData("hash(note, 8)", "Hash")]
    public void AStepWithoutCounterpartIsRefusedByItsName(string output, string step)
    {
        var model = Train(AttributeType.Numeric, $$"""{ "outputs": ["size", "{{output}}"] }""", Rows(50));
        var error = Assert.Throws<InvalidInputException>(() => OnnxExport.Write(model, Stream.Null));
        Assert.Contains($"the step {step}", error.Message, StringComparison.Ordinal);
        Assert.Contains("in the output note~", error.Message, StringComparison.Ordinal);
    }

    private static DataSchema Inputs { get; } = new([.. Columns.Split(' ').Select(column => column.Split(':'))
        .Select(parts => new SchemaAttribute(parts[0], Enum.Parse<AttributeType>(parts[1])))]);

    private static string[][] Rows(int count)
    {
        var random = new Random(7);
        return [.. Enumerable.Range(0, count).Select(_ => new[]
        {
            Number(random), Number(random), Any(Colours, random), Any(Bools, random),
            string.Join(' ', Enumerable.Range(0, random.Next(13)).Select(_ => Any(Words, random))),
        })];
    }

    private static string Number(Random random) => random.Next(3) switch
    {
        0 => Any(Numbers, random),
        1 => $"{random.Next(-50, 50)}",
        _ => FormattableString.Invariant($"{random.Next(-5000, 5000) / 100.0}"),
    };

    private static string Any(string[] values, Random random) => values[random.Next(values.Length)];

    private static LinearModel Train(AttributeType target, string recipe, string[][] rows)
    {
        var harness = new TrainingHarness($"{Columns} y:{target}", "y", TrainingHarness.Csv(rows.Length, row => string.Join(
            ',', rows[row].Append(Label(target, row)).Select(field => $"\"{field}\""))), recipe, new() { ["sgd.maxPasses"] = "3" });
        return harness.Train();
    }

    private static TreeModel Grow(string algorithm, AttributeType target, string recipe, string[][] rows, Func<int, string> label)
    {
        var harness = new TrainingHarness($"{Columns} y:{target}", "y", TrainingHarness.Csv(rows.Length, row => string.Join(
            ',', rows[row].Append(label(row)).Select(field => $"\"{field}\""))), recipe, new() { ["algorithm"] = algorithm, ["trees.number"] = "20", ["trees.minExamplesPerLeaf"] = "3" });
        var (trainer, parts) = harness.Encode(1);
        using var shard = parts[0];
        return TreeTrainer.Train(trainer, shard, TestContext.Current.CancellationToken);
    }

    private static string Label(AttributeType target, int row) => target switch
    {
        AttributeType.Binary => row % 3 == 0 ? "1" : "0",
        AttributeType.Categorical => $"class {row % 7 % 4}",
        _ => FormattableString.Invariant($"{row * 37 % 101 - 20}"),
    };

    private static void AssertEqual(LearnedModel model, double threshold, string[][] rows, List<(double[] Scores, string? Label)> actual)
    {
        var scorer = model.CreateScorer(Inputs);
        Assert.Equal(rows.Length, actual.Count);
        for (var row = 0; row < rows.Length; row++)
        {
            var bytes = Encoding.UTF8.GetBytes(string.Concat(rows[row]));
            var fields = new FieldRange[rows[row].Length];
            for (int i = 0, start = 0; i < fields.Length; start += fields[i++].Length)
                fields[i] = new FieldRange(start, Encoding.UTF8.GetByteCount(rows[row][i]));
            var prediction = scorer.Score(new Record(bytes, fields));
            double[] expected = model.Type == ModelType.Multiclass
                ? [.. prediction.Probabilities.ToArray().Select(value => (double)value)]
                : [prediction.Value];
            for (var k = 0; k < expected.Length; k++)
                Assert.Equal(expected[k], actual[row].Scores[k], 1e-5 * Math.Max(1, Math.Abs(expected[k])));
            var label = model.Type switch
            {
                ModelType.Binary => prediction.Value >= threshold ? "1" : "0",
                ModelType.Multiclass => model.Classes[prediction.BestClass],
                _ => null,
            };
            Assert.Equal(label, actual[row].Label);
        }
    }

    private sealed class Item
    {
        [ColumnName("size"), VectorType(1)]
        public double[] Size { get; set; } = [];

        [ColumnName("price"), VectorType(1)]
        public double[] Price { get; set; } = [];

        [ColumnName("colour"), VectorType(1)]
        public string[] Colour { get; set; } = [];

        [ColumnName("sold"), VectorType(1)]
        public string[] Sold { get; set; } = [];

        [ColumnName("note"), VectorType(1)]
        public string[] Note { get; set; } = [];
    }
}
