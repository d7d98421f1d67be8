using System.ComponentModel.DataAnnotations;

namespace MlService.BatchPredictions;

/// <summary>A request for a batch prediction, as the REST face takes it.</summary>
public sealed record BatchPredictionRequest
{
    /// <summary>Id to give it, 1 to 64 of <c>a-z A-Z 0-9 _ . -</c>. The same request with the same id again does nothing new.</summary>
    public string? Id { get; init; }

    /// <summary>Name for people.</summary>
    public string? Name { get; init; }

    /// <summary>Model to apply. It may still be pending; then the batch prediction waits for it.</summary>
    [Required]
    public string? ModelId { get; init; }

    /// <summary>Datasource whose rows are scored; its schema is the model's, the target may be missing.</summary>
    [Required]
    public string? DatasourceId { get; init; }

    /// <summary>Prefix for the results, for example <c>s3://bucket/results/</c>.</summary>
    [Required]
    public string? OutputUri { get; init; }

    /// <summary>Tags by key, at most 50.</summary>
    public Dictionary<string, string?>? Tags { get; init; }

    /// <summary>The request as the catalog takes it.</summary>
    internal NewBatchPrediction ToNew() =>
        new() { Id = Id, Name = Name, ModelId = ModelId, DataSourceId = DatasourceId, OutputUri = OutputUri, Tags = Tags };
}
