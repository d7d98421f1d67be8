using System.Runtime.CompilerServices;

namespace MlService.Learning.Statistics;

/// <summary>
/// Chooses how many quantile bins a numeric attribute deserves: the count, of those that Amazon's suggested recipes used,
/// whose bins predict the target best on held-out rows of the sample. A smaller count within one standard error of the best is taken
/// instead (the one-standard-error rule of Breiman et al., "Classification and Regression Trees", 1984).
/// </summary>
internal static class BinCount
{
    /// <summary>The counts that are tried.</summary>
    public static readonly int[] Candidates = [10, 20, 50, 100, 200, 500];

    /// <summary>Fewer values than this in a bin say nothing; of a rare class, each counts twice.</summary>
    private const int LeastValuesPerBin = 10;

    /// <summary>Chooses by what there is, without a target: as many as the different values and the rows carry, at most 50.</summary>
    public static int WithoutTarget(NumericSummary summary) =>
        Candidates.LastOrDefault(
            bins => bins <= 50 && bins <= summary.Values.Length && IsCarried(bins, summary.Count), Candidates[0]);

    /// <summary>Chooses by the target.</summary>
    /// <returns>The count and the score of its bins.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static (int Bins, HeldOutScore Score) Choose(NumericSummary summary, TargetSample target, int attribute)
    {
        var scores = new List<(int Bins, HeldOutScore Score)>();
        // Cut points are values of the summary: once a row knows its place among those, it finds its bin without a search, however many are tried.
        var places = summary.PlacesOf(target.NumbersOf(attribute));
        var groups = new int[places.Length];
        var binOf = new int[summary.Values.Length + 1];
        var lastBins = 0;
        var telling = IsSampled(summary, target) ? (long)(summary.Count * TellingShare(target)) : summary.Count;
        foreach (var bins in Candidates)
        {
            var cuts = summary.Boundaries(bins);
            if (bins > Candidates[0] && (!IsCarried(bins, telling) || cuts.Length + 1 == lastBins))
                break;
            lastBins = cuts.Length + 1;
            var bin = 0;
            for (var place = 1; place < binOf.Length; place++)
            {
                if (bin < cuts.Length && cuts[bin] <= summary.Values[place - 1])
                    bin++;
                binOf[place] = bin;
            }
            for (var i = 0; i < groups.Length; i++)
                groups[i] = places[i] < 0 ? lastBins : binOf[places[i]];
            scores.Add((bins, HeldOutScore.Of(target, groups, lastBins + 1)));
        }
        var best = scores.MinBy(candidate => candidate.Score.Loss.Sum());
        return IsSampled(summary, target) && !IsWithinNoise(best.Score.Baseline, best.Score.Loss)
            ? best
            : scores.First(candidate => IsWithinNoise(candidate.Score.Loss, best.Score.Loss));
    }

    /// <summary>
    /// Chooses between bins, the number as it is, and both. As it is alone where bins do no better (in small data: beyond noise). In small data
    /// whose target is classes, beside its bins where it predicts them beyond noise: a bin of few rows then has only to tell by how much it differs
    /// from the trend.
    /// </summary>
    /// <returns>The number of bins, 0 for none, and whether the number is wanted as it is.</returns>
    public static (int Bins, bool AsItIs) Form(NumericSummary summary, TargetSample target, int attribute)
    {
        var values = target.NumbersOf(attribute);
        var (count, bins) = Choose(summary, target, attribute);
        if (LinearScore.Of(target, values) is not { } loss)
            return (count, false);
        var (isSampled, isTelling) = (IsSampled(summary, target), !IsWithinNoise(bins.Baseline, loss));
        var isNoWorse = isSampled ? loss.Sum() <= bins.Loss.Sum() : IsWithinNoise(loss, bins.Loss);
        return isNoWorse && (isTelling || !IsWithinNoise(bins.Baseline, bins.Loss))
            ? (0, true)
            : (count, isTelling && !isSampled && target.Classes > 0);
    }

    /// <summary>Whether there are more rows than the sample has.</summary>
    private static bool IsSampled(NumericSummary summary, TargetSample target) => summary.Count + summary.Missing + summary.Invalid > target.SampledRows;

    private static bool IsCarried(int bins, long values) => values >= (long)bins * LeastValuesPerBin;

    // Where nearly all rows are of one class, it is the others that tell bins apart. In small data the rule of the standard error sees to that.
    private static double TellingShare(TargetSample target) => target.Classes == 0 || target.Labels.Length == 0
        ? 1
        : Math.Min(1, 2 * (1 - target.Labels.CountBy(label => label).Max(pair => pair.Value) / (double)target.Labels.Length));

    /// <summary>Whether a loss exceeds the best by at most the standard error of the folds' differences.</summary>
    internal static bool IsWithinNoise(double[] loss, double[] best)
    {
        var differences = loss.Zip(best, (a, b) => a - b).ToArray();
        var mean = differences.Average();
        var variance = differences.Sum(difference => (difference - mean) * (difference - mean)) / (differences.Length - 1);
        return mean <= Math.Sqrt(variance / differences.Length);
    }
}
