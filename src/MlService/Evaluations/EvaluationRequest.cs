using System.ComponentModel.DataAnnotations;

namespace MlService.Evaluations;

/// <summary>A request for an evaluation, as the REST face takes it.</summary>
public sealed record EvaluationRequest
{
    /// <summary>Id to give it, 1 to 64 of <c>a-z A-Z 0-9 _ . -</c>. The same request with the same id again does nothing new.</summary>
    public string? Id { get; init; }

    /// <summary>Name for people.</summary>
    public string? Name { get; init; }

    /// <summary>Model to judge. It may still be pending; then the evaluation waits for it.</summary>
    [Required]
    public string? ModelId { get; init; }

    /// <summary>Datasource to judge it on: the model's attributes and the target, on rows that it has not learned from.</summary>
    [Required]
    public string? DatasourceId { get; init; }

    /// <summary>Tags by key, at most 50.</summary>
    public Dictionary<string, string?>? Tags { get; init; }

    /// <summary>The request as the catalog takes it.</summary>
    internal NewEvaluation ToNew() => new() { Id = Id, Name = Name, ModelId = ModelId, DataSourceId = DatasourceId, Tags = Tags };
}
