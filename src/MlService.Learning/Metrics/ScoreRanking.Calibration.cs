namespace MlService.Learning.Metrics;

/// <content>What the ranking says of the scores as probabilities, and of its own area's certainty.</content>
public sealed partial class ScoreRanking
{
    /// <summary>Number of points of <see cref="Reliability"/>, where the scores have as many different values.</summary>
    public const int ReliabilityBins = 10;

    private const int DrawnGroups = 200;

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
    /// The area's confidence interval by the <see cref="Bootstrap"/>. Neighbouring scores are drawn together, in up to
    /// <see cref="DrawnGroups"/> groups of about equally many records; how a group's own positives and negatives lie to each other stays
    /// as it is, which concerns about one pair of records in as many. Null where a class has less than two records or the area is 0 or 1:
    /// such rows say nothing of how far it varies.
    /// </summary>
    public ConfidenceInterval? AucInterval()
    {
        if (Auc is not (> 0 and < 1) || Positives < 2 || Negatives < 2)
            return null;
        var groups = DrawnTogether();
        return Bootstrap.Interval([.. groups.SelectMany(group => new[] { group.Positives, group.Negatives })], counts =>
        {
            double positives = 0, negatives = 0, won = 0;
            for (var i = 0; i < groups.Count; i++)
            {
                var (hits, alarms) = (counts[2 * i], counts[2 * i + 1]);
                won += alarms * (positives + hits * groups[i].Won);
                positives += hits;
                negatives += alarms;
            }
            return won / (positives * negatives);
        });
    }

    /// <summary>Groups of neighbouring scores, falling, with the share of a group's pairs of a positive and a negative that are in the right order.</summary>
    private List<(long Positives, long Negatives, double Won)> DrawnTogether()
    {
        var groups = new List<(long, long, double)>();
        long positives = 0, negatives = 0;
        double won = 0;
        for (var i = 0; i < _scores.Length; i++)
        {
            var (hits, alarms) = CountsOf(i);
            won += alarms * (positives + hits / 2.0);
            positives += hits;
            negatives += alarms;
            var done = (double)(_truePositives[i] + _falsePositives[i]);
            if (i < _scores.Length - 1 && done * DrawnGroups < (Positives + Negatives) * (groups.Count + 1.0))
                continue;
            groups.Add((positives, negatives, positives == 0 || negatives == 0 ? 0 : won / positives / negatives));
            (positives, negatives, won) = (0, 0, 0);
        }
        return groups;
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
