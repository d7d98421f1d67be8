using System.Runtime.CompilerServices;

namespace MlService.Learning.Statistics;

/// <summary>
/// Cuts a sorted distribution into bins of about equal numbers of observations. Equal values are never parted: a value
/// that alone outweighs a bin gets one of its own, and what remains is shared among the bins that remain. So a column
/// that is zero in 90% of the rows still has its other values told apart, which plain quantiles would lose.
/// </summary>
internal static class QuantileBins
{
    /// <summary>Finds the cut points.</summary>
    /// <param name="values">Strictly increasing values.</param>
    /// <param name="counts">How often each occurs.</param>
    /// <param name="bins">Greatest number of bins, at least 1.</param>
    /// <returns>
    /// Strictly increasing values, at most <paramref name="bins"/> − 1: each is the first of its bin, so that x falls in
    /// the bin whose index is the number of cut points ≤ x.
    /// </returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double[] Cut(ReadOnlySpan<double> values, ReadOnlySpan<long> counts, int bins)
    {
        if (values.Length <= bins)
            return values.Length <= 1 ? [] : values[1..].ToArray();
        long remaining = 0;
        foreach (var count in counts)
            remaining += count;
        var cuts = new List<double>(bins - 1);
        long inBin = 0;
        for (var i = 0; i < values.Length && cuts.Count < bins - 1; i++)
        {
            var wanted = (double)(remaining + inBin) / (bins - cuts.Count);
            if (inBin > 0 && inBin + counts[i] / 2.0 > wanted)
            {
                cuts.Add(values[i]);
                inBin = 0;
            }
            inBin += counts[i];
            remaining -= counts[i];
        }
        return [.. cuts];
    }

    /// <summary>The bin of a value: the number of cut points that are not above it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int IndexOf(ReadOnlySpan<double> cuts, double value)
    {
        int low = 0, high = cuts.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (cuts[middle] <= value)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
}
