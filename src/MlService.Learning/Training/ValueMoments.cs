using System.Runtime.CompilerServices;

namespace MlService.Learning.Training;

/// <summary>Count, mean and sum of squared deviations of some numbers. Adding follows B. P. Welford (1962), merging T. Chan,
/// G. Golub and R. LeVeque (1983): no cancellation, whatever the mean.</summary>
internal struct ValueMoments
{
    public long Count;
    public double Mean;
    public double SquaredDeviations;

    /// <summary>Standard deviation of the population; 1 where all numbers are the same, so that it can divide.</summary>
    public readonly double Scale
    {
        get
        {
            var variance = Count == 0 ? 0 : SquaredDeviations / Count;
            // Rounding leaves a trace of variance in equal numbers.
            return variance > 1e-14 * Mean * Mean ? Math.Sqrt(variance) : 1;
        }
    }

    public void Add(double value)
    {
        Count++;
        var delta = value - Mean;
        Mean += delta / Count;
        SquaredDeviations += delta * (value - Mean);
    }

    /// <summary>Adds one number many times.</summary>
    public void Add(double value, long times) => Merge(new ValueMoments { Count = times, Mean = value });

    public void Merge(in ValueMoments other)
    {
        if (other.Count == 0)
            return;
        var count = Count + other.Count;
        var delta = other.Mean - Mean;
        SquaredDeviations += other.SquaredDeviations + delta * delta * Count / count * other.Count;
        Mean += delta * other.Count / count;
        Count = count;
    }

    public readonly void Write(BinaryWriter writer)
    {
        writer.Write(Count);
        writer.Write(Mean);
        writer.Write(SquaredDeviations);
    }

    public static ValueMoments Read(BinaryReader reader) =>
        new() { Count = reader.ReadInt64(), Mean = reader.ReadDouble(), SquaredDeviations = reader.ReadDouble() };

    /// <summary>Writes the moments of features.</summary>
    public static void WriteById(BinaryWriter writer, Dictionary<int, ValueMoments> moments)
    {
        writer.Write(moments.Count);
        foreach (var (id, value) in moments)
        {
            writer.Write(id);
            value.Write(writer);
        }
    }

    /// <summary>Reads what <see cref="WriteById"/> wrote.</summary>
    public static Dictionary<int, ValueMoments> ReadById(BinaryReader reader)
    {
        var count = ShardFormat.ReadCount(reader, 28);
        var moments = new Dictionary<int, ValueMoments>(count);
        for (var i = 0; i < count; i++)
            moments.Add(reader.ReadInt32(), Read(reader));
        return moments;
    }
}

/// <summary>
/// The same, without a division for each number: sums of the differences to the first number, and of their squares. What cancels
/// out is small, because the first number is one of those that make the deviations.
/// </summary>
internal struct ShiftedMoments
{
    private long _count;
    private double _first;
    private double _sum;
    private double _squares;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(double value)
    {
        if (_count++ == 0)
            _first = value;
        var difference = value - _first;
        _sum += difference;
        _squares += difference * difference;
    }

    public readonly ValueMoments ToMoments() => _count == 0 ? default : new()
    {
        Count = _count,
        Mean = _first + _sum / _count,
        SquaredDeviations = Math.Max(0, _squares - _sum / _count * _sum),
    };
}
