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

    private const int NoGroup = -1;

    /// <summary>The measure in words, for the report.</summary>
    public string Measure => target.Classes > 0
        ? "uncertainty coefficient I(X;Y)/H(Y): the share of the target's entropy that the attribute explains on held-out rows of the sample"
        : "correlation ratio: the share of the target's variance that the attribute explains on held-out rows of the sample";

    public double OfNumbers(int attribute, NumericSummary summary) =>
        summary.Count == 0 ? 0 : BinCount.Choose(summary, target, attribute).Score.Explained;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double OfValues(int attribute)
    {
        var cells = target.CellsOf(attribute);
        var numbers = new Dictionary<ulong, int>();
        var values = new List<(ulong Cell, int Rows)>();
        var groups = new int[cells.Length];
        for (var i = 0; i < cells.Length; i++)
        {
            ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(numbers, cells[i], out var isKnown);
            if (!isKnown)
            {
                number = values.Count;
                values.Add((cells[i], 0));
            }
            CollectionsMarshal.AsSpan(values)[number].Rows++;
            groups[i] = number;
        }
        // A value seen once has nothing to say about another row.
        var most = MostCells / Math.Max(1, target.Classes);
        var repeated = Enumerable.Range(0, values.Count).Where(number => values[number].Rows > 1);
        if (values.Count > most)
            repeated = repeated.OrderByDescending(number => values[number].Rows).ThenBy(number => values[number].Cell).Take(most);
        var groupOf = new int[values.Count];
        Array.Fill(groupOf, NoGroup);
        var count = 0;
        foreach (var number in repeated)
            groupOf[number] = count++;
        foreach (ref var group in groups.AsSpan())
            group = groupOf[group];
        return HeldOutScore.Of(target, groups, count).Explained;
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
        var cells = target.CellsOf(attribute);
        var isBinary = statistics.Column(attribute) is BinaryStatistics;
        var values = new double[cells.Length];
        var count = 0;
        double scale = 0, sumX = 0, sumY = 0;
        for (var i = 0; i < cells.Length; i++)
        {
            var isKnown = cells[i] is not (RowSample.Missing or RowSample.Invalid);
            values[i] = !isKnown ? double.NaN : isBinary ? cells[i] : BitConverter.UInt64BitsToDouble(cells[i]);
            scale = isKnown ? Math.Max(scale, Math.Abs(values[i])) : scale;
            sumY += isKnown ? target.Values[i] : 0;
            count += isKnown ? 1 : 0;
        }
        if (count < 3 || scale == 0)
            return null;
        foreach (ref var value in values.AsSpan())
        {
            value /= scale;
            sumX += double.IsNaN(value) ? 0 : value;
        }
        var (meanX, meanY) = (sumX / count, sumY / count);
        double xx = 0, yy = 0, xy = 0;
        for (var i = 0; i < values.Length; i++)
        {
            if (double.IsNaN(values[i]))
                continue;
            var (dx, dy) = (values[i] - meanX, target.Values[i] - meanY);
            xx += dx * dx;
            yy += dy * dy;
            xy += dx * dy;
        }
        return xx < 1e-24 || yy < 1e-24 ? null : Math.Clamp(xy / Math.Sqrt(xx * yy), -1, 1);
    }
}
