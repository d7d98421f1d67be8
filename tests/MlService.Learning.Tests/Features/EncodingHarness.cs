using System.Text;
using MlService.Learning.Features;
using MlService.Learning.Recipes;
using MlService.Learning.Records;
using MlService.Learning.Schemas;
using MlService.Learning.Statistics;

namespace MlService.Learning.Tests.Features;

/// <summary>A recipe at work on rows of strings: gives the features of each row by their names for people.</summary>
internal sealed class EncodingHarness
{
    private readonly FeatureEncoder _encoder;
    private readonly FeatureVector _vector = new();

    public EncodingHarness(
        string recipe, string schema, Dictionary<string, double[]>? training = null, FeatureVocabulary? vocabulary = null,
        bool grow = true, string? inputSchema = null)
        : this(CompileFor(recipe, SchemaOf(schema), training), inputSchema is null ? null : SchemaOf(inputSchema), vocabulary, grow)
    {
    }

    public EncodingHarness(FeaturePlan plan, DataSchema? input = null, FeatureVocabulary? vocabulary = null, bool grow = true)
    {
        Plan = plan;
        Vocabulary = vocabulary ?? new FeatureVocabulary();
        _encoder = grow
            ? plan.CreateEncoder(input ?? plan.Schema, Vocabulary)
            : plan.CreateEncoder(input ?? plan.Schema, FeatureIndex.Of(Vocabulary, examples: 1));
    }

    public FeaturePlan Plan { get; }

    public FeatureVocabulary Vocabulary { get; }

    /// <summary>A schema from "name:type name:type", types by their first letter; a name in capitals is excluded, y is the target.</summary>
    public static DataSchema SchemaOf(string columns)
    {
        var attributes = columns.Split(' ').Select(column => column.Split(':')).Select(parts =>
            new SchemaAttribute(parts[0].Replace('+', ' '), parts[1] switch
            {
                "b" => AttributeType.Binary,
                "c" => AttributeType.Categorical,
                "n" => AttributeType.Numeric,
                _ => AttributeType.Text,
            })).ToArray();
        return new DataSchema(attributes, target: attributes.Any(attribute => attribute.Name == "y") ? "y" : null);
    }

    public static FeaturePlan CompileFor(string recipe, DataSchema schema, Dictionary<string, double[]>? training = null) =>
        FeaturePlan.Compile(Recipe.Parse(recipe), schema,
            attribute => NumericSummary.FromValues(training?[schema.Attributes[attribute].Name] ?? [1, 2, 3, 4]));

    public static string Outputs(params string[] outputs) =>
        $$"""{"outputs": [{{string.Join(", ", outputs.Select(output => $"\"{output}\""))}}]}""";

    /// <summary>Features of a row as "name" or, where the value is not 1, "name:value".</summary>
    public string[] Encode(params string[] fields) => Encode(fields.Select(Encoding.UTF8.GetBytes).ToArray());

    public string[] Encode(params byte[][] fields)
    {
        var bytes = fields.SelectMany(field => field).ToArray();
        var ranges = new FieldRange[fields.Length];
        for (int i = 0, start = 0; i < fields.Length; start += fields[i++].Length)
            ranges[i] = new FieldRange(start, fields[i].Length);
        _encoder.Encode(new Learning.Records.Record(bytes, ranges), _vector);
        return [.. _vector.InOrder(Vocabulary.Slot).Select(feature =>
        {
            var name = Plan.FeatureName(Vocabulary.Slot(feature.Id), Vocabulary.Token(feature.Id));
            return feature.Value == 1 || float.IsNaN(feature.Value) ? name : FormattableString.Invariant($"{name}:{feature.Value}");
        })];
    }

    /// <summary>Bytes that this thread allocates while it encodes a row <paramref name="times"/> times.</summary>
    public long AllocatedBy(int times, params string[] fields)
    {
        var bytes = Encoding.UTF8.GetBytes(string.Concat(fields));
        var ranges = new FieldRange[fields.Length];
        for (int i = 0, start = 0; i < fields.Length; i++)
        {
            ranges[i] = new FieldRange(start, Encoding.UTF8.GetByteCount(fields[i]));
            start += ranges[i].Length;
        }
        return Allocation.Least(() =>
        {
            for (var i = 0; i < times; i++)
                _encoder.Encode(new Learning.Records.Record(bytes, ranges), _vector);
        });
    }
}
