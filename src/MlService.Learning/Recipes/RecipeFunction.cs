using MlService.Learning.Schemas;

namespace MlService.Learning.Recipes;

/// <summary>The functions of the recipe language.</summary>
internal enum RecipeFunction
{
    /// <summary><c>group(a, b, …)</c>: the union of variables and groups.</summary>
    Group,

    /// <summary><c>group_remove(G, a, …)</c>: group G without the named variables.</summary>
    GroupRemove,

    /// <summary><c>ngram(text, n)</c>: all runs of 1 to n adjacent words, joined by one blank.</summary>
    Ngram,

    /// <summary><c>osb(text, n)</c>: orthogonal sparse bigrams in a window of n words.</summary>
    Osb,

    /// <summary><c>lowercase(text)</c>: lower case.</summary>
    Lowercase,

    /// <summary><c>no_punct(text)</c>: words without punctuation at either end.</summary>
    NoPunct,

    /// <summary><c>quantile_bin(number, n)</c>: n bins of about equally many training rows.</summary>
    QuantileBin,

    /// <summary><c>normalize(number)</c>: mean 0 and variance 1 on the training data.</summary>
    Normalize,

    /// <summary><c>cartesian(a, b, …)</c>: a token for each combination of the arguments' tokens.</summary>
    Cartesian,

    /// <summary><c>add(a, b)</c>: a + b; like all arithmetic missing where an argument is, or where the result is not finite.</summary>
    Add,

    /// <summary><c>subtract(a, b)</c>: a − b.</summary>
    Subtract,

    /// <summary><c>multiply(a, b)</c>: a · b.</summary>
    Multiply,

    /// <summary><c>divide(a, b)</c>: a / b; missing where b is 0.</summary>
    Divide,

    /// <summary><c>log(x)</c>: the natural logarithm; missing where x ≤ 0.</summary>
    Log,

    /// <summary><c>clip(x, low, high)</c>: x, or the bound that it passes.</summary>
    Clip,

    /// <summary><c>fill(x, mean)</c>, <c>fill(x, median)</c>, <c>fill(x, 0)</c>: x, or another number where it is missing.</summary>
    Fill,

    /// <summary><c>is_missing(x)</c>: whether there is no (valid) value, no word or no token.</summary>
    IsMissing,

    /// <summary><c>words(text)</c>: runs of letters, digits and underscores; what stands between parts them.</summary>
    Words,

    /// <summary><c>hash(x, bits)</c>: tokens in 2^bits groups by their hash, for vocabularies that would be too large.</summary>
    Hash,

    /// <summary><c>year(date)</c>: <c>2026</c>.</summary>
    Year,

    /// <summary><c>month(date)</c>: <c>01</c> to <c>12</c>.</summary>
    Month,

    /// <summary><c>day(date)</c>: <c>01</c> to <c>31</c>.</summary>
    Day,

    /// <summary><c>day_of_week(date)</c>: <c>Monday</c> to <c>Sunday</c>.</summary>
    DayOfWeek,

    /// <summary><c>hour(date)</c>: <c>00</c> to <c>23</c>.</summary>
    Hour,

    /// <summary><c>days(date)</c>: days since 1970-01-01, the time of day as a fraction.</summary>
    Days,

    /// <summary><c>sin(part)</c>: the sine of a date's part on its circle, so that December lies beside January.</summary>
    Sin,

    /// <summary><c>cos(part)</c>: the cosine of a date's part on its circle.</summary>
    Cos,

    /// <summary><c>tfidf(text)</c>: tokens that count the more the rarer they are, and as much in short texts as in long ones.</summary>
    TfIdf,
}

