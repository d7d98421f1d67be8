using Microsoft.EntityFrameworkCore;
using MlService.DataSources;
using MlService.Evaluations;
using MlService.Learning.Records;
using MlService.Learning.Schemas;
using MlService.Metadata;
using MlService.Models;
using MlService.Schemas;

namespace MlService.Training;

/// <summary>
/// The way that most models go, in one call: a datasource, its two parts, a model learned from the one and judged on the
/// other. All five rows are written in one transaction, or none.
/// </summary>
public sealed class DefaultPath(
    IDbContextFactory<MetadataContext> contexts,
    DataPreview preview,
    DataSourceCatalog sources,
    ModelCatalog models,
    EvaluationCatalog evaluations)
{
    /// <summary>Part of the rows that is learned from, unless the request says otherwise.</summary>
    private static readonly DataSplit FirstSeventyPercent = new(0, 70);

    /// <summary>Creates the five resources and nudges their jobs.</summary>
    /// <exception cref="Problems.ProblemException">The request cannot be carried out.</exception>
    public async Task<TrainedIds> Start(TrainRequest request, CancellationToken cancellation)
    {
        ResourceNaming.CheckName(request.Name);
        if (string.IsNullOrEmpty(request.Target))
            throw ResourceProblems.Invalid("target", "target is missing. Name the attribute to predict.");
        var learned = CheckSplit(request.Split?.ToDataSplit() ?? FirstSeventyPercent);
        var schema = (await FindSchema(request, cancellation)).ToJson();
        var name = string.IsNullOrEmpty(request.Name) ? request.DataLocation!.TrimEnd('/').Split('/')[^1] : request.Name;

        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var whole = await sources.Add(context, Part(name, request.DataLocation, schema, null), cancellation);
        var (training, held) = await Split(context, name, request.DataLocation, schema, learned, cancellation);
        var (model, evaluation) = await Learn(context, training.Id, held.Id, new LearningPlan
        {
            Name = name,
            Recipe = JsonText.ToText(request.Recipe, "recipe"),
            Parameters = ModelRequest.ToText(request.Parameters),
        }, cancellation);
        await context.SaveNew(cancellation);

        await Nudge([training, held, whole], model, evaluation);
        return new TrainedIds(whole.Id, training.Id, held.Id, model.Id, evaluation!.Id);
    }

    /// <summary>Goes the same way from a datasource that is there: splits it as the plan says, trains, and judges.</summary>
    /// <param name="id">The datasource.</param>
    /// <param name="plan">What to do with it.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The model, and its evaluation if the plan has one.</returns>
    /// <exception cref="Problems.ProblemException">The plan cannot be carried out.</exception>
    public async Task<(Model Model, Evaluation? Evaluation)> StartOn(string id, LearningPlan plan, CancellationToken cancellation)
    {
        ResourceNaming.CheckName(plan.Name);
        var whole = (await sources.Get(id, cancellation)).Row;
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        if (plan.Learned is not { } learned)
        {
            var (onAll, judgedElsewhere) = await Learn(context, id, plan.EvaluationDatasourceId, plan, cancellation);
            await context.SaveNew(cancellation);
            await Nudge([], onAll, judgedElsewhere);
            return (onAll, judgedElsewhere);
        }

        if (whole.DataRearrangement is not null)
            throw ResourceProblems.Invalid("datasourceId",
                $"The datasource {id} is itself a part of its data, and parts are not split again. Split the datasource of all rows, or evaluate on another datasource.");
        var name = string.IsNullOrEmpty(whole.Name) ? whole.Id : whole.Name;
        var (training, held) = await Split(context, name, whole.DataLocation, whole.Schema, CheckSplit(learned), cancellation);
        var (model, evaluation) = await Learn(context, training.Id, held.Id, plan, cancellation);
        await context.SaveNew(cancellation);
        await Nudge([training, held], model, evaluation);
        return (model, evaluation);
    }

    private static DataSplit CheckSplit(DataSplit learned) => learned is { PercentBegin: 0, PercentEnd: 100 }
        ? throw ResourceProblems.Invalid("split.percentEnd", "split takes all rows, so none are left to judge the model on. Leave some out.")
        : learned;

    private async Task<(DataSource Training, DataSource Held)> Split(
        MetadataContext context, string name, string? location, string? schema, DataSplit learned, CancellationToken cancellation) =>
        (await sources.Add(context, Part(name, location, schema, learned), cancellation),
            await sources.Add(context, Part(name, location, schema, Rest(learned)), cancellation));

    private async Task<(Model Model, Evaluation? Evaluation)> Learn(
        MetadataContext context, string trainingId, string? heldId, LearningPlan plan, CancellationToken cancellation)
    {
        var model = await models.Add(context, new NewModel
        {
            Name = $"ML model: {plan.Name}",
            TrainingDataSourceId = trainingId,
            Recipe = plan.Recipe,
            Parameters = plan.Parameters,
            Tags = plan.Tags,
        }, cancellation);
        var evaluation = heldId is null ? null : await evaluations.Add(context, new NewEvaluation
        {
            Name = $"Evaluation: ML model: {plan.Name}",
            ModelId = model.Id,
            DataSourceId = heldId,
            Tags = plan.Tags,
        }, cancellation);
        return (model, evaluation);
    }

    private async Task Nudge(IEnumerable<DataSource> parts, Model model, Evaluation? evaluation)
    {
        foreach (var source in parts)
            await sources.Nudge(source.Id);
        await models.Nudge(model.Id);
        if (evaluation is not null)
            await evaluations.Nudge(evaluation.Id);
    }

    private static NewDataSource Part(string name, string? location, string? schema, DataSplit? split) => new()
    {
        Name = split is null ? name : $"{name} [{Words(split)}]",
        DataLocation = location,
        Schema = schema,
        DataRearrangement = split?.ToJson(),
        ComputeStatistics = true,
    };

    /// <summary>The rows that a split leaves out. With one seed, adjoining ranges of a random split share no row.</summary>
    internal static DataSplit Rest(DataSplit split) => split switch
    {
        { Complement: false, PercentBegin: 0 } => new DataSplit(split.PercentEnd, 100, split.Strategy, split.Seed),
        { Complement: false, PercentEnd: 100 } => new DataSplit(0, split.PercentBegin, split.Strategy, split.Seed),
        _ => new DataSplit(split.PercentBegin, split.PercentEnd, split.Strategy, split.Seed, !split.Complement),
    };

    private async Task<DataSchema> FindSchema(TrainRequest request, CancellationToken cancellation)
    {
        DataSchema schema;
        if (JsonText.ToText(request.Schema, "schema") is { } given)
            schema = ResourceProblems.Read("schema", given, DataSchema.Parse);
        else
            schema = (await preview.Infer(request.DataLocation, null, cancellation)).Schema;
        if (schema.IndexOf(request.Target!) < 0)
        {
            var known = string.Join(", ", schema.Attributes.Take(30).Select(attribute => attribute.Name));
            throw ResourceProblems.Invalid("target", $"target '{request.Target!.Shorten()}' is no attribute of the data. Attributes are {known}.");
        }
        // What identifies a row cannot also be what is predicted; the request's word goes before a guess.
        if (schema.RowId == request.Target)
            schema = schema.WithRowId(null);
        return ResourceProblems.Read("target", request.Target, schema.WithTarget);
    }

    private static string Words(DataSplit split) =>
        $"percentBegin={split.PercentBegin}, percentEnd={split.PercentEnd}, strategy={split.Strategy.ToString().ToLowerInvariant()}"
        + (split.Complement ? ", complement" : "");
}

