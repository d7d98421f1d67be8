using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using MlService.Learning.Schemas;

namespace MlService.Learning.Statistics;

/// <summary>
/// Statistics of numbers. A value only goes into a small buffer; sums, range, distribution and distinct count take
/// in a full buffer as a whole.
/// </summary>
internal sealed class NumericStatistics : ColumnStatistics
{
    private const int BufferSize = RadixSort.MostValues;

    private double[] _buffer = new double[32];
    private int _buffered;
    private ValueDistribution _distribution = new();
    private Moments _moments;

    public double Min { get; private set; } = double.PositiveInfinity;

    public double Max { get; private set; } = double.NegativeInfinity;

    public long Missing { get; private set; }

    public InvalidValues Invalid { get; private init; } = new();

    /// <summary>Takes in one row's value, which is padded.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Add(ReadOnlySpan<byte> text)
    {
        var value = FieldValue.ParsePadded(text);
        if (double.IsNaN(value))
            return AddOther(text);
        Add(value);
        return BitConverter.DoubleToUInt64Bits(value + 0.0);
    }

    /// <summary>Takes in one finite number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(double value)
    {
        if (_buffered == _buffer.Length)
            MakeRoom();
        _buffer[_buffered++] = value + 0.0; // -0 becomes 0: they are one value
    }

    public void AddUnusable(long missing, long invalid)
    {
        Missing += missing;
        Invalid.AddUnknown(invalid);
    }

    public override void Merge(ColumnStatistics other)
    {
        var numeric = (NumericStatistics)other;
        Flush();
        numeric.Flush();
        Min = Math.Min(Min, numeric.Min);
        Max = Math.Max(Max, numeric.Max);
        Missing += numeric.Missing;
        Invalid.Merge(numeric.Invalid);
        _moments.Merge(numeric._moments);
        _distribution.Merge(numeric._distribution);
    }

    /// <summary>Number of different values: exact for up to 4,096, then estimated with 0.8% standard error.</summary>
    public long Distinct()
    {
        Flush();
        return _distribution.Distinct;
    }

    public NumericSummary Summarize()
    {
        Flush();
        var (values, weights) = _distribution.Snapshot();
        var count = _moments.Count;
        var (mean, deviation) = (_moments.Mean, Math.Sqrt(_moments.Variance));
        if (!double.IsFinite(mean) || !double.IsFinite(deviation))
            (mean, deviation) = ScaledMoments(values, weights);
        return new NumericSummary(values, weights, _distribution.IsExact)
        {
            Missing = Missing,
            Invalid = Invalid.Count,
            Min = count == 0 ? 0 : Min,
            Max = count == 0 ? 0 : Max,
            Mean = count == 0 ? 0 : Math.Clamp(mean, Min, Max),
            StandardDeviation = deviation,
        };
    }

    public override void Write(SketchWriter writer)
    {
        Flush();
        writer.Long(Missing);
        Invalid.Write(writer);
        writer.Double(Min);
        writer.Double(Max);
        _moments.Write(writer);
        _distribution.Write(writer);
    }

    public static NumericStatistics Read(SketchReader reader)
    {
        var statistics = new NumericStatistics
        {
            Missing = reader.Count(),
            Invalid = InvalidValues.Read(reader),
            Min = reader.Double(),
            Max = reader.Double(),
            _moments = Moments.Read(reader),
            _distribution = ValueDistribution.Read(reader),
        };
        if (statistics._moments.Count > 0 && !(statistics.Min <= statistics.Max))
            SketchReader.Throw("a range is out of order");
        return statistics;
    }

    /// <summary>Squares of numbers beyond 10¹⁵⁴ leave the range of a double; the sketch's values, scaled, do not.</summary>
    private (double Mean, double Deviation) ScaledMoments(double[] values, long[] weights)
    {
        var scale = Math.Max(Math.Abs(Min), Math.Abs(Max));
        double mean = 0, squares = 0, total = weights.Sum();
        for (var i = 0; i < values.Length; i++)
            mean += values[i] / scale * (weights[i] / total);
        for (var i = 0; i < values.Length; i++)
            squares += Math.Pow(values[i] / scale - mean, 2) * (weights[i] / total);
        // The ratio to the divisor n - 1 comes last; a result above the range is cut at the greatest double.
        return (mean * scale, Math.Min(double.MaxValue, Math.Sqrt(squares * total / Math.Max(1, total - 1)) * scale));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ulong AddOther(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
        {
            Missing++;
            return RowSample.Missing;
        }
        Invalid.Add(text);
        return RowSample.Invalid;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void MakeRoom()
    {
        if (_buffer.Length < BufferSize)
            Array.Resize(ref _buffer, _buffer.Length * 2);
        else
            Flush();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Flush()
    {
        if (_buffered == 0)
            return;
        var values = _buffer.AsSpan(0, _buffered);
        _buffered = 0;
        Widen(values);
        _moments.Add(values);
        _distribution.Add(values);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Widen(ReadOnlySpan<double> values)
    {
        var (min, max) = (Vector256.Create(Min), Vector256.Create(Max));
        var fours = MemoryMarshal.Cast<double, Vector256<double>>(values);
        foreach (var four in fours)
            (min, max) = (Vector256.MinNative(min, four), Vector256.MaxNative(max, four));
        for (var lane = 0; lane < Vector256<double>.Count; lane++)
            (Min, Max) = (Math.Min(Min, min[lane]), Math.Max(Max, max[lane]));
        foreach (var value in values[(fours.Length * Vector256<double>.Count)..])
            (Min, Max) = (Math.Min(Min, value), Math.Max(Max, value));
    }
}