/// <summary>How a function is written: its name, its number of variables, their types, and the range of its parameter n.</summary>
/// <param name="Function">The function.</param>
/// <param name="Name">Its name in a recipe.</param>
/// <param name="MinArguments">Least number of variables, the parameter not counted.</param>
/// <param name="MaxArguments">Greatest number of variables, the parameter not counted.</param>
/// <param name="Gives">Type of the result; of no meaning for groups.</param>
/// <param name="Takes">Types of the variables; any where there are none.</param>
internal sealed record FunctionSignature(
    RecipeFunction Function, string Name, int MinArguments, int MaxArguments, AttributeType Gives, params AttributeType[] Takes)
{
    private const AttributeType Binary = AttributeType.Binary, Categorical = AttributeType.Categorical, Numeric = AttributeType.Numeric,
        Text = AttributeType.Text;

    private static readonly FunctionSignature[] All =
    [
        new(RecipeFunction.Group, "group", 1, int.MaxValue, Categorical),
        new(RecipeFunction.GroupRemove, "group_remove", 2, int.MaxValue, Categorical),
        new(RecipeFunction.Ngram, "ngram", 1, 1, Text, Text) { MinParameter = 2, MaxParameter = 10 },
        new(RecipeFunction.Osb, "osb", 1, 1, Text, Text) { MinParameter = 2, MaxParameter = 10 },
        new(RecipeFunction.Lowercase, "lowercase", 1, 1, Text, Text),
        new(RecipeFunction.NoPunct, "no_punct", 1, 1, Text, Text),
        new(RecipeFunction.QuantileBin, "quantile_bin", 1, 1, Categorical, Numeric) { MinParameter = 5, MaxParameter = 1000 },
        new(RecipeFunction.Normalize, "normalize", 1, 1, Numeric, Numeric),
        new(RecipeFunction.Cartesian, "cartesian", 2, int.MaxValue, Categorical, Text, Categorical, Binary),
        new(RecipeFunction.Add, "add", 2, 2, Numeric, Numeric) { TakesNumbers = true },
        new(RecipeFunction.Subtract, "subtract", 2, 2, Numeric, Numeric) { TakesNumbers = true },
        new(RecipeFunction.Multiply, "multiply", 2, 2, Numeric, Numeric) { TakesNumbers = true },
        new(RecipeFunction.Divide, "divide", 2, 2, Numeric, Numeric) { TakesNumbers = true },
        new(RecipeFunction.Log, "log", 1, 1, Numeric, Numeric),
        new(RecipeFunction.Clip, "clip", 3, 3, Numeric, Numeric) { TakesNumbers = true },
        new(RecipeFunction.Fill, "fill", 2, 2, Numeric, Numeric) { TakesNumbers = true },
        new(RecipeFunction.IsMissing, "is_missing", 1, 1, Binary),
        new(RecipeFunction.Words, "words", 1, 1, Text, Text),
        new(RecipeFunction.Hash, "hash", 1, 1, Categorical, Categorical, Text) { MinParameter = 1, MaxParameter = 28 },
        new(RecipeFunction.Year, "year", 1, 1, Categorical, Categorical, Text),
        new(RecipeFunction.Month, "month", 1, 1, Categorical, Categorical, Text),
        new(RecipeFunction.Day, "day", 1, 1, Categorical, Categorical, Text),
        new(RecipeFunction.DayOfWeek, "day_of_week", 1, 1, Categorical, Categorical, Text),
        new(RecipeFunction.Hour, "hour", 1, 1, Categorical, Categorical, Text),
        new(RecipeFunction.Days, "days", 1, 1, Numeric, Categorical, Text),
        new(RecipeFunction.Sin, "sin", 1, 1, Numeric, Categorical),
        new(RecipeFunction.Cos, "cos", 1, 1, Numeric, Categorical),
        new(RecipeFunction.TfIdf, "tfidf", 1, 1, Text, Text),
    ];

    /// <summary>Least n; 0 for a function without parameter.</summary>
    public int MinParameter { get; private init; }

    /// <summary>Greatest n; 0 for a function without parameter.</summary>
    public int MaxParameter { get; private init; }

    /// <summary>Whether a number may stand where a variable does.</summary>
    public bool TakesNumbers { get; private init; }

    public static string Names => string.Join(", ", All.Select(signature => signature.Name));

    public bool HasParameter => MaxParameter > 0;

    /// <summary>Whether Amazon ML knew the function: only then its name is taken, so that every recipe written for it keeps its meaning.</summary>
    public bool IsReserved => Function <= RecipeFunction.Cartesian;

    /// <summary>Whether it gives a part of a date.</summary>
    public bool IsDatePart => Function is >= RecipeFunction.Year and <= RecipeFunction.Hour;

    /// <summary>How a call looks, for messages.</summary>
    public string Usage => Function switch
    {
        RecipeFunction.Group or RecipeFunction.Cartesian => $"{Name}(a, b, …)",
        RecipeFunction.GroupRemove => $"{Name}(G, a, …)",
        RecipeFunction.Clip => "clip(x, low, high)",
        RecipeFunction.Fill => "fill(x, mean), fill(x, median) or fill(x, 0)",
        _ when MaxArguments == 2 => $"{Name}(a, b)",
        _ => HasParameter ? $"{Name}(x, n)" : $"{Name}(x)",
    };

    public static FunctionSignature Of(RecipeFunction function) => All[(int)function];

    public static FunctionSignature? Find(string name) => Array.Find(All, signature => signature.Name == name);
}
