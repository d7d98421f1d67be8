using System.Text;
using MlService.Learning.Features;
using MlService.Learning.Models;
using MlService.Learning.Schemas;
using MlService.Learning.Statistics;

namespace MlService.Learning.Training;

/// <summary>
/// Turns the text of a target into a label: 0 or 1 for BINARY, the index of the class for MULTICLASS, the number for REGRESSION.
/// Immutable, shared by threads.
/// </summary>
public sealed class TargetEncoder
{
    /// <summary>Most classes of a CATEGORICAL target.</summary>
    public const int MaxClasses = 100;

    private readonly FeatureVocabulary _classes = new();

    private TargetEncoder(ModelType type, string name, IReadOnlyList<string> classes)
    {
        Type = type;
        Name = name;
        Classes = classes;
        foreach (var text in classes)
            _classes.GetOrAdd(0, Encoding.UTF8.GetBytes(text));
    }

    /// <summary>The type of model that the target leads to.</summary>
    public ModelType Type { get; }

    /// <summary>Name of the target attribute.</summary>
    public string Name { get; }

    /// <summary>Classes by falling frequency, equal ones by their bytes: MULTICLASS only, else empty.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>Number of scores that a model for this target computes.</summary>
    public int Outputs => Type == ModelType.Multiclass ? Classes.Count : 1;

    /// <summary>Prepares the target of a schema.</summary>
    /// <param name="schema">The schema of the training data.</param>
    /// <param name="classes">Values of a CATEGORICAL target with their counts, from the training data's statistics.</param>
    /// <exception cref="InvalidInputException">No target, a TEXT target, one class only, or more than <see cref="MaxClasses"/>.</exception>
    public static TargetEncoder For(DataSchema schema, IReadOnlyList<ValueCount> classes)
    {
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(classes);
        if (schema.Target is not { } name)
            throw new InvalidInputException("The schema has no targetAttributeName. Name the attribute that the model shall predict.");
        var type = ModelTypes.Of(schema.Attributes[schema.TargetIndex].Type);
        if (type != ModelType.Multiclass)
            return new(type, name, []);
        var values = classes.Where(item => item is { Count: > 0, Value.Length: > 0 }).ToList();
        if (values.Count > MaxClasses)
            throw new InvalidInputException($"The target \"{name}\" has more than {MaxClasses} classes. Group rare ones together, or "
                + "declare it NUMERIC if its values are quantities.");
        if (values.Count < 2)
            throw OneClass(name, values.Count);
        return Create(type, name,
            [.. values.OrderByDescending(item => item.Count).ThenBy(item => item.Value, Utf8Order.Instance).Select(item => item.Value)]);
    }

    /// <summary>Reads the text of a target.</summary>
    /// <returns>False where it is missing or invalid: then the row cannot be used.</returns>
    public bool TryEncode(ReadOnlySpan<byte> text, out float label)
    {
        switch (Type)
        {
            case ModelType.Binary:
                var isBinary = FieldValue.TryParseBinary(text, out var isTrue);
                label = isTrue ? 1 : 0;
                return isBinary;
            case ModelType.Multiclass:
                var index = text.IsEmpty ? -1 : _classes.Find(0, text);
                label = index;
                return index >= 0;
            default:
                var isNumber = FieldValue.TryParseNumber(text, out var number);
                label = (float)number;
                return isNumber && float.IsFinite(label);
        }
    }

    /// <summary>The error of a target that leaves nothing to learn.</summary>
    internal static InvalidInputException OneClass(string name, int classes) => new(
        classes == 0
            ? $"No row has a valid value of the target \"{name}\". Check its type in the schema, and that the data has that column."
            : $"All rows have the same value of the target \"{name}\": there is nothing to tell apart. Train on data with both, or "
                + "choose a random split if the data is sorted.");

    internal static TargetEncoder Create(ModelType type, string name, IReadOnlyList<string> classes) => new(type, name, classes);

    private sealed class Utf8Order : IComparer<string>
    {
        public static readonly Utf8Order Instance = new();

        public int Compare(string? x, string? y) =>
            Encoding.UTF8.GetBytes(x!).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(y!));
    }
}
