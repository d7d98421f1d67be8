using System.Text.RegularExpressions;
using MlService.Learning.Recipes;
using MlService.Learning.Schemas;
using MlService.Tests;

namespace MlService.Learning.Tests.Recipes;

/// <summary>What docs/recipes.md promises is tried on the schema that it describes.</summary>
public partial class RecipePageTests
{
    private static readonly DataSchema Tickets = new(
        [
            new("subject", AttributeType.Text), new("body", AttributeType.Text), new("product", AttributeType.Categorical),
            new("plan", AttributeType.Categorical), new("opened", AttributeType.Categorical), new("age_days", AttributeType.Numeric), new("replies", AttributeType.Numeric),
            new("1st reply", AttributeType.Numeric), new("new", AttributeType.Binary), new("escalated", AttributeType.Binary),
        ],
        target: "escalated");

    [Fact]
    public void EveryRecipeOfThePageBinds()
    {
        var recipes = JsonBlock().Matches(Page()).Select(match => match.Groups[1].Value).ToArray();
        Assert.Equal([9, 7, 3, 4, 5, 3], recipes.Select(recipe => RecipeBinder.Bind(Recipe.Parse(recipe), Tickets).Outputs.Count));
    }

    [Fact]
    public void EveryFunctionOfThePageIsOne()
    {
        var functions = Function().Matches(Page()).Select(match => match.Groups[1].Value).ToHashSet();
        Assert.Equal(Enum.GetValues<RecipeFunction>().Select(function => FunctionSignature.Of(function).Name).Order(), functions.Order());
    }

    private static string Page() => File.ReadAllText(Repository.Path("docs", "recipes.md"));

    [GeneratedRegex("```json\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex JsonBlock();

    [GeneratedRegex(@"^\| `(\w+)\(", RegexOptions.Multiline)]
    private static partial Regex Function();
}
