using System.Buffers;
using System.Globalization;
using System.Text;

namespace MlService.Learning.Recipes;

/// <summary>A node of a recipe's syntax tree. <see cref="object.ToString"/> writes it as recipe text.</summary>
/// <param name="Column">Where it begins in its expression, in UTF-16 characters, from 1.</param>
internal abstract record RecipeExpression(int Column)
{
    /// <summary>Deepest nesting of calls, in an expression and over all assignments together.</summary>
    public const int MaxDepth = 64;

    /// <summary>The expression as recipe text.</summary>
    public sealed override string ToString()
    {
        var text = new StringBuilder();
        Write(text);
        return text.ToString();
    }

    internal abstract void Write(StringBuilder text);
}

/// <summary>The name of a variable, a group or an assignment.</summary>
/// <param name="Name">The name without quotes.</param>
/// <param name="Column">Where it begins in its expression, from 1.</param>
internal sealed record NameExpression(string Name, int Column) : RecipeExpression(Column)
{
    /// <summary>Characters that a name without quotes cannot hold.</summary>
    internal static readonly SearchValues<char> Special = SearchValues.Create(",'\"\t\r\n()\\");

    internal static bool NeedsQuotes(string name) =>
        name.Length == 0 || !char.IsLetter(name[0]) || name.AsSpan().ContainsAny(Special)
        || name.Contains("//", StringComparison.Ordinal) || name.Trim() != name;

    internal override void Write(StringBuilder text)
    {
        if (!NeedsQuotes(Name))
        {
            text.Append(Name);
            return;
        }
        var quote = Name.Contains('\'', StringComparison.Ordinal) ? '"' : '\'';
        text.Append(quote).Append(Name).Append(quote);
    }
}

/// <summary>A number that is an argument of arithmetic.</summary>
/// <param name="Value">The number, finite.</param>
/// <param name="Column">Where it begins in its expression, from 1.</param>
internal sealed record NumberExpression(double Value, int Column) : RecipeExpression(Column)
{
    internal override void Write(StringBuilder text) => text.Append(Value.ToString("R", CultureInfo.InvariantCulture));
}

/// <summary>A call of a function.</summary>
/// <param name="Function">The function.</param>
/// <param name="Arguments">Its variables and groups.</param>
/// <param name="Parameter">Its n, for the functions that have one.</param>
/// <param name="Column">Where it begins in its expression, from 1.</param>
internal sealed record CallExpression(
    RecipeFunction Function, IReadOnlyList<RecipeExpression> Arguments, int? Parameter, int Column) : RecipeExpression(Column)
{
    internal override void Write(StringBuilder text)
    {
        text.Append(FunctionSignature.Of(Function).Name).Append('(');
        for (var i = 0; i < Arguments.Count; i++)
        {
            if (i > 0)
                text.Append(", ");
            Arguments[i].Write(text);
        }
        if (Parameter is { } n)
            text.Append(", ").Append(n);
        text.Append(')');
    }
}

/// <summary>Where an expression stands in a recipe, for messages.</summary>
/// <param name="Key">The JSON key, for example <c>groups.WORDS</c> or <c>outputs[2]</c>.</param>
/// <param name="Text">The expression as it was written, comment included.</param>
internal sealed record RecipePlace(string Key, string Text)
{
    private const int ShownCharacters = 80;

    internal InvalidInputException Error(int column, string message) =>
        new($"Recipe: {Key}, column {column} of \"{Shorten(Text)}\": {message}") { Passage = Text };

    internal static string Shorten(string text) =>
        text.Length <= ShownCharacters ? text : string.Concat(text.AsSpan(0, ShownCharacters), "…");
}

/// <summary>A named expression: a group or an assignment.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Expression">What it stands for.</param>
/// <param name="Place">Where it was written.</param>
internal sealed record RecipeDefinition(string Name, RecipeExpression Expression, RecipePlace Place);

/// <summary>An expression whose variables reach the learner.</summary>
/// <param name="Expression">The expression.</param>
/// <param name="Place">Where it was written.</param>
internal sealed record RecipeOutput(RecipeExpression Expression, RecipePlace Place);
