namespace MlService.Learning.Recipes;

/// <summary>The functions of the recipe language.</summary>
public enum RecipeFunction
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
}

/// <summary>How a function is written: its name, its number of variables, and the range of its parameter n.</summary>
/// <param name="Function">The function.</param>
/// <param name="Name">Its name in a recipe.</param>
/// <param name="MinArguments">Least number of variables, the parameter not counted.</param>
/// <param name="MaxArguments">Greatest number of variables, the parameter not counted.</param>
/// <param name="MinParameter">Least n; 0 for a function without parameter.</param>
/// <param name="MaxParameter">Greatest n; 0 for a function without parameter.</param>
internal sealed record FunctionSignature(
    RecipeFunction Function, string Name, int MinArguments, int MaxArguments, int MinParameter = 0, int MaxParameter = 0)
{
    private static readonly FunctionSignature[] All =
    [
        new(RecipeFunction.Group, "group", 1, int.MaxValue),
        new(RecipeFunction.GroupRemove, "group_remove", 2, int.MaxValue),
        new(RecipeFunction.Ngram, "ngram", 1, 1, 2, 10),
        new(RecipeFunction.Osb, "osb", 1, 1, 2, 10),
        new(RecipeFunction.Lowercase, "lowercase", 1, 1),
        new(RecipeFunction.NoPunct, "no_punct", 1, 1),
        new(RecipeFunction.QuantileBin, "quantile_bin", 1, 1, 5, 1000),
        new(RecipeFunction.Normalize, "normalize", 1, 1),
        new(RecipeFunction.Cartesian, "cartesian", 2, int.MaxValue),
    ];

    public static string Names => string.Join(", ", All.Select(signature => signature.Name));

    public bool HasParameter => MaxParameter > 0;

    /// <summary>How a call looks, for messages.</summary>
    public string Usage => Function switch
    {
        RecipeFunction.Group or RecipeFunction.Cartesian => $"{Name}(a, b, …)",
        RecipeFunction.GroupRemove => $"{Name}(G, a, …)",
        _ => HasParameter ? $"{Name}(x, n)" : $"{Name}(x)",
    };

    public static FunctionSignature Of(RecipeFunction function) => All[(int)function];

    public static FunctionSignature? Find(string name) => Array.Find(All, signature => signature.Name == name);
}
