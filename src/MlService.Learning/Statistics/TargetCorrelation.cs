using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MlService.Learning.Statistics;

/// <summary>
/// Measures how much an attribute alone tells about the target: <see cref="HeldOutScore.Explained"/> of the grouping
/// that suits its type: quantile bins of a number, the values of a category, the verdict of the words of a text.
/// </summary>
internal sealed class TargetCorrelation(DataStatistics statistics, TargetSample target)
{
    /// <summary>Cells (groups × classes) of one fold's table.</summary>
    private const int MostCells = 200_000;

    /// <summary>The measure in words, for the report.</summary>
    public string Measure => target.Classes > 0
        ? "uncertainty coefficient I(X;Y)/H(Y): the share of the target's entropy that the attribute explains on held-out rows of the sample"
        : "correlation ratio: the share of the target's variance that the attribute explains on held-out rows of the sample";

    public double OfNumbers(int attribute, NumericSummary summary) =>
        summary.Count == 0 ? 0 : BinCount.Choose(summary, target, statistics.Sample, attribute).Score.Explained;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double OfValues(int attribute)
    {
        var sample = statistics.Sample;
        var occurrences = new Dictionary<ulong, int>();
        foreach (var slot in target.Slots)
            CollectionsMarshal.GetValueRefOrAddDefault(occurrences, sample.Row(slot)[attribute], out _)++;
        // A value seen once has nothing to say about another row.
        var most = MostCells / Math.Max(1, target.Classes);
        var repeated = occurrences.Where(pair => pair.Value > 1);
        if (occurrences.Count > most)
            repeated = repeated.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key).Take(most);
        var groupOf = new Dictionary<ulong, int>();
        foreach (var (cell, _) in repeated)
            groupOf[cell] = groupOf.Count;
        var groups = new int[target.Slots.Length];
        for (var i = 0; i < groups.Length; i++)
            groups[i] = groupOf.GetValueOrDefault(sample.Row(target.Slots[i])[attribute], -1);
        return HeldOutScore.Of(target, groups, groupOf.Count).Explained;
    }

    public double OfWords(WordSample words)
    {
        var (groups, count) = words.Verdicts(target);
        return HeldOutScore.Of(target, groups, count).Explained;
    }

    /// <summary>Pearson's r on the rows that have both values; null where it is not defined.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double? Pearson(int attribute)
    {
        if (!target.IsOrdered)
            return null;
        var sample = statistics.Sample;
        var pairs = new List<(double X, double Y)>(target.Slots.Length);
        for (var i = 0; i < target.Slots.Length; i++)
        {
            var cell = sample.Row(target.Slots[i])[attribute];
            if (cell is not (RowSample.Missing or RowSample.Invalid))
                pairs.Add((statistics.Column(attribute) is BinaryStatistics ? cell : BitConverter.UInt64BitsToDouble(cell), target.Values[i]));
        }
        if (pairs.Count < 3)
            return null;
        var scale = pairs.Max(pair => Math.Abs(pair.X));
        if (scale == 0)
            return null;
        var (meanX, meanY) = (pairs.Average(pair => pair.X / scale), pairs.Average(pair => pair.Y));
        double xx = 0, yy = 0, xy = 0;
        foreach (var (x, y) in pairs)
        {
            var (dx, dy) = (x / scale - meanX, y - meanY);
            xx += dx * dx;
            yy += dy * dy;
            xy += dx * dy;
        }
        return xx < 1e-24 || yy < 1e-24 ? null : Math.Clamp(xy / Math.Sqrt(xx * yy), -1, 1);
    }
}
