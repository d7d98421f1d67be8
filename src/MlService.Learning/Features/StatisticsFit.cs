using MlService.Learning.Recipes;
using MlService.Learning.Statistics;

namespace MlService.Learning.Features;

/// <summary>
/// Learned from statistics: of an attribute from all rows, of what is computed from several from the sample of rows, on
/// which it is computed anew.
/// </summary>
/// <param name="summaries">Summary of a NUMERIC attribute, by its index.</param>
/// <param name="sample">The sampled rows.</param>
internal sealed class StatisticsFit(Func<int, NumericSummary> summaries, SampledColumns? sample) : PlanFit
{
    private readonly Dictionary<BoundExpression, NumericSummary> _computed = [];

    /// <summary>A normalized number has mean 0 and deviation 1, or is constant.</summary>
    public override (double Mean, double StandardDeviation) Moments(BoundExpression number)
    {
        if (number.Function == RecipeFunction.Normalize)
            return (0, Moments(number.Arguments[0]).StandardDeviation > 0 ? 1 : 0);
        var summary = Summary(number);
        return (summary.Mean, summary.StandardDeviation);
    }

    /// <summary>Normalizing keeps the order, so its cut points are those of its argument, normalized.</summary>
    public override double[] Boundaries(BoundExpression number, int bins)
    {
        if (number.Function != RecipeFunction.Normalize)
            return Summary(number).Boundaries(bins);
        var (mean, deviation) = Moments(number.Arguments[0]);
        return [.. Boundaries(number.Arguments[0], bins).Select(cut => PlanStep.Normalize(cut, mean, deviation)).Distinct()];
    }

    public override double FillOf(BoundExpression fill)
    {
        var summary = Summary(fill.Arguments[0]);
        return fill.Fill == FillValue.Mean ? summary.Mean : summary.Quantile(0.5);
    }

    private NumericSummary Summary(BoundExpression number)
    {
        if (number.Attribute >= 0)
            return summaries(number.Attribute);
        if (_computed.TryGetValue(number, out var summary))
            return summary;
        if (sample is null)
            throw new InvalidOperationException($"{number.Name} is computed, and there are no rows to compute it on.");
        var evaluate = Evaluator(number);
        double[] values = [.. Enumerable.Range(0, sample.Count).Select(evaluate)];
        summary = NumericSummary.FromValues([.. values.Where(value => !double.IsNaN(value))], values.Count(double.IsNaN));
        _computed.Add(number, summary);
        return summary;
    }

    /// <summary>What computes a number of a sampled row.</summary>
    private Func<int, double> Evaluator(BoundExpression number)
    {
        if (number.Constant is { } constant)
            return _ => constant;
        if (number.Function is not { } function)
            return row => BitConverter.UInt64BitsToDouble(sample!.Column(number.Attribute)[row]);
        var arguments = number.Arguments.Select(Evaluator).ToList();
        if (function == RecipeFunction.Normalize)
        {
            var (mean, deviation) = Moments(number.Arguments[0]);
            return row => PlanStep.Normalize(arguments[0](row), mean, deviation);
        }
        if (number.Fill != FillValue.Constant)
        {
            var filled = FillOf(number);
            arguments.Add(_ => filled);
        }
        return row => Arithmetic.Compute(function, arguments[0](row), arguments.Count > 1 ? arguments[1](row) : 0, arguments.Count > 2 ? arguments[2](row) : 0);
    }
}
