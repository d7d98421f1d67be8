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
        var pairs = new (double X, double Y)[cells.Length];
        var count = 0;
        var scale = 0.0;
        for (var i = 0; i < cells.Length; i++)
        {
            if (cells[i] is RowSample.Missing or RowSample.Invalid)
                continue;
            var x = isBinary ? cells[i] : BitConverter.UInt64BitsToDouble(cells[i]);
            scale = Math.Max(scale, Math.Abs(x));
            pairs[count++] = (x, target.Values[i]);
        }
        if (count < 3 || scale == 0)
            return null;
        double sumX = 0, sumY = 0;
        foreach (var (x, y) in pairs.AsSpan(0, count))
            (sumX, sumY) = (sumX + x / scale, sumY + y);
        var (meanX, meanY) = (sumX / count, sumY / count);
        double xx = 0, yy = 0, xy = 0;
        foreach (var (x, y) in pairs.AsSpan(0, count))
        {
            var (dx, dy) = (x / scale - meanX, y - meanY);
            xx += dx * dx;
            yy += dy * dy;
            xy += dx * dy;
        }
        return xx < 1e-24 || yy < 1e-24 ? null : Math.Clamp(xy / Math.Sqrt(xx * yy), -1, 1);
    }
}