/// <summary>How to learn from a datasource, and how to judge what was learned.</summary>
public sealed record LearningPlan
{
    /// <summary>Name that those of model and evaluation end with.</summary>
    public required string Name { get; init; }

    /// <summary>The rows to learn from, the others to judge on; null to learn from all.</summary>
    public DataSplit? Learned { get; init; }

    /// <summary>Where nothing is split: the datasource to judge on; null for no evaluation.</summary>
    public string? EvaluationDatasourceId { get; init; }

    /// <summary>Recipe as JSON text; suggested if null.</summary>
    public string? Recipe { get; init; }

    /// <summary>Training parameters; those left out have their defaults.</summary>
    public IReadOnlyDictionary<string, string>? Parameters { get; init; }

    /// <summary>Tags of model and evaluation.</summary>
    public IReadOnlyDictionary<string, string?>? Tags { get; init; }
}

/// <summary>The ids of what one call created.</summary>
/// <param name="DatasourceId">All rows.</param>
/// <param name="TrainingDatasourceId">The rows learned from.</param>
/// <param name="EvaluationDatasourceId">The rows judged on.</param>
/// <param name="ModelId">The model.</param>
/// <param name="EvaluationId">Its evaluation.</param>
public sealed record TrainedIds(
    string DatasourceId, string TrainingDatasourceId, string EvaluationDatasourceId, string ModelId, string EvaluationId);
