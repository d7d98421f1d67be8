using MlService.Learning.Recipes;
using MlService.Learning.Schemas;

namespace MlService.Learning.Features;

/// <summary>
/// Turns a bound recipe into steps and slots. A step stands for one variable, so that what several outputs use is computed
/// once per record; attributes that are outputs as they are need no step.
/// </summary>
internal sealed class PlanBuilder
{
    private readonly PlanFit _fit;
    private readonly List<PlanStep> _steps = [];
    private readonly Dictionary<BoundExpression, int> _values = [];
    private readonly Dictionary<BoundExpression, int> _tokens = [];
    private readonly Dictionary<int, int> _copies = [];

    private PlanBuilder(PlanFit fit) => _fit = fit;

    public static (PlanStep[] Steps, PlanSlot[] Slots) Build(BoundRecipe recipe, PlanFit fit)
    {
        var builder = new PlanBuilder(fit);
        var variables = recipe.Reachable();
        foreach (var variable in variables)
            builder.AddValue(variable);
        var used = variables.SelectMany(expression => expression.Arguments).ToHashSet();
        var slots = recipe.Outputs.Select(output => builder.Slot(output, recipe, used)).ToArray();
        return ([.. builder._steps], slots);
    }

    private PlanSlot Slot(BoundExpression output, BoundRecipe recipe, HashSet<BoundExpression> used)
    {
        var name = output.Name;
        switch (output.Type, output.Function)
        {
            case (AttributeType.Numeric, _):
                return new PlanSlot(PlanSlotKind.Value, name, -1, _values[output]);
            case (_, RecipeFunction.QuantileBin):
                var source = output.Arguments[0];
                var isOnlyOne = recipe.Outputs.Count(other =>
                    other.Function == RecipeFunction.QuantileBin && other.Arguments[0] == source) == 1;
                return new PlanSlot(PlanSlotKind.Bin, isOnlyOne ? source.Name : name, -1, _values[output]);
            case (AttributeType.Binary, RecipeFunction.IsMissing):
                return new PlanSlot(PlanSlotKind.Flag, name, -1, _values[output]);
            case (AttributeType.Binary, _):
                return new PlanSlot(PlanSlotKind.Binary, name, output.Attribute, -1);
            case (AttributeType.Categorical, null):
                return new PlanSlot(PlanSlotKind.Category, name, output.Attribute, -1);
            case (AttributeType.Text, null) when !used.Contains(output):
                return new PlanSlot(PlanSlotKind.Words, name, output.Attribute, -1);
            case (_, RecipeFunction.TfIdf):
                return new PlanSlot(PlanSlotKind.WeightedTokens, name, -1, Tokens(output.Arguments[0]));
            default:
                return new PlanSlot(PlanSlotKind.Tokens, name, -1, Tokens(output));
        }
    }

    /// <summary>Adds the step of a number, a bin or a flag.</summary>
    private void AddValue(BoundExpression expression)
    {
        if (expression.Constant is { } constant)
            _values.Add(expression, Add(new PlanStep(PlanStepKind.Constant, -1, []) { Constant = constant }));
        else if (expression.Function is not { } function)
        {
            if (expression.Type == AttributeType.Numeric)
                _values.Add(expression, Add(new PlanStep(PlanStepKind.Number, expression.Attribute, [])));
        }
        else if (ValueOf(expression, function, expression.Arguments[0]) is { } step)
            _values.Add(expression, Add(step));
    }

