using System.Text.Json;
using System.Text.Json.Nodes;
using MlService.DataSources;
using MlService.Jobs;
using MlService.Learning;
using MlService.Learning.Metrics;
using MlService.Learning.Models;
using MlService.Learning.Schemas;
using MlService.Metadata;
using MlService.Models;
using MlService.Problems;
using MlService.Storage;

namespace MlService.Evaluations;

/// <summary>Scores a datasource whose target is known, and counts how right the model is.</summary>
public sealed class EvaluationJob(TrainedModels models) : ResourceJob
{
    /// <summary>Name of the headline metric of binary models.</summary>
    public const string BinaryMetric = "BinaryAUC";

    /// <inheritdoc/>
    public override ResourceKind Kind => ResourceKind.Evaluation;

    /// <inheritdoc/>
    public override async Task<Action<Resource>> Run(JobContext context)
    {
        var row = (Evaluation)context.Row;
        var input = await DataSourceInput.Load(context, row.DataSourceId);
        var trained = await TrainedModel.Load(context, models, row.ModelId);
        var training = await DataSourceInput.Find(context, trained.Row.TrainingDataSourceId);
        var target = trained.Model.Plan.Schema.Target!;
        if (input.Schema.IndexOf(target) < 0)
            throw new InvalidInputException(
                $"Datasource '{row.DataSourceId}' has no attribute '{target}', the target of model '{row.ModelId}'. "
                + "Evaluate on a datasource that has it.");
        await context.Admit(input.Bytes);

        var shards = input.Shards(context.ShardCount(input.Bytes, context.Options.MinShardBytes));
        var team = context.Team(shards.Count);
        var (rows, model) = (await input.ShareWith(team), trained.ShareWith(team));
        var steps = shards.Select(segments => new EvaluateShard(new ShardInput(rows, segments), model)).ToList();
        var parts = await team.Run("evaluating", steps, input.Bytes, from: 0, to: 95);
        var (report, metric, value) = await Task.Run(
            () =>
            {
                var whole = parts[0];
                foreach (var part in parts.Skip(1))
                    whole.Merge(part);
                return Describe(whole, trained, EvaluationAlerts.Raise(trained, input, training, whole));
            },
            context.Cancellation);
        await Artifacts.Write(
            context.Objects,
            context.Artifacts,
            Artifacts.Report,
            stream => JsonSerializer.Serialize(stream, report, JsonRules.Options),
            context.Cancellation);
        if (parts[0].Binary is { } binary)
            await Artifacts.Write(context.Objects, context.Artifacts, Artifacts.Ranking, binary.Rank().Write, context.Cancellation);

        return resource =>
        {
            var result = (Evaluation)resource;
            result.DataLocation = input.Row.DataLocation;
            (result.MetricName, result.MetricValue) = (metric, value);
        };
    }

    /// <summary>The report: the figures of the model's type, and what speaks against trusting them.</summary>
    private static (JsonObject Report, string Metric, double? Value) Describe(
        EvaluationCounts counts, TrainedModel trained, IReadOnlyList<EvaluationAlert> alerts)
    {
        if (counts.Rows == 0)
            throw new InvalidInputException(
                $"None of the {counts.InvalidRows:N0} rows has a valid value of the target '{trained.Model.Plan.Schema.Target}'. "
                + "Evaluate on data that has it.");
        var (figures, metric, value) = counts switch
        {
            { Binary: { } binary } => Of(binary.ToReport(trained.Threshold), report => (report.Auc, BinaryMetric)),
            { Multiclass: { } multiclass } =>
                Of(multiclass.ToReport(trained.Model.MajorityClass), report => (report.MacroF1, "MulticlassAvgFScore")),
            _ => Of(counts.Regression!.ToReport(trained.Model.Summary.TargetMean), report => (report.Rmse, "RegressionRMSE")),
        };
        figures["modelType"] = trained.Model.Type.ToText();
        figures["invalidRows"] = counts.InvalidRows;
        figures["alerts"] = JsonSerializer.SerializeToNode(alerts, JsonRules.Options);
        return (figures, metric, value);

        static (JsonObject, string, double?) Of<T>(T report, Func<T, (double?, string)> headline)
        {
            var (value, metric) = headline(report);
            return (JsonSerializer.SerializeToNode(report, JsonRules.Options)!.AsObject(), metric, value);
        }
    }
}
