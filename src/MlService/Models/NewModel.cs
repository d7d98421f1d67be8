using MlService.Metadata;

namespace MlService.Models;

/// <summary>A request for a model.</summary>
public sealed record NewModel : NewResource
{
    /// <summary><c>BINARY</c>, <c>MULTICLASS</c> or <c>REGRESSION</c>; null for the one that fits the target.</summary>
    public string? Type { get; init; }

    /// <summary>Datasource to learn from.</summary>
    public string? TrainingDataSourceId { get; init; }

    /// <summary>Recipe as JSON text. With neither this nor <see cref="RecipeLocation"/>, the suggested recipe is used.</summary>
    public string? Recipe { get; init; }

    /// <summary>Object that holds the recipe.</summary>
    public string? RecipeLocation { get; init; }

    /// <summary>Training parameters; those left out have their defaults.</summary>
    public IReadOnlyDictionary<string, string>? Parameters { get; init; }
}
