using System.Buffers;
using System.Globalization;
using System.Text;
using MlService.Learning.Recipes;
using MlService.Learning.Records;
using MlService.Learning.Schemas;
using MlService.Learning.Statistics;

namespace MlService.Learning.Features;

/// <summary>
/// A recipe bound to the schema of the training data and fitted on its statistics, as a flat list of steps. Immutable, shared
/// by threads; each thread encodes records with a <see cref="FeatureEncoder"/> of its own.
/// </summary>
/// <remarks>
/// What an output becomes, with its tokens in the vocabulary and the names for people:
/// <list type="table">
/// <item><term>NUMERIC</term><description>its value (token <c>""</c>; <c>age</c>), or 1 for missing or invalid (token
/// <c>missing</c>; <c>age is missing</c>)</description></item>
/// <item><term>BINARY</term><description>1 for true (token <c>""</c>; <c>housing</c>), nothing for false, 1 for missing or
/// invalid</description></item>
/// <item><term>CATEGORICAL</term><description>1 for the value (<c>job=student</c>), the empty one included</description></item>
/// <item><term>TEXT</term><description>1 for each distinct word (<c>title~ngram(2)=great deal</c>)</description></item>
/// <item><term><c>quantile_bin</c></term><description>1 for the bin (token <c>[20.5, 31)</c>; <c>age in [20.5, 31)</c>), or for
/// missing or invalid</description></item>
/// <item><term><c>is_missing</c></term><description>1 where it is, nothing where not (token <c>""</c>; <c>age~is_missing</c>)</description></item>
/// <item><term><c>cartesian</c></term><description>1 for each distinct combination (<c>product x plan=car_gold</c>)</description></item>
/// </list>
/// A record has at most 1,048,576 tokens of 64 MiB in sum over all expressions; those beyond, in the order of the recipe, are
/// left out, in training and prediction alike.
/// </remarks>
public sealed partial class FeaturePlan
{
    /// <summary>The token of the indicator that a number, a binary value or a bin is missing.</summary>
    internal static ReadOnlySpan<byte> Missing => "missing"u8;

    private readonly BoundRecipe _bound;

    private FeaturePlan(BoundRecipe bound, PlanFit fit)
    {
        _bound = bound;
        (Steps, Slots) = PlanBuilder.Build(bound, fit);
    }

    /// <summary>The schema of the training data.</summary>
    public DataSchema Schema => _bound.Schema;

    /// <summary>The recipe.</summary>
    public Recipe Recipe => _bound.Recipe;

    /// <summary>Number of slots, one per output variable.</summary>
    public int SlotCount => Slots.Length;

    internal PlanStep[] Steps { get; }

    internal PlanSlot[] Slots { get; }

    /// <summary>Binds and fits a recipe.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="schema">The schema of the training data.</param>
    /// <param name="statistics">The training data's statistics, from which bins, means and medians come.</param>
    /// <exception cref="InvalidInputException">The recipe does not fit the schema; the message names the place.</exception>
    public static FeaturePlan Compile(Recipe recipe, DataSchema schema, DataStatistics statistics)
    {
        ArgumentNullException.ThrowIfNull(statistics);
        return new FeaturePlan(RecipeBinder.Bind(recipe, schema), new StatisticsFit(statistics.Numeric, statistics.Sample));
    }

    /// <summary>Binds a recipe and fits it on the summaries of attributes alone.</summary>
    internal static FeaturePlan Compile(Recipe recipe, DataSchema schema, Func<int, NumericSummary> fit) =>
        new(RecipeBinder.Bind(recipe, schema), new StatisticsFit(fit, sample: null));

    /// <summary>Whether an output weighs its tokens by how rare they are.</summary>
    internal bool WeighsTokens => Slots.Any(slot => slot.Kind == PlanSlotKind.WeightedTokens);

    /// <summary>Creates an encoder for one thread that gives unknown features an id and counts occurrences, as in training.</summary>
    /// <param name="input">Schema of the records to encode. Columns are matched by attribute name, and the types of the training
    /// data rule; an attribute that is not there is an empty field.</param>
    /// <param name="vocabulary">Where features have their ids.</param>
    internal FeatureEncoder CreateEncoder(DataSchema input, FeatureVocabulary vocabulary)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        return new SlotEncoder<GrowingFeatures, GrowingFeatures.Token>(this, Columns(input), input.Attributes.Count, new(vocabulary));
    }

    /// <summary>Creates an encoder for one thread that leaves out unknown features, as in scoring.</summary>
    /// <param name="input">As for an encoder that grows.</param>
    /// <param name="index">Where features have their ids.</param>
    internal FeatureEncoder CreateEncoder(DataSchema input, FeatureIndex index)
    {
        ArgumentNullException.ThrowIfNull(index);
        return new SlotEncoder<KnownFeatures, ulong>(this, Columns(input), input.Attributes.Count, new(index));
    }

    /// <summary>All features of one record, known to a model or not, in the order of the recipe's outputs.</summary>
    /// <param name="input">As for an encoder.</param>
    /// <param name="record">The record.</param>
    internal IReadOnlyList<NamedFeature> NamedFeatures(DataSchema input, in Record record)
    {
        var seen = new FeatureVocabulary();
        var features = new FeatureVector();
        CreateEncoder(input, seen).Encode(record, features);
        return [.. features.InOrder(seen.Slot).Select(feature => new NamedFeature(
            seen.Slot(feature.Id), seen.Token(feature.Id).ToArray(), FeatureName(seen.Slot(feature.Id), seen.Token(feature.Id)),
            float.IsNaN(feature.Value) ? 1 : feature.Value))];
    }

    /// <summary>The name of an output variable for people, for example <c>title~ngram(2)</c>.</summary>
    public string SlotName(int slot) => Slots[slot].Name;

    /// <summary>Whether a slot's value feature (token <c>""</c>) carries a number; all other features are 1 where they are
    /// active.</summary>
    public bool IsNumeric(int slot) => Slots[slot].Kind == PlanSlotKind.Value;

    /// <summary>The name of a feature for people; different features have different names. Bytes that are no UTF-8 are shown as
    /// U+FFFD and two hexadecimal digits.</summary>
    /// <param name="slot">Slot of the feature, from 0.</param>
    /// <param name="token">Its token in the vocabulary.</param>
    public string FeatureName(int slot, ReadOnlySpan<byte> token)
    {
        var (kind, name, _, _) = Slots[slot];
        return kind switch
        {
            PlanSlotKind.Category or PlanSlotKind.Words or PlanSlotKind.Tokens or PlanSlotKind.WeightedTokens => $"{name}={Text(token)}",
            _ when token.SequenceEqual(Missing) => $"{name} is missing",
            PlanSlotKind.Bin => $"{name} in {Text(token)}",
            _ => name,
        };
    }

    private int[] Columns(DataSchema input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return [.. Schema.Attributes.Select(attribute => input.IndexOf(attribute.Name))];
    }

    private static string Text(ReadOnlySpan<byte> token)
    {
        var text = new StringBuilder();
        while (!token.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(token, out var rune, out var length) == OperationStatus.Done)
                text.Append(rune.ToString());
            else
                foreach (var value in token[..length])
                    text.Append('\uFFFD').Append(value.ToString("X2", CultureInfo.InvariantCulture));
            token = token[length..];
        }
        return text.ToString();
    }
}
