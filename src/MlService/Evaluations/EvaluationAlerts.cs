using MlService.DataSources;
using MlService.Learning.Models;
using MlService.Models;

namespace MlService.Evaluations;

/// <summary>A reason not to trust an evaluation.</summary>
/// <param name="Code">For programs: <c>same-data</c>, <c>few-rows</c>, <c>other-schema</c> or <c>invalid-rows</c>.</param>
/// <param name="Message">For people.</param>
internal sealed record EvaluationAlert(string Code, string Message);

/// <summary>The checks that Amazon ML made on each evaluation (Developer Guide, "Evaluation Alerts").</summary>
internal static class EvaluationAlerts
{
    private const double EnoughShare = 0.1;

    public static IReadOnlyList<EvaluationAlert> Raise(TrainedModel trained, DataSourceInput input, EvaluationCounts counts)
    {
        var alerts = new List<EvaluationAlert>();
        if (trained.Row.TrainingDataSourceId == input.Row.Id)
            alerts.Add(new("same-data", "The model was trained on this very datasource, so it looks better than it is. Evaluate on data it has not seen."));
        if (counts.Rows < EnoughShare * trained.Model.Summary.Examples)
            alerts.Add(new("few-rows", $"{counts.Rows:N0} rows are less than a tenth of the {trained.Model.Summary.Examples:N0} it was trained on: the figures may be chance."));
        var (missing, added) = (trained.MissingInputs(input.Schema), trained.AddedInputs(input.Schema));
        if (missing.Count + added.Count > 0)
            alerts.Add(new("other-schema", $"The schema is another than in training: {Names("missing", missing)}{(missing.Count > 0 && added.Count > 0 ? "; " : "")}{Names("added", added)}."));
        if (counts.InvalidRows > 0)
            alerts.Add(new("invalid-rows", $"{counts.InvalidRows:N0} rows were left out: they could not be read, or have no valid target."));
        return alerts;

        static string Names(string what, IReadOnlyList<string> names) =>
            names.Count == 0 ? "" : $"{what} {string.Join(", ", names.Take(10))}{(names.Count > 10 ? ", …" : "")}";
    }
}
