namespace MlService.Learning.Recipes;

/// <summary>The groups that every recipe has. Target, row id, row weight and excluded attributes are in none of them.</summary>
internal static class BuiltInGroup
{
    public const string AllInputs = "ALL_INPUTS";
    public const string AllText = "ALL_TEXT";
    public const string AllNumeric = "ALL_NUMERIC";
    public const string AllCategorical = "ALL_CATEGORICAL";
    public const string AllBinary = "ALL_BINARY";

    public static readonly string[] Names = [AllInputs, AllText, AllNumeric, AllCategorical, AllBinary];

    public static bool IsBuiltIn(string name) => Names.Contains(name);
}
