using System.Runtime.CompilerServices;

namespace MlService.Learning.Statistics;

/// <summary>
/// What is known of one numeric attribute: exact counts and moments, and its distribution. The distribution is exact for
/// up to 4,096 different values; beyond, ranks are off by at most 0.5% of the values (99% confidence). Immutable.
/// </summary>
public sealed class NumericSummary
{
    private readonly double[] _values;
    private readonly long[] _counts;
    private readonly long[] _ends;

    internal NumericSummary(double[] values, long[] counts, bool isExact)
    {
        _values = values;
        _counts = counts;
        IsExact = isExact;
        _ends = new long[counts.Length];
        long end = 0;
        for (var i = 0; i < counts.Length; i++)
            _ends[i] = end += counts[i];
        Count = end;
        if (values.Length == 0)
            return;
        (Min, Max) = (values[0], values[^1]);
    }

    /// <summary>Summarises values at hand, exactly.</summary>
    /// <param name="values">Finite numbers in any order.</param>
    /// <param name="missing">Number of rows in which the value is missing.</param>
    /// <param name="invalid">Number of rows in which it is not a number.</param>
    public static NumericSummary FromValues(ReadOnlySpan<double> values, long missing = 0, long invalid = 0)
    {
        var statistics = new NumericStatistics();
        foreach (var value in values)
            statistics.Add(value);
        statistics.AddUnusable(missing, invalid);
        return statistics.Summarize();
    }

    /// <summary>Number of valid values.</summary>
    public long Count { get; }

    /// <summary>Number of rows in which the value is missing (empty).</summary>
    public long Missing { get; internal init; }

    /// <summary>Number of rows whose text is not a finite number.</summary>
    public long Invalid { get; internal init; }

    /// <summary>Smallest value; 0 without values.</summary>
    public double Min { get; internal init; }

    /// <summary>Greatest value; 0 without values.</summary>
    public double Max { get; internal init; }

    /// <summary>Arithmetic mean; 0 without values.</summary>
    public double Mean { get; internal init; }

    /// <summary>Standard deviation of the sample (divisor n − 1); 0 for fewer than two values.</summary>
    public double StandardDeviation { get; internal init; }

    /// <summary>Whether quantiles and boundaries come from every value, not from a sketch.</summary>
    public bool IsExact { get; }

    /// <summary>Different values in the summary, increasing.</summary>
    internal ReadOnlySpan<double> Values => _values;

    /// <summary>How often each of <see cref="Values"/> occurs.</summary>
    internal ReadOnlySpan<long> Counts => _counts;

    /// <summary>How many of <see cref="Values"/> are not above each of some numbers; −1 for what is no number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal int[] PlacesOf(ReadOnlySpan<double> numbers)
    {
        var places = new int[numbers.Length];
        var values = _values;
        if (values.Length == 0)
            return places;
        for (var i = 0; i < places.Length; i++)
        {
            var number = numbers[i];
            // Halved again and again, without a branch that depends on what is compared: it would be guessed wrong every other time.
            var low = 0;
            for (var length = values.Length; length > 1;)
            {
                var half = length >>> 1;
                low += half * (values[low + half - 1] <= number ? 1 : 0);
                length -= half;
            }
            low += values[low] <= number ? 1 : 0;
            places[i] = double.IsNaN(number) ? -1 : low;
        }
        return places;
    }

    /// <summary>
    /// The value below which a share <paramref name="p"/> of the values lies, linear between neighbours
    /// (Hyndman and Fan's definition 7, as in R and NumPy); 0 without values.
    /// </summary>
    /// <param name="p">In [0, 1].</param>
    public double Quantile(double p)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(p);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(p, 1);
        if (Count == 0 || p == 0)
            return Min;
        if (p == 1)
            return Max;
        var rank = p * (Count - 1);
        var lower = (long)rank;
        var low = AtRank(lower);
        var high = AtRank(lower + 1);
        var share = rank - lower;
        return share == 0 || low == high ? low : low * (1 - share) + high * share;
    }

    /// <summary>
    /// Cut points for bins of about equal numbers of values. A value x falls in the bin whose index is the number of cut
    /// points ≤ x; no bin is empty. Equal values stay together, so there may be fewer bins than asked for.
    /// </summary>
    /// <param name="bins">Greatest number of bins, at least 1.</param>
    /// <returns>Strictly increasing values of the data, at most <paramref name="bins"/> − 1, all above the smallest value.</returns>
    public double[] Boundaries(int bins)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        return QuantileBins.Cut(_values, _counts, bins);
    }

    private double AtRank(long rank)
    {
        var index = Array.BinarySearch(_ends, rank + 1);
        return _values[Math.Min(index < 0 ? ~index : index, _values.Length - 1)];
    }
}
