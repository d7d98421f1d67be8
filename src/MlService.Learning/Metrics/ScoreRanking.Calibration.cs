using MlService.Learning.Statistics;

namespace MlService.Learning.Metrics;

/// <content>What the ranking says of the scores as probabilities, and of its own area's certainty.</content>
public sealed partial class ScoreRanking
{
    /// <summary>Number of points of <see cref="Reliability"/>, where the scores have as many different values.</summary>
    public const int ReliabilityBins = 10;

    /// <summary>
    /// The reliability curve over rising scores: bins of equally many records, as far as equal scores allow, so that a rare class
    /// gets as many points as a common one.
    /// </summary>
    public IReadOnlyList<ReliabilityBin> Reliability()
    {
        var bins = new List<ReliabilityBin>();
        long total = Positives + Negatives, done = 0, rows = 0, positives = 0;
        double sum = 0;
        var from = 0;
        for (var i = _scores.Length - 1; i >= 0; i--)
        {
            if (rows == 0)
                from = i;
            var (hits, alarms) = CountsOf(i);
            rows += hits + alarms;
            positives += hits;
            sum += (double)_scores[i] * (hits + alarms);
            if (i > 0 && (done + rows) * ReliabilityBins < total * (bins.Count + 1))
                continue;
            bins.Add(new(_scores[from], _scores[i], rows, sum / rows, (double)positives / rows));
            done += rows;
            (rows, positives, sum) = (0, 0, 0);
        }
        return bins;
    }

    /// <summary>
    /// The area's confidence interval after E. DeLong, D. DeLong and D. Clarke-Pearson ("Comparing the Areas under Two or More
    /// Correlated Receiver Operating Characteristic Curves", 1988), on the scale of log-odds, so that it stays between 0 and 1. Null
    /// where a class has less than two records or the area is 0 or 1: such rows say nothing of how far it varies.
    /// </summary>
    public ConfidenceInterval? AucInterval()
    {
        if (Auc is not (> 0 and < 1) || Positives < 2 || Negatives < 2)
            return null;
        var area = Auc.Value;
        double ofPositives = 0, ofNegatives = 0;
        for (var i = 0; i < _scores.Length; i++)
        {
            var (hits, alarms) = CountsOf(i);
            // Share of the other class that a record is on the right side of, ties counting half.
            var below = (Negatives - _falsePositives[i] + alarms / 2.0) / Negatives - area;
            var above = (_truePositives[i] - hits / 2.0) / Positives - area;
            ofPositives += hits * below * below;
            ofNegatives += alarms * above * above;
        }
        var variance = ofPositives / (Positives - 1) / Positives + ofNegatives / (Negatives - 1) / Negatives;
        var margin = NormalDistribution.Quantile975 * Math.Sqrt(variance) / (area * (1 - area));
        var odds = Math.Log(area / (1 - area));
        return new(1 / (1 + Math.Exp(margin - odds)), 1 / (1 + Math.Exp(-margin - odds)));
    }

    /// <summary>The distinct scores, falling, each with the records that have it.</summary>
    internal IEnumerable<(float Score, long Positives, long Negatives)> Groups =>
        Enumerable.Range(0, _scores.Length).Select(rank => (_scores[rank], CountsOf(rank).Positives, CountsOf(rank).Negatives));

    /// <summary>Mean distance of what the model says and what is so, over the reliability curve (M. Naeini, G. Cooper, M. Hauskrecht, 2015).</summary>
    internal static double? CalibrationError(IReadOnlyList<ReliabilityBin> bins) =>
        bins.Count == 0 ? null : bins.Sum(bin => bin.Rows * Math.Abs(bin.MeanScore - bin.TrueShare)) / bins.Sum(bin => bin.Rows);

    private (long Positives, long Negatives) CountsOf(int rank) => rank == 0
        ? (_truePositives[0], _falsePositives[0])
        : (_truePositives[rank] - _truePositives[rank - 1], _falsePositives[rank] - _falsePositives[rank - 1]);
}
