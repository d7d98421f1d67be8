using MlService.Learning.Schemas;

namespace MlService.Learning.Recipes;

/// <summary>A recipe bound to a schema: the variables that reach the learner, without groups and without duplicates.</summary>
internal sealed class BoundRecipe
{
    /// <summary>Greatest number of output variables.</summary>
    public const int MaxOutputs = 10_000;

    internal BoundRecipe(Recipe recipe, DataSchema schema, IReadOnlyList<BoundExpression> outputs)
    {
        Recipe = recipe;
        Schema = schema;
        Outputs = outputs;
    }

    /// <summary>The recipe.</summary>
    public Recipe Recipe { get; }

    /// <summary>The schema.</summary>
    public DataSchema Schema { get; }

    /// <summary>The output variables in the order of the recipe; 1 to <see cref="MaxOutputs"/>, all different.</summary>
    public IReadOnlyList<BoundExpression> Outputs { get; }

    /// <summary>The variables that the outputs are made of, themselves included; arguments before what uses them.</summary>
    internal IReadOnlyList<BoundExpression> Reachable()
    {
        var found = new SortedDictionary<int, BoundExpression>();
        var open = new Stack<BoundExpression>(Outputs);
        while (open.TryPop(out var expression))
        {
            if (!found.TryAdd(expression.Index, expression))
                continue;
            foreach (var argument in expression.Arguments)
                open.Push(argument);
        }
        return [.. found.Values];
    }
}
