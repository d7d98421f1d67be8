using MlService.Evaluations;
using MlService.Learning.Metrics;

namespace MlService.Console.Parts;

/// <summary>Says what the headline figures of evaluations mean.</summary>
internal static class MetricWords
{
    /// <summary>What the metric is called.</summary>
    public static string Name(string? metric) => metric switch
    {
        EvaluationJob.BinaryMetric => "AUC",
        "MulticlassAvgFScore" => "average F1",
        "RegressionRMSE" => "RMSE",
        _ => "",
    };

    /// <summary>The figure as people read it.</summary>
    public static string Figure(string? metric, double? value) => metric == "RegressionRMSE" ? Words.Number(value) : Words.Ratio(value);

    /// <summary>What the figure of an evaluation means, in a sentence.</summary>
    public static string Sentence(Evaluation evaluation) => evaluation.MetricValue is not { } value ? "" : evaluation.MetricName switch
    {
        EvaluationJob.BinaryMetric => Auc(value),
        "MulticlassAvgFScore" => $"Average F1 {Words.Ratio(value)}, where 1 is perfect.",
        _ => $"RMSE {Words.Number(value)}: about how far its predictions are off.",
    };

    /// <summary>How sure the figure is, in a sentence that follows another; empty where that is not known.</summary>
    public static string Interval(ConfidenceInterval? interval, Func<double?, string> write) => interval is null ? ""
        : $" On other rows of this kind it would lie between {write(interval.Low)} and {write(interval.High)}, {interval.Level:0%} sure.";

    /// <summary>What an area under the ROC curve means.</summary>
    public static string Auc(double auc) =>
        $"AUC {Words.Ratio(auc)}: a random 1 scores above a random 0 in {Math.Round(auc * 100)} of 100 cases; a guess, in 50.";
}
