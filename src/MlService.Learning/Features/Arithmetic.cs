using MlService.Learning.Recipes;

namespace MlService.Learning.Features;

/// <summary>The functions of numbers. NaN stands for a missing one; what has no finite result is missing.</summary>
internal static class Arithmetic
{
    /// <summary>Computes one value.</summary>
    /// <param name="function">The function.</param>
    /// <param name="x">Its first argument.</param>
    /// <param name="a">Its second: the other operand, the lower bound, or what fills.</param>
    /// <param name="b">Its third: the upper bound.</param>
    public static double Compute(RecipeFunction function, double x, double a, double b)
    {
        var result = function switch
        {
            RecipeFunction.Add => x + a,
            RecipeFunction.Subtract => x - a,
            RecipeFunction.Multiply => x * a,
            RecipeFunction.Divide => x / a,
            RecipeFunction.Log => Math.Log(x),
            RecipeFunction.Clip => x < a ? a : x > b ? b : x,
            RecipeFunction.Fill => double.IsNaN(x) ? a : x,
            _ => throw new ArgumentOutOfRangeException(nameof(function), function, "No arithmetic."),
        };
        return double.IsFinite(result) ? result : double.NaN;
    }
}
