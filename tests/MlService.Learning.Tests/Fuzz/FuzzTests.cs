using System.Text;
using CsCheck;
using MlService.Learning.Csv;
using MlService.Learning.Models;
using MlService.Learning.Recipes;
using MlService.Learning.Schemas;
using MlService.Learning.Tests.Training;
using MlService.Learning.Trees;

namespace MlService.Learning.Tests.Fuzz;

/// <summary>
/// What others give to be read, broken at random: fragments of the language in any order, valid texts with pieces changed, and plain bytes.
/// It is read, or refused with <see cref="InvalidInputException"/>; any other exception fails the test, and so does a loop that goes on
/// beyond what the input has.
/// </summary>
public class FuzzTests
{
    private static readonly string[] Csv =
        ["a", "b,c", "\"", "\"\"", ",", "\n", "\r\n", "\r", "1", "-2.5e3", "\"x,\ny\"", "\uFEFF", "é漢", "\0", ";", "\t", " ", "2026-01-02", "true", "id"];

    private static readonly string[] Json =
        ["{", "}", "[", "]", ":", ",", "\"", "\\", "null", "1e999", "-1", "\"version\":\"1.0\"", "\"dataFormat\":\"CSV\"", "\"attributes\":", "\"attributeName\"",
            "\"attributeType\":\"NUMERIC\"", "\"attributeType\":\"DATE\"", "\"targetAttributeName\":\"a\"", "\"rowId\":\"a\"", "\u0000", "\uD83D", "\"outputs\":", "\"groups\":",
            "\"assignments\":", "\"ALL_INPUTS\"", "\"ngram(a, 3)\"", "\"group(x, group(x,\"", "// comment\n", "'", "(", ")", "quantile_bin(a, 10)"];

    private const string Schema = """
        { "version": "1.0", "dataFormat": "CSV", "dataFileContainsHeader": true, "targetAttributeName": "y", "rowId": "id",
          "attributes": [ { "attributeName": "id", "attributeType": "CATEGORICAL" }, { "attributeName": "a b", "attributeType": "TEXT" },
            { "attributeName": "y", "attributeType": "BINARY" } ], "excludedAttributeNames": [ "a b" ] }
        """;

    private const string Recipe = """
        { "groups": { "G": "group(a, 'b c')", "H": "group_remove(ALL_NUMERIC, n)" }, "assignments": { "x": "lowercase(no_punct(G))" },
          "outputs": [ "ngram(x, 3)", "cartesian(quantile_bin(n, 10), x)", "add(n, multiply(2, log(m)))", "H // rest", "ALL_CATEGORICAL" ] }
        """;

    [Fact]
    public void AnyBytesAreCsvRowsOrErrorsOfRows() => Bytes(Csv, "a,b,y\n1,\"x \"\"y\"\"\",0\n2,z,1\n").Sample(content =>
    {
        using var reader = new CsvReader(new MemoryStream(content), 0, 0, content.Length);
        var rows = 0;
        while (reader.Read())
            Assert.True(++rows <= content.Length, "There are more rows than bytes.");
    }, iter: 20_000);

    [Fact]
    public void AnyBytesHaveASchemaOrAreRefused() => Bytes(Csv, "id,name,y\n1,Ann,yes\n2,Bob,no\n3,Eve,yes\n").Sample(content =>
        Tried(() => SchemaInference.Infer(new MemoryStream(content)).Schema.ToJson()), iter: 5_000);

    [Fact]
    public void AnySchemaTextIsReadOrRefused() => Texts(Json, Schema).Sample(text => Tried(() =>
    {
        var json = DataSchema.Parse(text).ToJson();
        Assert.Equal(json, DataSchema.Parse(json).ToJson());
    }), iter: 20_000);

    [Fact]
    public void AnyRecipeTextIsReadOrRefused() => Texts(Json, Recipe).Sample(text => Tried(() => Learning.Recipes.Recipe.Parse(text).ToJson()), iter: 20_000);

    private static readonly Dictionary<string, string> Record = new() { ["x"] = "3", ["w"] = "w1 v" };

    [Theory]
    [InlineData("sgd")]
    [InlineData("fastTree")]
    public void AModelFileWithRightChecksumsAndAnyContentIsReadOrRefused(string algorithm)
    {
        var content = Content(algorithm);
        Gen.Select(Gen.Int[0, content.Length - 1], Gen.Byte.Array[1, 8], Gen.Int[0, 3], Gen.Int[0, content.Length]).Sample((at, bytes, kind, length) =>
        {
            byte[] changed = kind switch
            {
                0 => content[..length],
                1 => [.. content[..at], .. bytes, .. content[at..]],
                _ => [.. content[..at], .. bytes, .. content[Math.Min(content.Length, at + bytes.Length)..]],
            };
            using var file = new MemoryStream();
            using (var frames = ModelFile.Write(file))
                frames.Write(changed);
            file.Position = 0;
            Tried(() =>
            {
                // What is taken for a model must also work as one.
                var model = LearnedModel.Load(file);
                model.CreateScorer().Explain(Record);
            });
            file.Position = 0;
            Tried(() => ScoringModel.Load(file).CreateScorer().Explain(Record));
        }, iter: 3_000, threads: 1);
    }

    private static Gen<byte[]> Bytes(string[] fragments, string valid) =>
        Gen.OneOf(Texts(fragments, valid).Select(Encoding.UTF8.GetBytes), Gen.Byte.Array[0, 200]);

    private static Gen<string> Texts(string[] fragments, string valid)
    {
        var fragment = Gen.Int[0, fragments.Length - 1].Select(index => fragments[index]);
        var changed = Gen.Select(Gen.Int[0, valid.Length], Gen.Int[0, 12], fragment).Select((at, cut, put) =>
            string.Concat(valid.AsSpan(0, at), put, valid.AsSpan(Math.Min(valid.Length, at + cut))));
        return Gen.OneOf(fragment.Array[0, 40].Select(string.Concat), changed);
    }

    private static void Tried(Action read)
    {
        try
        {
            read();
        }
        catch (InvalidInputException)
        {
            // Refused, as most are.
        }
    }

    private static byte[] Content(string algorithm)
    {
        var parameters = new Dictionary<string, string> { ["algorithm"] = algorithm };
        if (algorithm != "sgd")
            (parameters["trees.number"], parameters["trees.minExamplesPerLeaf"]) = ("5", "2");
        var harness = new TrainingHarness("x:Numeric w:Text y:Categorical", "y", TrainingHarness.Csv(90, i => $"{i},w{i % 5} v,k{i % 3}"),
            """{"outputs": ["x", "w", "tfidf(lowercase(w))"]}""", parameters);
        LearnedModel model;
        if (algorithm == "sgd")
        {
            model = harness.Train();
        }
        else
        {
            var (trainer, parts) = harness.Encode(1);
            using var shard = parts[0];
            model = TreeTrainer.Train(trainer, shard, TestContext.Current.CancellationToken);
        }
        using var content = new MemoryStream();
        using var frames = ModelFile.Read(new MemoryStream(TrainingHarness.Bytes(model)));
        frames.CopyTo(content);
        return content.ToArray();
    }
}
