using Microsoft.EntityFrameworkCore;
using MlService.Access;
using MlService.DataSources;
using MlService.Jobs;
using MlService.Learning.Models;
using MlService.Learning.Recipes;
using MlService.Learning.Schemas;
using MlService.Learning.Training;
using MlService.Metadata;
using MlService.Problems;
using MlService.Storage;

namespace MlService.Models;

/// <summary>What can be done with models.</summary>
public sealed class ModelCatalog(
    IDbContextFactory<MetadataContext> contexts, JobClient jobs, CurrentCaller caller, TimeProvider time, ILogger<ModelCatalog> logger)
    : ResourceCatalog<Model, NewModel>(ResourceKind.Model, Fields, contexts, jobs, caller, time, logger)
{
    private static readonly string Binary = ModelType.Binary.ToText();

    private static readonly ResourceList<Model> Fields = new(
        ResourceKind.Model,
        new TextField<Model>("type", row => row.Type),
        new TextField<Model>("trainingDatasourceId", row => row.TrainingDataSourceId),
        new TextField<Model>("dataLocation", row => row.DataLocation),
        new ChoiceField<Model>(
            "endpoint", row => row.EndpointCreatedAt != null,
            ("NONE", row => row.EndpointCreatedAt == null),
            ("READY", row => row.EndpointCreatedAt != null)));

    /// <summary>Changes a model's name, its score threshold, or both; null leaves as it is.</summary>
    /// <exception cref="ProblemException">
    /// A value cannot be used, the model is not there or deleted, or has no threshold: it is not binary, or not completed.
    /// </exception>
    public async Task<Tagged<Model>> Update(string id, string? name, double? scoreThreshold, CancellationToken cancellation)
    {
        ResourceNaming.CheckName(name);
        if (scoreThreshold is { } threshold && threshold is not (>= 0 and <= 1))
            throw ResourceProblems.Invalid("scoreThreshold", $"scoreThreshold is {threshold}; it is a score from 0 to 1.");

        await using var context = await Open(cancellation);
        var model = (await Get(context, id, cancellation)).Row;
        if (model.Status == ResourceStatus.Deleted)
            throw IsDeleted(id);
        if (scoreThreshold is not null && model.Type is { } type && type != Binary)
            throw ResourceProblems.Invalid("scoreThreshold", $"scoreThreshold is for binary models; {id} is {type}. Leave it out.");
        if (scoreThreshold is not null && model.Status != ResourceStatus.Completed)
            throw ResourceProblems.Conflict(
                $"The model {id} is {model.Status.ToText()}; its score threshold can be set once it is COMPLETED.", "scoreThreshold");

        var now = Now;
        // Between the look and the update the model can only have been deleted.
        var changed = await context.Models.Where(row => row.Id == id && row.Status != ResourceStatus.Deleted)
            .ExecuteUpdateAsync(set =>
            {
                set.SetProperty(row => row.UpdatedAt, now);
                if (name is not null)
                    set.SetProperty(row => row.Name, name);
                if (scoreThreshold is { } value)
                    set.SetProperty(row => row.ScoreThreshold, value).SetProperty(row => row.ScoreThresholdUpdatedAt, now);
            }, cancellation);
        return changed == 1 ? await Get(context, id, cancellation) : throw IsDeleted(id);
    }

    /// <inheritdoc/>
    protected override async Task<Model> ToRow(
        MetadataContext context, string id, NewModel request, CancellationToken cancellation)
    {
        var source = await FindDependency<DataSource>(
            context, ResourceKind.DataSource, request.TrainingDataSourceId, "trainingDatasourceId", cancellation);
        if (!source.ComputeStatistics)
            throw ResourceProblems.Invalid("trainingDatasourceId",
                $"trainingDatasourceId: the datasource {source.Id} has no statistics, which training needs. Create one with computeStatistics true.");
        var type = request.Type is { } wanted ? ResourceProblems.Read("type", wanted, ModelTypes.Parse) : (ModelType?)null;
        // A datasource that has yet to read or infer its schema has none; then the job is the first to know.
        var schema = source.Schema is { } text ? DataSchema.Parse(text) : null;
        ModelType? fitting = schema is null ? null : TypeFor(source.Id, schema);
        if (type is not null && fitting is not null && type != fitting)
            throw ResourceProblems.Invalid("type",
                $"type {type.Value.ToText()} does not fit the target of datasource {source.Id}, which asks for {fitting.Value.ToText()}. Correct it, or the target's type in the schema.");

        var recipe = string.IsNullOrWhiteSpace(request.Recipe) ? null : request.Recipe;
        var location = string.IsNullOrWhiteSpace(request.RecipeLocation) ? null : request.RecipeLocation;
        if (recipe is not null && location is not null)
            throw ResourceProblems.Invalid("recipeLocation", "recipe and recipeLocation are both given. Give one of them.");
        if (recipe is not null && ResourceProblems.Read("recipe", recipe, Recipe.Parse) is { } parsed && schema is not null)
            ResourceProblems.Read("recipe", schema, known => RecipeBinder.Bind(parsed, known));
        if (location is not null && ResourceProblems.Read("recipeLocation", location, ObjectUri.Parse).IsPrefix)
            throw ResourceProblems.Invalid("recipeLocation", $"recipeLocation '{location.Shorten()}' is a prefix. Name the one object that holds the recipe.");
        var parameters = ResourceProblems.Read(
            "parameters", request.Parameters ?? new Dictionary<string, string>(), TrainingParameters.Parse);

        return new Model
        {
            Id = id,
            Type = (type ?? fitting)?.ToText(),
            TrainingDataSourceId = source.Id,
            Recipe = recipe,
            RecipeLocation = location,
            Parameters = new Dictionary<string, string>(parameters.ToDictionary()),
            DataLocation = source.DataLocation,
        };
    }

    /// <inheritdoc/>
    protected override IQueryable<Model> Deletable(IQueryable<Model> rows) => rows.Where(row => row.EndpointCreatedAt == null);

    /// <inheritdoc/>
    protected override ProblemException WhyNotDeletable(Model row) => row.EndpointCreatedAt is null
        ? base.WhyNotDeletable(row)
        : new ProblemException(
            EndpointProblems.Open,
            $"The model {row.Id} has an open real-time endpoint. Close it first: DELETE /v1/models/{row.Id}/endpoint.");

    private static ModelType TypeFor(string sourceId, DataSchema schema) => schema.TargetIndex >= 0
        ? ResourceProblems.Read("trainingDatasourceId", schema.Attributes[schema.TargetIndex].Type, ModelTypes.Of)
        : throw ResourceProblems.Invalid("trainingDatasourceId",
            $"trainingDatasourceId: the schema of datasource {sourceId} names no target to learn. Create a datasource with targetAttributeName in its schema.");
}
