using Microsoft.EntityFrameworkCore;
using MlService.Access;
using MlService.DataSources;
using MlService.Jobs;
using MlService.Learning.Schemas;
using MlService.Metadata;
using MlService.Models;

namespace MlService.Evaluations;

/// <summary>A request for an evaluation.</summary>
public sealed record NewEvaluation : NewResource
{
    /// <summary>Model to judge.</summary>
    public string? ModelId { get; init; }

    /// <summary>Datasource to judge it on.</summary>
    public string? DataSourceId { get; init; }
}

/// <summary>What can be done with evaluations.</summary>
public sealed class EvaluationCatalog(
    IDbContextFactory<MetadataContext> contexts, JobClient jobs, CurrentCaller caller, TimeProvider time, ILogger<EvaluationCatalog> logger)
    : ResourceCatalog<Evaluation, NewEvaluation>(ResourceKind.Evaluation, Fields, contexts, jobs, caller, time, logger)
{
    private static readonly ResourceList<Evaluation> Fields = new(
        ResourceKind.Evaluation,
        new TextField<Evaluation>("modelId", row => row.ModelId),
        new TextField<Evaluation>("datasourceId", row => row.DataSourceId),
        new TextField<Evaluation>("dataLocation", row => row.DataLocation));

    /// <inheritdoc/>
    protected override async Task<Evaluation> ToRow(
        MetadataContext context, string id, NewEvaluation request, CancellationToken cancellation)
    {
        var model = await FindDependency<Model>(context, ResourceKind.Model, request.ModelId, "modelId", cancellation);
        var source = await FindDependency<DataSource>(
            context, ResourceKind.DataSource, request.DataSourceId, "datasourceId", cancellation);
        if (source.Schema is { } schema && DataSchema.Parse(schema).TargetIndex < 0)
            throw ResourceProblems.Invalid("datasourceId",
                $"datasourceId: the schema of datasource {source.Id} names no target to judge by. Create a datasource with targetAttributeName in its schema.");
        return new Evaluation { Id = id, ModelId = model.Id, DataSourceId = source.Id, DataLocation = source.DataLocation };
    }
}
