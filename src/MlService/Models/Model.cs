using MlService.Metadata;

namespace MlService.Models;

/// <summary>A model trained, or to be trained, on a datasource.</summary>
public sealed class Model : Resource
{
    /// <summary><c>BINARY</c>, <c>MULTICLASS</c> or <c>REGRESSION</c>; null until known from the target's type.</summary>
    public string? Type { get; set; }

    /// <summary>Datasource to learn from.</summary>
    public required string TrainingDataSourceId { get; set; }

    /// <summary>Recipe text: as it came, as it was read, or as it was suggested.</summary>
    public string? Recipe { get; set; }

    /// <summary>Where the recipe lies, if it was not in the request.</summary>
    public string? RecipeLocation { get; set; }

    /// <summary>Training parameters with defaults filled in.</summary>
    public Dictionary<string, string> Parameters { get; set; } = [];

    /// <summary>Location of the training data.</summary>
    public string? DataLocation { get; set; }

    /// <summary>Size of the model file; null until completed.</summary>
    public long? SizeInBytes { get; set; }

    /// <summary>A binary model answers 1 where the score is at least this; 0 to 1.</summary>
    public double ScoreThreshold { get; set; } = 0.5;

    /// <summary>When the threshold was last set, UTC.</summary>
    public DateTime? ScoreThresholdUpdatedAt { get; set; }

    /// <summary>When the real-time endpoint was opened, UTC; null while it is closed.</summary>
    public DateTime? EndpointCreatedAt { get; set; }

    /// <inheritdoc/>
    public override ResourceKind Kind => ResourceKind.Model;

    /// <inheritdoc/>
    public override IEnumerable<ResourceKey> Dependencies => [new(ResourceKind.DataSource, TrainingDataSourceId)];

    /// <inheritdoc/>
    public override IEnumerable<(string Field, string Location)> Locations =>
        RecipeLocation is null ? [] : [("recipeLocation", RecipeLocation)];
}
