using System.Globalization;
using System.Text.Json;
using MlService.Learning.Models;

namespace MlService.Learning.Training;

/// <summary>
/// How much the examples of each class count: <c>none</c> (all alike), <c>balanced</c> (each class as much as any other, whatever their
/// numbers), or a JSON object of weights by class, <c>{"1": 10}</c>, in which classes that are left out have 1.
/// </summary>
/// <remarks>
/// Balanced, a class of total row weight V_k of K classes and V in all has V/(K·V_k): G. King, L. Zeng, "Logistic Regression in Rare Events
/// Data", 2001, weigh so. Weights move the scores: those of a binary model are no longer the shares that occur.
/// </remarks>
public sealed record ClassWeights
{
    private const string Forms = "none, balanced, or a JSON object that gives each class once a number above 0, such as {\"1\": 10}";

    private readonly SortedDictionary<string, double> _weights = new(StringComparer.Ordinal);
    private readonly bool _isBalanced;

    private ClassWeights(bool isBalanced) => _isBalanced = isBalanced;

    /// <summary>All classes count alike.</summary>
    public static ClassWeights None { get; } = new(isBalanced: false);

    /// <summary>Each class counts as much as any other.</summary>
    public static ClassWeights Balanced { get; } = new(isBalanced: true);

    /// <summary>Reads the text form.</summary>
    /// <param name="key">The parameter, for messages.</param>
    /// <param name="text">The text.</param>
    /// <exception cref="InvalidInputException">The text is none of the forms.</exception>
    internal static ClassWeights Parse(string key, string text)
    {
        if (text is "none" or "balanced")
            return text == "none" ? None : Balanced;
        var weights = new ClassWeights(isBalanced: false);
        try
        {
            using var json = JsonDocument.Parse(text);
            foreach (var pair in json.RootElement.EnumerateObject())
                if (!((float)pair.Value.GetDouble() is > 0 and < float.PositiveInfinity) || !weights._weights.TryAdd(pair.Name, pair.Value.GetDouble()))
                    throw Invalid(null);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            throw Invalid(exception);
        }
        return weights._weights.Count == 0 ? None : weights;

        InvalidInputException Invalid(Exception? cause) => new($"{key} is \"{(text.Length <= 40 ? text : text[..40] + "…")}\"; it must be {Forms}.", cause);
    }

    /// <summary>What the row weights are to be multiplied by.</summary>
    /// <param name="target">The target, whose classes are meant.</param>
    /// <param name="labelWeights">Sums of the row weights by class; one sum in a regression.</param>
    /// <param name="examples">Number of examples.</param>
    /// <returns>A factor for each class, or the only one, with which the examples' weights are 1 on average.</returns>
    /// <exception cref="InvalidInputException">There are no such classes, or all rows have the weight 0.</exception>
    internal float[] Factors(TargetEncoder target, double[] labelWeights, long examples)
    {
        Check(target);
        var present = labelWeights.Count(sum => sum > 0);
        if (present == 0)
            throw new InvalidInputException("All rows have the weight 0: there is nothing to learn from. Look at the attribute that is the schema's rowWeight.");
        var sum = labelWeights.Sum();
        var factors = new double[labelWeights.Length];
        for (var label = 0; label < factors.Length; label++)
            factors[label] = _isBalanced
                ? labelWeights[label] > 0 ? sum / (present * labelWeights[label]) : 1
                : _weights.GetValueOrDefault(NameOf(target, label), 1);
        var total = factors.Select((factor, label) => factor * labelWeights[label]).Sum();
        return [.. factors.Select(factor => (float)(factor * examples / total))];
    }

    /// <summary>Refuses weights that the target has no classes for.</summary>
    internal void Check(TargetEncoder target)
    {
        if (target.Type == ModelType.Regression && this != None)
            throw new InvalidInputException(
                $"{TrainingParameters.ClassWeightsKey} is {this}, and the target \"{target.Name}\" is NUMERIC: it has no classes. Leave the parameter out, "
                + "or weigh rows by the schema's rowWeight.");
        IReadOnlyList<string> known = target.Type == ModelType.Binary ? ["0", "1"] : target.Classes;
        if (_weights.Keys.FirstOrDefault(name => !known.Contains(name)) is { } unknown)
            throw new InvalidInputException(
                $"{TrainingParameters.ClassWeightsKey}: the target \"{target.Name}\" has no class \"{unknown}\". Its classes are {string.Join(", ", known.Take(20))}.");
    }

    /// <summary>The text form.</summary>
    public override string ToString() => _weights.Count > 0
        ? "{" + string.Join(", ", _weights.Select(pair => $"{JsonSerializer.Serialize(pair.Key)}: {pair.Value.ToString("R", CultureInfo.InvariantCulture)}")) + "}"
        : _isBalanced ? "balanced" : "none";

    /// <inheritdoc/>
    public bool Equals(ClassWeights? other) => other is not null && ToString() == other.ToString();

    /// <inheritdoc/>
    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    private static string NameOf(TargetEncoder target, int label) =>
        target.Type == ModelType.Multiclass ? target.Classes[label] : label.ToString(CultureInfo.InvariantCulture);
}
