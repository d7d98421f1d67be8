using System.Text.Json.Nodes;
using MlService.Learning.Metrics;
using MlService.Metadata;

namespace MlService.Evaluations;

/// <summary>Where the threshold of a binary model is put: directly, or by what is to be reached there. At most one is given.</summary>
internal sealed record OperatingPoint(
    double? Threshold, double? TopShare, double? Recall, double? Precision, double? FalsePositiveRate,
    double? FalsePositiveCost, double? FalseNegativeCost)
{
    private const string Cost = "falsePositiveCost";
    private const string OtherCost = "falseNegativeCost";

    /// <summary>Whether the request moves the threshold.</summary>
    public bool IsGiven => Given.Any();

    /// <summary>The parameter that moves it.</summary>
    public string Name => Given.First().Name;

    private IEnumerable<(string Name, double Value)> Given =>
        from parameter in new (string Name, double? Value)[]
        {
            ("threshold", Threshold), ("topShare", TopShare), ("recall", Recall),
            ("precision", Precision), ("falsePositiveRate", FalsePositiveRate),
            (FalsePositiveCost is null ? OtherCost : Cost, FalsePositiveCost ?? FalseNegativeCost),
        }
        where parameter.Value is not null
        select (parameter.Name, parameter.Value.GetValueOrDefault());

    /// <summary>Puts threshold, counts and ratios at this point into a report.</summary>
    /// <exception cref="Problems.ProblemException">More than one parameter is given (the costs belong together), or one out of its range.</exception>
    public void Apply(ScoreRanking ranking, JsonObject report)
    {
        var given = Given.ToList();
        if (given.Count > 1)
            throw ResourceProblems.Invalid(given[1].Name, $"{given[0].Name} and {given[1].Name} are both given. The threshold can be in one place: give one.");
        var (name, value) = given[0];
        var (alarm, miss) = (FalsePositiveCost ?? 1, FalseNegativeCost ?? 1);
        var isCost = name is Cost or OtherCost;
        if (isCost && !(alarm >= 0 && miss >= 0 && double.IsFinite(alarm + miss) && alarm + miss > 0))
            throw ResourceProblems.Invalid(name, $"The errors cost {alarm} (falsePositiveCost) and {miss} (falseNegativeCost). Costs are from 0 up, and one of them above it.");
        if (!isCost && value is not (>= 0 and <= 1))
            throw ResourceProblems.Invalid(name, $"{name} is {value}; it lies between 0 and 1.");

        var threshold = name switch
        {
            "threshold" => value,
            "topShare" => ranking.ThresholdForTopShare(value),
            "recall" => ranking.ThresholdForRecall(value),
            "precision" => ranking.ThresholdForPrecision(value),
            Cost or OtherCost => ranking.ThresholdForCost(alarm, miss),
            _ => ranking.ThresholdForFalsePositiveRate(value),
        };
        var counts = ranking.At(threshold);
        report["threshold"] = threshold;
        report["truePositives"] = counts.TruePositives;
        report["falsePositives"] = counts.FalsePositives;
        report["trueNegatives"] = counts.TrueNegatives;
        report["falseNegatives"] = counts.FalseNegatives;
        report["accuracy"] = counts.Accuracy;
        report["precision"] = counts.Precision;
        report["recall"] = counts.Recall;
        report["f1"] = counts.F1;
        report["falsePositiveRate"] = counts.FalsePositiveRate;
        report["positiveShare"] = counts.PositiveShare;
        if (isCost)
            report["cost"] = counts.Cost(alarm, miss);
    }
}
