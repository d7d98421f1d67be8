using MlService.Learning.Models;

namespace MlService.Models;

/// <summary>How well models do that learned like this one, each judged on a part of the rows that it left out.</summary>
/// <param name="Metric"><c>BinaryAUC</c>, <c>MulticlassAvgFScore</c> or <c>RegressionRMSE</c>, as in evaluations.</param>
/// <param name="Mean">Its mean over the folds; absent where no fold has it.</param>
/// <param name="Deviation">Its standard deviation from fold to fold; absent with less than two.</param>
/// <param name="Folds">Each fold.</param>
public sealed record CrossValidationDescription(string Metric, double? Mean, double? Deviation, IReadOnlyList<FoldDescription> Folds)
{
    /// <summary>Shows what a model's training found.</summary>
    internal static CrossValidationDescription Of(ScoringModel model)
    {
        var folds = model.Summary.Folds;
        double[] values = [.. folds.Select(fold => fold.Metric).OfType<double>()];
        double? mean = values.Length == 0 ? null : values.Average();
        double? deviation = values.Length < 2 ? null : Math.Sqrt(values.Sum(value => Math.Pow(value - mean!.Value, 2)) / (values.Length - 1));
        var metric = model.Type switch
        {
            ModelType.Binary => "BinaryAUC",
            ModelType.Multiclass => "MulticlassAvgFScore",
            _ => "RegressionRMSE",
        };
        return new(metric, mean, deviation, [.. folds.Select((fold, index) => new FoldDescription(index + 1, fold.Rows, fold.Metric, fold.Loss))]);
    }
}

/// <summary>One fold of a cross-validation.</summary>
/// <param name="Fold">Number, from 1.</param>
/// <param name="Rows">Rows that were left out of learning and judged.</param>
/// <param name="Value">The metric on them; absent where it is undefined, for instance an AUC on rows of one class.</param>
/// <param name="Loss">Mean loss of a row, as in the training log.</param>
public sealed record FoldDescription(int Fold, long Rows, double? Value, double? Loss);
