namespace MlService.Learning.Metrics;

/// <summary>
/// Scores with their true labels, sorted: from the highest down, how many positives and negatives have at least that score.
/// Everything that a threshold decides can be read from it.
/// </summary>
public sealed partial class ScoreRanking
{
    private readonly float[] _scores;           // distinct, falling
    private readonly long[] _truePositives;     // with at least that score
    private readonly long[] _falsePositives;

    internal ScoreRanking(float[] scores, long[] positives, long[] negatives)
    {
        _scores = scores;
        _truePositives = positives;
        _falsePositives = negatives;
        for (var i = 1; i < scores.Length; i++)
        {
            positives[i] += positives[i - 1];
            negatives[i] += negatives[i - 1];
        }
        Positives = scores.Length == 0 ? 0 : positives[^1];
        Negatives = scores.Length == 0 ? 0 : negatives[^1];
        Auc = AreaUnderRoc();
    }

    /// <summary>Number of actual 1s.</summary>
    public long Positives { get; }

    /// <summary>Number of actual 0s.</summary>
    public long Negatives { get; }

    /// <summary>
    /// Area under the ROC curve: the probability that a random positive scores higher than a random negative, ties counting half
    /// (the Mann-Whitney statistic). Null where there are no positives or no negatives.
    /// </summary>
    public double? Auc { get; }

    /// <summary>Right and wrong predictions where 1 is predicted from <paramref name="threshold"/> up.</summary>
    public ConfusionCounts At(double threshold) => Counts(Rank(threshold));

    /// <summary>
    /// The highest threshold that predicts 1 for at least the given share of the records; 0 to 1. A share that ties cut through
    /// is exceeded.
    /// </summary>
    public double ThresholdForTopShare(double share)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(share);
        var wanted = Math.Ceiling(Math.Min(share, 1) * (Positives + Negatives));
        return wanted == 0 ? 1 : Highest(counts => counts.TruePositives + counts.FalsePositives >= wanted);
    }

    /// <summary>The highest threshold that finds at least the given share of the positives; 0 to 1.</summary>
    public double ThresholdForRecall(double recall) => Highest(counts => counts.Recall >= recall);

    /// <summary>The lowest threshold with at most the given share of the negatives predicted as 1; 0 to 1.</summary>
    public double ThresholdForFalsePositiveRate(double rate) => Lowest(counts => counts.FalsePositiveRate <= rate);

    /// <summary>The lowest threshold at which at least the given share of the predicted 1s is right; 1 where there is none.</summary>
    public double ThresholdForPrecision(double precision)
    {
        for (var i = _scores.Length - 1; i >= 0; i--)
            if (Counts(i).Precision >= precision)
                return _scores[i];
        return 1;
    }

    /// <summary>The threshold at which errors cost least in all; the highest of equals. 1 also where it costs least to predict no 1 at all.</summary>
    /// <param name="falsePositive">Cost of an actual 0 predicted as 1, at least 0.</param>
    /// <param name="falseNegative">Cost of an actual 1 predicted as 0, at least 0.</param>
    public double ThresholdForCost(double falsePositive, double falseNegative)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(falsePositive);
        ArgumentOutOfRangeException.ThrowIfNegative(falseNegative);
        // No score is above 1: only where none is 1 can a threshold leave out all.
        var best = _scores.Length > 0 && _scores[0] < 1 ? -1 : 0;
        for (var rank = best + 1; rank < _scores.Length; rank++)
            if (Counts(rank).Cost(falsePositive, falseNegative) < Counts(best).Cost(falsePositive, falseNegative))
                best = rank;
        return best < 0 || _scores.Length == 0 ? 1 : _scores[best];
    }

    /// <summary>Points of the curves over falling thresholds, ends included, evenly thinned.</summary>
    /// <param name="most">Greatest number of points.</param>
    public IReadOnlyList<CurvePoint> Curve(int most = 200)
    {
        var step = Math.Max(1, (_scores.Length + most - 2) / Math.Max(1, most - 1));
        var points = new List<CurvePoint>();
        for (var i = 0; i < _scores.Length; i += step)
            points.Add(Point(i));
        if (_scores.Length > 0 && (_scores.Length - 1) % step != 0)
            points.Add(Point(_scores.Length - 1));
        return points;
    }

    private CurvePoint Point(int rank)
    {
        var counts = Counts(rank);
        return new(_scores[rank], counts.FalsePositiveRate, counts.Recall, counts.Precision);
    }

    private double Highest(Func<ConfusionCounts, bool> isEnough)
    {
        // Both counts grow as the threshold falls: bisect.
        int low = 0, high = _scores.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (isEnough(Counts(middle)))
                high = middle;
            else
                low = middle + 1;
        }
        return low == _scores.Length ? 0 : _scores[low];
    }

    private double Lowest(Func<ConfusionCounts, bool> isAllowed)
    {
        int low = 0, high = _scores.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (isAllowed(Counts(middle)))
                low = middle + 1;
            else
                high = middle;
        }
        return low == 0 ? 1 : _scores[low - 1];
    }

    private int Rank(double threshold)
    {
        int low = 0, high = _scores.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_scores[middle] >= threshold)
                low = middle + 1;
            else
                high = middle;
        }
        return low - 1;
    }

    private ConfusionCounts Counts(int rank)
    {
        var (hits, alarms) = rank < 0 ? (0, 0) : (_truePositives[rank], _falsePositives[rank]);
        return new(hits, alarms, Negatives - alarms, Positives - hits);
    }

    private double? AreaUnderRoc()
    {
        if (Positives == 0 || Negatives == 0)
            return null;
        // Trapezoids: 2·area·P·N = Σ ΔFP·(TP_before + TP_after), in integers wide enough for any count.
        Int128 doubled = 0;
        long hits = 0, alarms = 0;
        for (var i = 0; i < _scores.Length; i++)
        {
            doubled += (Int128)(_falsePositives[i] - alarms) * (hits + _truePositives[i]);
            (hits, alarms) = (_truePositives[i], _falsePositives[i]);
        }
        return (double)doubled / (2.0 * Positives * Negatives);
    }
}
