using MlService.DataSources;
using MlService.Learning.Models;
using MlService.Learning.Records;
using MlService.Metadata;
using MlService.Models;

namespace MlService.Evaluations;

/// <summary>A reason not to trust an evaluation.</summary>
/// <param name="Code">
/// For programs: <c>same-data</c>, <c>overlap</c>, <c>few-rows</c>, <c>other-schema</c>, <c>invalid-rows</c>, <c>one-class</c>,
/// <c>unknown-classes</c> or <c>other-target</c>.
/// </param>
/// <param name="Message">For people.</param>
internal sealed record EvaluationAlert(string Code, string Message);

/// <summary>The checks that Amazon ML made on each evaluation (Developer Guide, "Evaluation Alerts"), and a few more.</summary>
internal static class EvaluationAlerts
{
    private const double EnoughShare = 0.1;
    private const int EnoughRows = 30;

    // Population stability index from which on distributions are usually called different; for numbers, distance in deviations.
    private const double StableIndex = 0.2;
    private const double StableDistance = 0.25;

    /// <summary>Raises what there is to raise.</summary>
    /// <param name="trained">The model.</param>
    /// <param name="input">What it is judged on.</param>
    /// <param name="training">What it learned from; null where that is deleted.</param>
    /// <param name="counts">The outcome.</param>
    public static IReadOnlyList<EvaluationAlert> Raise(TrainedModel trained, DataSourceInput input, DataSourceInput? training, EvaluationCounts counts) =>
        [.. new[] { Seen(trained, input, training), Few(trained, counts), OtherSchema(trained, input), Invalid(counts) }
            .Concat(OfTarget(trained.Model, counts)).OfType<EvaluationAlert>()];

    private static EvaluationAlert? Seen(TrainedModel trained, DataSourceInput input, DataSourceInput? training)
    {
        if (trained.Row.TrainingDataSourceId == input.Row.Id)
            return new("same-data", "The model was trained on this very datasource, so it looks better than it is. Evaluate on data it has not seen.");
        var share = training is null ? 0 : DataOverlap.Share(input.Files, input.Split, training.Files, training.Split);
        return share == 0 ? null : new("overlap",
            $"The model learned from about {Math.Max(1, Math.Round(share * 100))}% of these rows too: datasource {training!.Row.Id} takes them as well. So it looks better than it is. Evaluate on data it has not seen, for instance the rest of a split.");
    }

    private static EvaluationAlert? Few(TrainedModel trained, EvaluationCounts counts) =>
        counts.Rows < EnoughShare * trained.Model.Summary.Examples
            ? new("few-rows", $"{counts.Rows:N0} rows are less than a tenth of the {trained.Model.Summary.Examples:N0} it was trained on: the figures may be chance.")
        : counts.Rows < EnoughRows
            ? new("few-rows", $"{counts.Rows:N0} rows are less than {EnoughRows}: the figures may be chance. Evaluate on more data.")
        : null;

    private static EvaluationAlert? OtherSchema(TrainedModel trained, DataSourceInput input)
    {
        var (missing, added) = (trained.MissingInputs(input.Schema), trained.AddedInputs(input.Schema));
        return missing.Count + added.Count == 0 ? null
            : new("other-schema", $"The schema is another than in training: {Names("missing", missing)}{(missing.Count > 0 && added.Count > 0 ? "; " : "")}{Names("added", added)}.");

        static string Names(string what, IReadOnlyList<string> names) => names.Count == 0 ? "" : $"{what} {List(names)}";
    }

    private static EvaluationAlert? Invalid(EvaluationCounts counts) => counts.InvalidRows == 0 ? null
        : new("invalid-rows", $"{counts.InvalidRows:N0} rows were left out: they could not be read, or have no valid target.");

    private static IEnumerable<EvaluationAlert?> OfTarget(ScoringModel model, EvaluationCounts counts)
    {
        if (counts.Regression?.ToReport() is { } regression)
        {
            var distance = (regression.TargetMean ?? 0) - model.Summary.TargetMean;
            return [counts.Rows >= EnoughRows && Math.Abs(distance) > StableDistance * model.Summary.TargetDeviation
                ? OtherTarget($"the mean is {regression.TargetMean:G4} here and {model.Summary.TargetMean:G4} in training")
                : null];
        }

        var classes = Classes(model, counts);
        var present = classes.Where(item => item.Rows > 0).ToList();
        var unknown = present.Where(item => item.Learned == 0).ToList();
        return
        [
            present.Count != 1 ? null : new("one-class",
                $"All rows are of the class {present[0].Name.Shorten()}, so nothing can be said of telling the classes apart. Evaluate on data that has them all."),
            unknown.Count == 0 ? null : new("unknown-classes",
                $"{unknown.Sum(item => item.Rows):N0} rows are of classes that the model never saw ({List([.. unknown.Select(item => item.Name.Shorten())])}): it cannot be right about them."),
            present.Count > 1 && counts.Rows >= EnoughRows && StabilityIndex(classes) > StableIndex ? OtherTarget(Widest(classes, counts.Rows)) : null,
        ];
    }

    private static EvaluationAlert OtherTarget(string how) =>
        new("other-target", $"The target is distributed otherwise than in training: {how}. The model may do better or worse where it will be used.");

    private static IReadOnlyList<(string Name, long Rows, long Learned)> Classes(ScoringModel model, EvaluationCounts counts)
    {
        var learned = model.Summary.LabelCounts;
        if (counts.Binary is { } binary)
        {
            var ranking = binary.Rank();
            return [("0", ranking.Negatives, learned[0]), ("1", ranking.Positives, learned[1])];
        }
        return [.. counts.Multiclass!.ToReport().Classes.Select((item, k) => (item.Name, item.Actual, k < learned.Count ? learned[k] : 0))];
    }

    // Σ (p − q)·ln(p / q) over the classes, half a row added to each so that none is empty.
    private static double StabilityIndex(IReadOnlyList<(string Name, long Rows, long Learned)> classes)
    {
        double rows = classes.Sum(item => item.Rows + 0.5), learned = classes.Sum(item => item.Learned + 0.5);
        return classes.Sum(item =>
        {
            var (here, there) = ((item.Rows + 0.5) / rows, (item.Learned + 0.5) / learned);
            return (here - there) * Math.Log(here / there);
        });
    }

    private static string Widest(IReadOnlyList<(string Name, long Rows, long Learned)> classes, long rows)
    {
        double learned = classes.Sum(item => item.Learned);
        var (name, here, there) = classes.Select(item => (item.Name, Here: (double)item.Rows / rows, There: item.Learned / learned))
            .MaxBy(item => Math.Abs(item.Here - item.There));
        return $"{here:P1} are {name.Shorten()} here, {there:P1} in training";
    }

    private static string List(IReadOnlyList<string> names) => $"{string.Join(", ", names.Take(10))}{(names.Count > 10 ? ", …" : "")}";
}
