using System.Globalization;
using System.Text;
using MlService.Learning.Schemas;

namespace MlService.Learning.Recipes;

/// <summary>
/// One variable of a bound recipe: an input attribute, or a transformation of others. Groups are gone, every type is known,
/// and equal variables are one object.
/// </summary>
internal sealed class BoundExpression
{
    private string? _name;

    internal BoundExpression(int index, SchemaAttribute attribute, int attributeIndex)
    {
        Index = index;
        Type = attribute.Type;
        Attribute = attributeIndex;
        _name = VariableName.Quote(attribute.Name);
        NameLength = _name.Length;
    }

    internal BoundExpression(int index, double constant)
    {
        Index = index;
        Type = AttributeType.Numeric;
        Attribute = -1;
        Constant = constant;
        _name = constant.ToString("R", CultureInfo.InvariantCulture);
        NameLength = _name.Length;
    }

    internal BoundExpression(int index, RecipeFunction function, int parameter, IReadOnlyList<BoundExpression> arguments, FillValue fill)
    {
        Index = index;
        Function = function;
        Type = FunctionSignature.Of(function).Gives;
        Attribute = -1;
        Parameter = parameter;
        Fill = fill;
        Arguments = arguments;
        Depth = 1 + arguments.Max(argument => argument.Depth);
        NameLength = 16 + arguments.Sum(argument => argument.NameLength + 5);
    }

    /// <summary>The transformation; null for an attribute and a number.</summary>
    public RecipeFunction? Function { get; }

    /// <summary>Type of its values. A product is CATEGORICAL, with any number of tokens in a record.</summary>
    public AttributeType Type { get; }

    /// <summary>Index of the attribute in the schema; -1 for a transformation and a number.</summary>
    public int Attribute { get; }

    /// <summary>The number that is written in the recipe; null for attributes and transformations.</summary>
    public double? Constant { get; }

    /// <summary>The n of <c>ngram</c>, <c>osb</c> and <c>quantile_bin</c>, the bits of <c>hash</c>; otherwise 0.</summary>
    public int Parameter { get; }

    /// <summary>What is transformed; empty for an attribute and a number.</summary>
    public IReadOnlyList<BoundExpression> Arguments { get; } = [];

    /// <summary>Name for people, in the order in which things are done: <c>title~lowercase~ngram(2)</c>, <c>product x plan</c>.
    /// Different variables have different names.</summary>
    public string Name => _name ??= VariableName.Of(this);

    /// <summary>What <c>fill</c> learns from the training data, if its argument is no number.</summary>
    internal FillValue Fill { get; }

    /// <summary>Whether it is made of dates, of which the statistics hold no numbers.</summary>
    internal bool IsOfDates => Function is RecipeFunction.Days or RecipeFunction.Sin or RecipeFunction.Cos
        || Arguments.Any(argument => argument.IsOfDates);

    /// <summary>Place among the distinct variables of the recipe; arguments come before what uses them.</summary>
    internal int Index { get; }

    /// <summary>Number of transformations on top of each other.</summary>
    internal int Depth { get; }

    /// <summary>Upper bound of the length of <see cref="Name"/>, known without making it.</summary>
    internal int NameLength { get; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>What a missing number is replaced by.</summary>
internal enum FillValue
{
    /// <summary>A number of the recipe, or nothing is filled.</summary>
    Constant,

    /// <summary>The mean of the training data.</summary>
    Mean,

    /// <summary>The median of the training data.</summary>
    Median,
}

/// <summary>Names of variables for people.</summary>
internal static class VariableName
{
    /// <summary>The name of an attribute, in quotes where it could be taken for something else.</summary>
    public static string Quote(string attribute) =>
        attribute.All(c => char.IsLetterOrDigit(c) || c is '_' or '-' or '.' or '/')
        && !double.TryParse(attribute, NumberStyles.Float, CultureInfo.InvariantCulture, out _)
            ? attribute
            : $"'{attribute.Replace("'", "''", StringComparison.Ordinal)}'";

    public static string Of(BoundExpression expression)
    {
        var text = new StringBuilder();
        Append(text, expression);
        return text.ToString();
    }

    private static void Append(StringBuilder text, BoundExpression expression)
    {
        if (expression.Function is not { } function)
        {
            text.Append(expression.Name);
            return;
        }
        if (function == RecipeFunction.Cartesian)
        {
            for (var i = 0; i < expression.Arguments.Count; i++)
            {
                if (i > 0)
                    text.Append(" x ");
                var isProduct = expression.Arguments[i].Function == RecipeFunction.Cartesian;
                text.Append(isProduct ? "(" : "");
                Append(text, expression.Arguments[i]);
                text.Append(isProduct ? ")" : "");
            }
            return;
        }
        var name = FunctionSignature.Of(function).Name;
        if (function is >= RecipeFunction.Add and <= RecipeFunction.Divide)
        {
            text.Append(name).Append('(');
            Append(text, expression.Arguments[0]);
            text.Append(", ");
            Append(text, expression.Arguments[1]);
            text.Append(')');
            return;
        }
        Append(text, expression.Arguments[0]);
        text.Append('~').Append(name);
        if (expression.Parameter > 0)
            text.Append(CultureInfo.InvariantCulture, $"({expression.Parameter})");
        else if (expression.Fill != FillValue.Constant)
            text.Append(expression.Fill == FillValue.Mean ? "(mean)" : "(median)");
        else if (expression.Arguments.Count > 1)
            text.Append('(').AppendJoin(", ", expression.Arguments.Skip(1).Select(argument => argument.Name)).Append(')');
    }
}
