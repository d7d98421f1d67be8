using System.Runtime.CompilerServices;

namespace MlService.Learning.Statistics;

/// <summary>
/// The distribution of a numeric column. While it has at most <see cref="NumberCounts.Limit"/> different values, each is counted and
/// every answer is exact. With one more, all goes into a quantile sketch and a distinct counter, for good. Which of the two
/// it is depends on the values only, not on how they were sharded.
/// </summary>
internal sealed class ValueDistribution
{
    private NumberCounts? _exact = new();
    private QuantileSketch? _sketch;
    private HyperLogLog? _distinct;

    public bool IsExact => _sketch is null;

    /// <summary>Number of different values: exact for up to <see cref="NumberCounts.Limit"/>, then with 0.8% standard error.</summary>
    public long Distinct => _exact?.Size ?? Math.Max(NumberCounts.Limit + 1, _distinct!.Estimate());

    /// <summary>Takes in values in any order.</summary>
    /// <param name="values">At most <see cref="RadixSort.MostValues"/> of them; they may be left in another order.</param>
    public void Add(Span<double> values)
    {
        if (_exact is { } exact)
        {
            values = values[exact.Add(values)..];
            if (values.IsEmpty)
                return;
            LeaveExact(exact);
        }
        CountDistinct(values);
        RadixSort.Sort(values);
        _sketch!.AddSorted(values);
    }

    public void Merge(ValueDistribution other)
    {
        if (other._exact is { } others)
        {
            var (values, counts) = others.Sorted();
            AddCounted(values, counts);
            return;
        }
        if (_exact is { } exact)
            LeaveExact(exact);
        _sketch!.Merge(other._sketch!);
        _distinct!.Merge(other._distinct!);
    }

    /// <summary>Different values, strictly increasing, and how many values each stands for.</summary>
    public (double[] Values, long[] Counts) Snapshot() => _exact?.Sorted() ?? _sketch!.Snapshot();

    public void Write(SketchWriter writer)
    {
        writer.Flag(IsExact);
        _sketch?.Write(writer);
        _distinct?.Write(writer);
        if (_exact is null)
            return;
        var (values, counts) = _exact.Sorted();
        writer.Int(values.Length);
        for (var i = 0; i < values.Length; i++)
        {
            writer.Double(values[i]);
            writer.Long(counts[i]);
        }
    }

    public static ValueDistribution Read(SketchReader reader)
    {
        if (!reader.Flag())
            return new ValueDistribution { _exact = null, _sketch = QuantileSketch.Read(reader), _distinct = HyperLogLog.Read(reader) };
        var distribution = new ValueDistribution();
        var size = reader.Items(16, NumberCounts.Limit);
        var previous = double.NegativeInfinity;
        for (var i = 0; i < size; i++)
        {
            var (value, count) = (reader.Double(), reader.Count());
            if (!double.IsFinite(value) || !(value > previous) || count == 0)
                SketchReader.Throw("a distribution is out of order");
            distribution._exact!.TryAdd(value, count);
            previous = value;
        }
        return distribution;
    }

    private void AddCounted(ReadOnlySpan<double> values, ReadOnlySpan<long> counts)
    {
        if (_exact is { } exact)
        {
            var added = 0;
            while (added < values.Length && exact.TryAdd(values[added], counts[added]))
                added++;
            if (added == values.Length)
                return;
            values = values[added..];
            counts = counts[added..];
            LeaveExact(exact);
        }
        CountDistinct(values);
        _sketch!.AddCounted(values, counts);
    }

    private void LeaveExact(NumberCounts exact)
    {
        (_exact, _sketch, _distinct) = (null, new QuantileSketch(), new HyperLogLog());
        var (values, counts) = exact.Sorted();
        CountDistinct(values);
        _sketch.AddCounted(values, counts);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void CountDistinct(ReadOnlySpan<double> values)
    {
        var distinct = _distinct!;
        foreach (var value in values)
            distinct.Add(Hash64.OfNumber(value));
    }
}
