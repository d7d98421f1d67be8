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
        var learned = request.Split?.ToDataSplit() ?? FirstSeventyPercent;
        if (learned is { PercentBegin: 0, PercentEnd: 100 })
            throw ResourceProblems.Invalid("split.percentEnd", "split takes all rows, so none are left to judge the model on. Leave some out.");
        var schema = (await FindSchema(request, cancellation)).ToJson();
        var name = string.IsNullOrEmpty(request.Name) ? request.DataLocation!.TrimEnd('/').Split('/')[^1] : request.Name;

        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var whole = await sources.Add(context, Source(name, null), cancellation);
        var training = await sources.Add(context, Source(name, learned), cancellation);
        var held = await sources.Add(context, Source(name, Rest(learned)), cancellation);
        var model = await models.Add(context, new NewModel
        {
            Name = $"ML model: {name}",
            TrainingDataSourceId = training.Id,
            Recipe = JsonText.ToText(request.Recipe, "recipe"),
            Parameters = ModelRequest.ToText(request.Parameters),
        }, cancellation);
        var evaluation = await evaluations.Add(context, new NewEvaluation
        {
            Name = $"Evaluation: ML model: {name}",
            ModelId = model.Id,
            DataSourceId = held.Id,
        }, cancellation);
        await context.SaveChangesAsync(cancellation);

        foreach (var source in (DataSource[])[training, held, whole])
            await sources.Nudge(source.Id);
        await models.Nudge(model.Id);
        await evaluations.Nudge(evaluation.Id);
        return new TrainedIds(whole.Id, training.Id, held.Id, model.Id, evaluation.Id);

        NewDataSource Source(string baseName, DataSplit? split) => new()
        {
            Name = split is null ? baseName : $"{baseName} [{Words(split)}]",
            DataLocation = request.DataLocation,
            Schema = schema,
            DataRearrangement = split?.ToJson(),
            ComputeStatistics = true,
        };
    }

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

/// <summary>The ids of what one call created.</summary>
/// <param name="DatasourceId">All rows.</param>
/// <param name="TrainingDatasourceId">The rows learned from.</param>
/// <param name="EvaluationDatasourceId">The rows judged on.</param>
/// <param name="ModelId">The model.</param>
/// <param name="EvaluationId">Its evaluation.</param>
public sealed record TrainedIds(
    string DatasourceId, string TrainingDatasourceId, string EvaluationDatasourceId, string ModelId, string EvaluationId);
