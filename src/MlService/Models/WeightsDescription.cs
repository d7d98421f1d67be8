using MlService.Learning.Models;
using MlService.Metadata;

namespace MlService.Models;

/// <summary>What a model learned.</summary>
/// <param name="Type"><c>BINARY</c>, <c>MULTICLASS</c> or <c>REGRESSION</c>.</param>
/// <param name="Measure">
/// <c>WEIGHT</c>: what a feature adds to the score; or <c>IMPORTANCE</c>, of trees: its part, 0 to 1, of all that splits gained.
/// </param>
/// <param name="Features">Number of features that the model has.</param>
/// <param name="Outputs">One, or one for each class.</param>
public sealed record WeightsDescription(string Type, string Measure, int Features, IReadOnlyList<OutputWeights> Outputs)
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 10_000;

    /// <summary>Reads a model's weights.</summary>
    /// <exception cref="Problems.ProblemException">A parameter is out of range.</exception>
    internal static WeightsDescription Of(LearnedModel model, int? limit, string? sort, string? @class)
    {
        if (limit is < 1 or > MaxLimit)
            throw ResourceProblems.Invalid("limit", $"limit {limit} is out of range: 1 to {MaxLimit} weights are given at a time.");
        var classes = model.Type == ModelType.Multiclass ? model.Classes : null;
        if (@class is not null && classes?.Contains(@class) != true)
            throw ResourceProblems.Invalid("class", classes is null
                ? $"class is for multiclass models; this one is {model.Type.ToText()}. Leave it out."
                : $"class '{@class.Shorten()}' is none of the model's: {string.Join(", ", classes.Take(30))}.");
        var outputs = Enumerable.Range(0, model.Outputs).Where(output => @class is null || classes![output] == @class)
            .Select(output => new OutputWeights(
                classes?[output], model.Intercept(output), Sorted(model, output, sort ?? "magnitude", limit ?? DefaultLimit)));
        return new WeightsDescription(
            model.Type.ToText(), model is LinearModel ? "WEIGHT" : "IMPORTANCE", model.FeatureCount, [.. outputs]);
    }

    private static List<FeatureWeight> Sorted(LearnedModel model, int output, string sort, int limit) => sort switch
    {
        "magnitude" => [.. model.Weights(output, limit)],
        "weight" => [.. model.Weights(output).OrderBy(weight => weight.Weight).Take(limit)],
        "-weight" => [.. model.Weights(output).OrderByDescending(weight => weight.Weight).Take(limit)],
        "name" => [.. model.Weights(output).OrderBy(weight => weight.Name, StringComparer.Ordinal).Take(limit)],
        _ => throw ResourceProblems.Invalid("sort", $"Weights cannot be sorted by '{sort.Shorten()}'. Use magnitude, weight, -weight or name."),
    };
}

/// <summary>The weights of one output.</summary>
/// <param name="Class">Class whose score this is, of a multiclass model.</param>
/// <param name="Intercept">The score without any feature.</param>
/// <param name="Weights">What features add to the score.</param>
public sealed record OutputWeights(string? Class, double Intercept, IReadOnlyList<FeatureWeight> Weights);