    private PlanStep? ValueOf(BoundExpression expression, RecipeFunction function, BoundExpression source)
    {
        switch (function)
        {
            case RecipeFunction.Normalize:
                var (mean, deviation) = _fit.Moments(source);
                return new PlanStep(PlanStepKind.Normalize, -1, [_values[source]]) { Mean = mean, StandardDeviation = deviation };
            case RecipeFunction.QuantileBin:
                var boundaries = _fit.Boundaries(source, expression.Parameter);
                return new PlanStep(PlanStepKind.Bin, -1, [_values[source]])
                {
                    Boundaries = boundaries,
                };
            case RecipeFunction.Fill when expression.Fill != FillValue.Constant:
                var learned = Add(new PlanStep(PlanStepKind.Constant, -1, []) { Constant = _fit.FillOf(expression), IsLearned = true });
                return new PlanStep(PlanStepKind.Compute, -1, [_values[source], learned]) { Function = function };
            case >= RecipeFunction.Add and <= RecipeFunction.Fill:
                return new PlanStep(PlanStepKind.Compute, -1, [.. expression.Arguments.Select(argument => _values[argument])]) { Function = function };
            case RecipeFunction.IsMissing when source.Type == AttributeType.Numeric:
                return new PlanStep(PlanStepKind.IsMissing, -1, [_values[source]]);
            case RecipeFunction.IsMissing:
                return new PlanStep(PlanStepKind.HasNoToken, -1, [Tokens(source)]);
            case RecipeFunction.Days:
                return new PlanStep(PlanStepKind.Days, source.Attribute, []);
            case RecipeFunction.Sin or RecipeFunction.Cos:
                return new PlanStep(function == RecipeFunction.Sin ? PlanStepKind.Sin : PlanStepKind.Cos, source.Arguments[0].Attribute, [])
                {
                    Function = source.Function!.Value,
                };
            default:
                return null;
        }
    }

    /// <summary>The step with the tokens of a variable.</summary>
    private int Tokens(BoundExpression expression)
    {
        if (_tokens.TryGetValue(expression, out var step))
            return step;
        step = Add(expression.Function switch
        {
            null => new PlanStep(AttributeTokens(expression.Type), expression.Attribute, []),
            RecipeFunction.QuantileBin => new PlanStep(PlanStepKind.BinToken, -1, [_values[expression]]),
            RecipeFunction.IsMissing => new PlanStep(PlanStepKind.FlagToken, -1, [_values[expression]]),
            RecipeFunction.Words => new PlanStep(PlanStepKind.LetterRuns, -1, [Tokens(expression.Arguments[0])]),
            RecipeFunction.Hash => new PlanStep(PlanStepKind.Hash, -1, [Tokens(expression.Arguments[0])], expression.Parameter),
            >= RecipeFunction.Year and <= RecipeFunction.Hour =>
                new PlanStep(PlanStepKind.DatePart, expression.Arguments[0].Attribute, []) { Function = expression.Function.Value },
            RecipeFunction.Lowercase => new PlanStep(PlanStepKind.Lowercase, -1, [Tokens(expression.Arguments[0])]),
            RecipeFunction.NoPunct => new PlanStep(PlanStepKind.NoPunct, -1, [Tokens(expression.Arguments[0])]),
            RecipeFunction.Ngram => new PlanStep(PlanStepKind.Ngram, -1, [SideBySide(expression.Arguments[0])],
                expression.Parameter),
            RecipeFunction.Osb => new PlanStep(PlanStepKind.Osb, -1, [Tokens(expression.Arguments[0])], expression.Parameter),
            RecipeFunction.Cartesian => new PlanStep(PlanStepKind.Product, -1, [.. expression.Arguments.Select(Tokens)]),
            _ => throw new InvalidOperationException($"{expression.Function} has no tokens."),
        });
        _tokens.Add(expression, step);
        return step;
    }

    private int SideBySide(BoundExpression text)
    {
        var source = Tokens(text);
        if (_steps[source].Kind != PlanStepKind.Ngram)
            return source;
        if (!_copies.TryGetValue(source, out var copy))
            _copies.Add(source, copy = Add(new PlanStep(PlanStepKind.Copy, -1, [source])));
        return copy;
    }

    private int Add(PlanStep step)
    {
        _steps.Add(step);
        return _steps.Count - 1;
    }

    private static PlanStepKind AttributeTokens(AttributeType type) => type switch
    {
        AttributeType.Text => PlanStepKind.Words,
        AttributeType.Binary => PlanStepKind.BinaryToken,
        _ => PlanStepKind.CategoryToken,
    };
}
