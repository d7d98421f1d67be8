using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace MlService.Learning.Statistics;

/// <summary>Counts different numbers exactly: an open-addressing table that grows to twice the <see cref="Limit"/>.</summary>
internal sealed class NumberCounts
{
    /// <summary>Most different numbers that are counted.</summary>
    public const int Limit = 4096;

    // Numbers between one that is counted and the one whose entry is fetched meanwhile.
    private const int Ahead = 16;

    private struct Entry
    {
        public ulong Bits;
        public long Count;
    }

    private Entry[] _table = new Entry[32];

    /// <summary>Number of different numbers.</summary>
    public int Size { get; private set; }

    /// <summary>Counts numbers, up to the first that is one too many.</summary>
    /// <param name="values">Finite numbers in any order, none of them -0.</param>
    /// <returns>How many of the numbers were counted.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Add(ReadOnlySpan<double> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            Prefetch(values[Math.Min(i + Ahead, values.Length - 1)]);
            var bits = BitConverter.DoubleToUInt64Bits(values[i]);
            ref var entry = ref _table[IndexOf(bits, _table)];
            if (entry.Bits == bits & entry.Count > 0)
                entry.Count++;
            else if (!TryAdd(values[i], 1))
                return i;
        }
        return values.Length;
    }

    /// <summary>Counts a number some times.</summary>
    /// <returns>False where it is one too many.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public bool TryAdd(double value, long count)
    {
        ref var entry = ref Find(BitConverter.DoubleToUInt64Bits(value));
        if (entry.Count == 0)
            return TryInsert(value, count);
        entry.Count += count;
        return true;
    }

    /// <summary>The numbers, increasing, and their counts.</summary>
    public (double[] Values, long[] Counts) Sorted()
    {
        var (values, counts) = (new double[Size], new long[Size]);
        var size = 0;
        foreach (ref readonly var entry in _table.AsSpan())
        {
            if (entry.Count > 0)
                (values[size], counts[size++]) = (BitConverter.UInt64BitsToDouble(entry.Bits), entry.Count);
        }
        Array.Sort(values, counts);
        return (values, counts);
    }

    /// <summary>The entry of a number, or the free one where it belongs.</summary>
    private ref Entry Find(ulong bits)
    {
        var table = _table;
        for (var at = IndexOf(bits, table); ; at = at + 1 & table.Length - 1)
        {
            ref var entry = ref table[at];
            if (entry.Bits == bits && entry.Count > 0 || entry.Count == 0)
                return ref entry;
        }
    }

    /// <summary>Where a number is looked for first.</summary>
    /// <remarks>The product's highest bits, as many as the table's length has, depend on all of the number's (Knuth's multiplicative hashing).</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int IndexOf(ulong bits, Entry[] table) => (int)((bits * 0x9E3779B97F4A7C15 >> 32) * (ulong)table.Length >> 32);

    /// <summary>Asks the processor to fetch the entry of a number that is counted soon.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private unsafe void Prefetch(double value)
    {
        if (Sse.IsSupported)
            Sse.Prefetch0(Unsafe.AsPointer(ref _table[IndexOf(BitConverter.DoubleToUInt64Bits(value), _table)]));
    }

    private bool TryInsert(double value, long count)
    {
        if (Size == Limit)
            return false;
        if (++Size * 2 > _table.Length)
        {
            var old = _table;
            _table = new Entry[old.Length * 2];
            foreach (ref readonly var entry in old.AsSpan())
            {
                if (entry.Count > 0)
                    Find(entry.Bits) = entry;
            }
        }
        var bits = BitConverter.DoubleToUInt64Bits(value);
        Find(bits) = new Entry { Bits = bits, Count = count };
        return true;
    }
}
