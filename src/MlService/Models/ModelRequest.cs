using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using MlService.Metadata;

namespace MlService.Models;

/// <summary>A request for a model, as the REST face takes it.</summary>
public sealed record ModelRequest
{
    /// <summary>Id to give it, 1 to 64 of <c>a-z A-Z 0-9 _ . -</c>. The same request with the same id again does nothing new.</summary>
    public string? Id { get; init; }

    /// <summary>Name for people.</summary>
    public string? Name { get; init; }

    /// <summary><c>BINARY</c>, <c>MULTICLASS</c> or <c>REGRESSION</c>; by default the one that fits the target's type.</summary>
    public string? Type { get; init; }

    /// <summary>Datasource to learn from. It may still be pending; then the model waits for it.</summary>
    [Required]
    public string? TrainingDatasourceId { get; init; }

    /// <summary>Recipe as a JSON object, or as the text of one; by default one is suggested from the data report.</summary>
    public JsonElement? Recipe { get; init; }

    /// <summary>Object that holds the recipe.</summary>
    public string? RecipeLocation { get; init; }

    /// <summary>Training parameters, such as <c>sgd.maxPasses</c>; values are strings or numbers.</summary>
    public Dictionary<string, JsonElement>? Parameters { get; init; }

    /// <summary>Tags by key, at most 50.</summary>
    public Dictionary<string, string?>? Tags { get; init; }

    /// <summary>The request as the catalog takes it.</summary>
    internal NewModel ToNew() => new()
    {
        Id = Id,
        Name = Name,
        Type = Type,
        TrainingDataSourceId = TrainingDatasourceId,
        Recipe = JsonText.ToText(Recipe, "recipe"),
        RecipeLocation = RecipeLocation,
        Parameters = ToText(Parameters),
        Tags = Tags,
    };

    /// <summary>Parameters with their values as text.</summary>
    internal static Dictionary<string, string>? ToText(Dictionary<string, JsonElement>? parameters) =>
        parameters?.ToDictionary(parameter => parameter.Key, parameter => parameter.Value.ValueKind switch
        {
            JsonValueKind.String => parameter.Value.GetString()!,
            JsonValueKind.Number => parameter.Value.GetRawText(),
            var kind => throw ResourceProblems.Invalid(
                "parameters", $"parameters: {parameter.Key.Shorten()} is a JSON {kind.ToString().ToLowerInvariant()}. Pass a string or a number."),
        });
}

/// <summary>Changes to a model; what is left out stays.</summary>
public sealed record ModelUpdate
{
    /// <summary>New name.</summary>
    public string? Name { get; init; }

    /// <summary>New score threshold, 0 to 1, of a completed binary model: it answers 1 where the score is at least this.</summary>
    public double? ScoreThreshold { get; init; }
}
