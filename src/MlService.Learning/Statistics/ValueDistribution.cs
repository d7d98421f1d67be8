using System.Numerics;
using System.Runtime.CompilerServices;

namespace MlService.Learning.Statistics;

/// <summary>
/// The distribution of a numeric column. While it has at most <see cref="ExactLimit"/> different values, each is counted and
/// every answer is exact. With one more, all goes into a quantile sketch and a distinct counter, for good. Which of the two
/// it is depends on the values only, not on how they were sharded.
/// </summary>
internal sealed class ValueDistribution
{
    public const int ExactLimit = 4096;

    private double[] _values = [];
    private long[] _counts = [];
    private int _size;
    private QuantileSketch? _sketch;
    private HyperLogLog? _distinct;

    public bool IsExact => _sketch is null;

    /// <summary>Number of different values: exact for up to <see cref="ExactLimit"/>, then with 0.8% standard error.</summary>
    public long Distinct => _distinct is null ? _size : Math.Max(ExactLimit + 1, _distinct.Estimate());

    /// <summary>Takes in values in increasing order.</summary>
    public void AddSorted(ReadOnlySpan<double> sorted)
    {
        if (_sketch is null)
            AddExactly(sorted);
        else
            AddRoughly(_sketch, sorted);
    }

    public void Merge(ValueDistribution other)
    {
        if (other._sketch is null)
        {
            AddCounted(other._values.AsSpan(0, other._size), other._counts.AsSpan(0, other._size));
            return;
        }
        var sketch = _sketch ?? LeaveExact();
        sketch.Merge(other._sketch);
        _distinct!.Merge(other._distinct!);
    }

    /// <summary>Different values, strictly increasing, and how many values each stands for.</summary>
    public (double[] Values, long[] Counts) Snapshot() => _sketch?.Snapshot() ?? (_values[.._size], _counts[.._size]);

    public void Write(BinaryWriter writer)
    {
        writer.Write(IsExact);
        _sketch?.Write(writer);
        _distinct?.Write(writer);
        if (!IsExact)
            return;
        writer.Write(_size);
        for (var i = 0; i < _size; i++)
        {
            writer.Write(_values[i]);
            writer.Write(_counts[i]);
        }
    }

    public static ValueDistribution Read(SketchReader reader)
    {
        if (!reader.Flag())
            return new ValueDistribution { _sketch = QuantileSketch.Read(reader), _distinct = HyperLogLog.Read(reader) };
        var size = reader.Items(16, ExactLimit);
        var distribution = new ValueDistribution { _size = size, _values = new double[size], _counts = new long[size] };
        for (var i = 0; i < size; i++)
        {
            var value = distribution._values[i] = reader.Double();
            distribution._counts[i] = reader.Count();
            if (!double.IsFinite(value) || i > 0 && !(value > distribution._values[i - 1]))
                SketchReader.Throw("a distribution is out of order");
        }
        return distribution;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddExactly(ReadOnlySpan<double> sorted)
    {
        const int most = 1024;
        Span<double> values = stackalloc double[most];
        Span<long> counts = stackalloc long[most];
        var distinct = 0;
        foreach (var value in sorted)
        {
            if (distinct > 0 && values[distinct - 1] == value)
            {
                counts[distinct - 1]++;
                continue;
            }
            if (distinct == most)
            {
                AddCounted(values, counts);
                distinct = 0;
            }
            values[distinct] = value;
            counts[distinct++] = 1;
        }
        AddCounted(values[..distinct], counts[..distinct]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddCounted(ReadOnlySpan<double> values, ReadOnlySpan<long> counts)
    {
        var merged = _sketch is null ? SizeWith(values) : 0;
        if (_sketch is not null || merged > ExactLimit)
        {
            var sketch = _sketch ?? LeaveExact();
            sketch.AddCounted(values, counts);
            CountDistinct(values);
            return;
        }
        if (_values.Length < merged)
        {
            var capacity = (int)BitOperations.RoundUpToPowerOf2((uint)merged);
            Array.Resize(ref _values, capacity);
            Array.Resize(ref _counts, capacity);
        }
        for (int i = _size - 1, j = values.Length - 1, to = merged - 1; j >= 0; to--)
        {
            if (i >= 0 && _values[i] >= values[j])
            {
                var same = _values[i] == values[j];
                (_values[to], _counts[to]) = (_values[i], _counts[i] + (same ? counts[j] : 0));
                i--;
                if (same)
                    j--;
            }
            else
            {
                (_values[to], _counts[to]) = (values[j], counts[j]);
                j--;
            }
        }
        _size = merged;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int SizeWith(ReadOnlySpan<double> values)
    {
        var size = _size;
        var i = 0;
        foreach (var value in values)
        {
            while (i < _size && _values[i] < value)
                i++;
            if (i == _size || _values[i] != value)
                size++;
        }
        return size;
    }

    private QuantileSketch LeaveExact()
    {
        _sketch = new QuantileSketch();
        _distinct = new HyperLogLog();
        var values = _values.AsSpan(0, _size);
        _sketch.AddCounted(values, _counts.AsSpan(0, _size));
        CountDistinct(values);
        (_values, _counts, _size) = ([], [], 0);
        return _sketch;
    }

    private void AddRoughly(QuantileSketch sketch, ReadOnlySpan<double> sorted)
    {
        sketch.AddSorted(sorted);
        CountDistinct(sorted);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void CountDistinct(ReadOnlySpan<double> sorted)
    {
        for (var i = 0; i < sorted.Length; i++)
        {
            if (i == 0 || sorted[i] != sorted[i - 1])
                _distinct!.Add(Hash64.OfNumber(sorted[i]));
        }
    }
}
