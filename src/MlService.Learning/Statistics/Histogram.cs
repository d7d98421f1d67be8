namespace MlService.Learning.Statistics;

/// <summary>Counts of numbers in bins of equal, round width (1, 2 or 5 times a power of ten): 20 to 50 over the range.</summary>
/// <param name="Width">Width of a bin; 0 for the single bin of a constant.</param>
/// <param name="Bins">The bins, increasing and adjacent.</param>
public sealed record Histogram(double Width, IReadOnlyList<HistogramBin> Bins)
{
    private const int MostBins = 50;

    /// <summary>Counts the values of a summary; approximate where its distribution is.</summary>
    public static Histogram Of(NumericSummary summary)
    {
        ArgumentNullException.ThrowIfNull(summary);
        var (min, max) = (summary.Min, summary.Max);
        // Halves first: the range of two doubles may not fit in one.
        var least = (max / 2 - min / 2) / (MostBins / 2.0);
        var (unit, exponent) = Round(least, summary.Values);
        var width = Scale(unit, exponent);
        var first = Math.Floor(Scale(min, -exponent) / unit);
        var last = Math.Floor(Scale(max, -exponent) / unit);
        // A constant, or a range too small or too large for round numbers to tell its ends apart.
        if (!(min < max) || !double.IsFinite(width) || width == 0 || Math.Max(Math.Abs(first), Math.Abs(last)) > 1L << 50)
            return new Histogram(0, [new HistogramBin(min, max, summary.Count)]);
        if (last > first && Scale(last * unit, exponent) == max)
            last--; // the greatest value closes the last bin
        var edges = new double[(int)(last - first) + 2];
        for (var i = 0; i < edges.Length; i++)
            edges[i] = Scale((first + i) * unit, exponent);
        var counts = new long[edges.Length - 1];
        for (var i = 0; i < summary.Values.Length; i++)
            counts[QuantileBins.IndexOf(edges.AsSpan(1, counts.Length - 1), summary.Values[i])] += summary.Counts[i];
        return new Histogram(width, [.. counts.Select((count, i) => new HistogramBin(edges[i], edges[i + 1], count))]);
    }

    /// <summary>The next 1, 2 or 5 times a power of ten; at least 1 where all values are whole.</summary>
    private static (double Unit, int Exponent) Round(double least, ReadOnlySpan<double> values)
    {
        if (least < 1 && AreWhole(values))
            return (1, 0);
        var exponent = (int)Math.Floor(Math.Log10(least));
        var mantissa = least / Math.Pow(10, exponent);
        return mantissa <= 1 ? (1, exponent) : mantissa <= 2 ? (2, exponent) : mantissa <= 5 ? (5, exponent) : (1, exponent + 1);
    }

    private static bool AreWhole(ReadOnlySpan<double> values)
    {
        foreach (var value in values)
        {
            if (value != Math.Floor(value))
                return false;
        }
        return true;
    }

    /// <summary>Dividing by a power of ten keeps decimals round: 3 / 10, not 3 · 0.1.</summary>
    private static double Scale(double number, int exponent) =>
        exponent < 0 ? number / Math.Pow(10, -exponent) : number * Math.Pow(10, exponent);
}

/// <summary>One bin.</summary>
/// <param name="From">Smallest value in it.</param>
/// <param name="To">End: not in it, but for the last bin.</param>
/// <param name="Count">Number of values.</param>
public sealed record HistogramBin(double From, double To, long Count);
