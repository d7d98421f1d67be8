using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace MlService.Learning.Statistics;

/// <summary>
/// Counts values given as bytes in bounded memory: an open-addressing table of at most <c>capacity</c> values. While the column
/// has no more, every count is exact. When one more comes, the median count is taken from all of them and those that reach zero leave;
/// the sum of what was taken is <see cref="CountError"/>, and true counts lie in [count, count + error] with
/// error ≤ 2 · total / capacity. From then on a HyperLogLog counts the different values.
/// </summary>
/// <remarks>Misra and Gries (1982) with the batched decrement of Anderson et al., "A high-performance algorithm for
/// identifying frequent items in data streams" (IMC 2017). Values are told apart by their 64-bit hashes: of 100,000 different ones, two
/// meet with a probability of 3 · 10⁻¹⁰. Of long ones only the first bytes are kept.</remarks>
internal sealed class FrequentValues(int capacity, int keptBytes = FrequentValues.KeptBytes)
{
    public const int KeptBytes = 128;

    /// <summary>Greatest capacity: an entry's index and a part of its hash share a slot.</summary>
    public const int MostValues = (1 << IndexBits) - 1;

    private const int IndexBits = 16;

    private struct Entry
    {
        public ulong Hash;
        public long Count;
        public uint Row;
    }

    private readonly int _capacity = capacity <= MostValues ? capacity : throw new ArgumentOutOfRangeException(nameof(capacity));

    // What is looked at for each value must fit in the cache, for all columns together. So the table has slots of four bytes: 0, or the
    // index of an entry + 1 and above it the upper bits of the hash, which tell nearly all other values apart. Entries lie in the order in
    // which their values came: the frequent ones, which come early, lie close together.
    private uint[] _slots = new uint[16];
    private Entry[] _entries = new Entry[8];
    private (int Offset, int Length)[] _texts = new (int, int)[8];
    private byte[] _bytes = [];
    private int _bytesUsed;
    private int _size;
    private HyperLogLog? _distinct;

    /// <summary>Whether every count and the number of different values are exact.</summary>
    public bool IsExact => _distinct is null;

    /// <summary>How much a count may be too low.</summary>
    public long CountError { get; private set; }

    /// <summary>Number of different values.</summary>
    public long Distinct => _distinct is null ? _size : Math.Max(_capacity + 1, _distinct.Estimate());

    /// <summary>Asks the processor to fetch the slot of a value that is counted soon.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe void Prefetch(ulong hash)
    {
        if (Sse.IsSupported)
            Sse.Prefetch0(Unsafe.AsPointer(ref _slots[(uint)hash & (uint)(_slots.Length - 1)]));
    }

    /// <summary>Asks the processor to fetch what the slot of a value leads to, once the slot is there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe void PrefetchEntry(ulong hash)
    {
        if (Sse.IsSupported)
            Sse.Prefetch0(Unsafe.AsPointer(ref _entries[Math.Max(First(hash), 0)]));
    }

    /// <summary>Counts one occurrence.</summary>
    public void Add(ulong hash, ReadOnlySpan<byte> value)
    {
        if (!TryAdd(hash))
            Insert(hash, value);
    }

    /// <summary>Counts one occurrence of a value that is among those counted.</summary>
    /// <returns>False where it is to be inserted.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryAdd(ulong hash)
    {
        if (Find(hash) is not (>= 0 and var index))
            return false;
        _entries[index].Count++;
        return true;
    }

    /// <summary>Counts at most one occurrence a row of a value that is among those counted.</summary>
    /// <param name="hash">The value's hash.</param>
    /// <param name="row">A number that differs from the one of the row before.</param>
    /// <returns>Whether the value is new in this row; null where it is to be inserted.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool? AddOnce(ulong hash, uint row)
    {
        if (Find(hash) is not (>= 0 and var index))
            return null;
        ref var entry = ref _entries[index];
        if (entry.Row == row)
            return false;
        entry.Row = row;
        entry.Count++;
        return true;
    }

    /// <summary>Counts the first occurrence of a value that is not among those counted.</summary>
    public void Insert(ulong hash, ReadOnlySpan<byte> value, uint row = 0) => Insert(hash, value, value.Length, 1, row);

    public void Merge(FrequentValues other)
    {
        if (other._distinct is not null)
        {
            CountDistinct();
            _distinct!.Merge(other._distinct);
        }
        for (var theirs = 0; theirs < other._size; theirs++)
        {
            ref readonly var entry = ref other._entries[theirs];
            if (Find(entry.Hash) is >= 0 and var index)
                _entries[index].Count += entry.Count;
            else
                Insert(entry.Hash, other.BytesOf(theirs), other._texts[theirs].Length, entry.Count, 0);
        }
        CountError += other.CountError;
    }

    /// <summary>The values with the highest counts (or the lowest), ties in the order of their bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public List<CountedValue> Ranked(int most, bool rarestFirst = false)
    {
        // Only values whose counts lie within those of the wanted ones are put in order.
        var (least, greatest) = (0L, long.MaxValue);
        if (_size > most)
        {
            var counts = SortedCounts();
            (least, greatest) = rarestFirst ? (0, counts[most - 1]) : (counts[_size - most], long.MaxValue);
        }
        var all = new List<CountedValue>();
        for (var index = 0; index < _size; index++)
        {
            if (_entries[index].Count >= least && _entries[index].Count <= greatest)
                all.Add(new CountedValue(_entries[index].Hash, BytesOf(index).ToArray(), _texts[index].Length, _entries[index].Count + CountError));
        }
        all.Sort((a, b) =>
        {
            var order = rarestFirst ? a.Count.CompareTo(b.Count) : b.Count.CompareTo(a.Count);
            return order != 0 ? order : a.Bytes.AsSpan().SequenceCompareTo(b.Bytes);
        });
        if (all.Count > most)
            all.RemoveRange(most, all.Count - most);
        return all;
    }

    public void Write(SketchWriter writer)
    {
        writer.Long(CountError);
        writer.Flag(IsExact);
        _distinct?.Write(writer);
        writer.Int(_size);
        for (var index = 0; index < _size; index++)
        {
            writer.ULong(_entries[index].Hash);
            writer.Long(_entries[index].Count);
            writer.Int(_texts[index].Length);
            writer.Bytes(BytesOf(index));
        }
    }

    public static FrequentValues Read(SketchReader reader, int capacity, int keptBytes = KeptBytes)
    {
        var values = new FrequentValues(capacity, keptBytes) { CountError = reader.Count() };
        if (!reader.Flag())
            values._distinct = HyperLogLog.Read(reader);
        var size = reader.Items(20, capacity);
        for (var i = 0; i < size; i++)
        {
            var hash = reader.ULong();
            var count = reader.Count();
            var length = reader.Int();
            if (length < 0 || count == 0)
                SketchReader.Throw("a counted value is out of range");
            var bytes = reader.Bytes(Math.Min(length, keptBytes));
            if (values.Find(hash) >= 0)
                SketchReader.Throw("a value is counted twice");
            values.Insert(hash, bytes, length, count, 0);
        }
        return values;
    }

    private ReadOnlySpan<byte> BytesOf(int index)
    {
        var (offset, length) = _texts[index];
        return _bytes.AsSpan(offset, Math.Min(length, keptBytes));
    }

    /// <summary>The index of a value's entry, or -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Find(ulong hash)
    {
        var index = First(hash);
        return index >= 0 & _entries[Math.Max(index, 0)].Hash == hash ? index : FindFurther(hash);
    }

    /// <summary>The index of the entry that the first slot of a value leads to, or -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int First(ulong hash) => (int)(_slots[(uint)hash & (uint)(_slots.Length - 1)] & MostValues) - 1;

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private int FindFurther(ulong hash)
    {
        var slots = _slots;
        for (var at = (int)hash & slots.Length - 1; ; at = at + 1 & slots.Length - 1)
        {
            var slot = slots[at];
            if (slot == 0)
                return -1;
            if (slot >> IndexBits == (uint)(hash >> 32 + IndexBits) && _entries[(slot & MostValues) - 1].Hash == hash)
                return (int)(slot & MostValues) - 1;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Insert(ulong hash, ReadOnlySpan<byte> value, int length, long count, uint row)
    {
        if (_size == _capacity)
            Purge();
        else if (_size == _entries.Length)
            Grow();
        _distinct?.Add(hash);
        var kept = value.Length <= keptBytes ? value : value[..keptBytes];
        if (_bytes.Length - _bytesUsed < kept.Length)
            Array.Resize(ref _bytes, (int)BitOperations.RoundUpToPowerOf2((uint)(_bytesUsed + kept.Length + 256)));
        kept.CopyTo(_bytes.AsSpan(_bytesUsed));
        _texts[_size] = (_bytesUsed, length);
        _entries[_size] = new Entry { Hash = hash, Count = count, Row = row };
        TakeSlot(_size++);
        _bytesUsed += kept.Length;
    }

    private void CountDistinct()
    {
        if (_distinct is not null)
            return;
        _distinct = new HyperLogLog();
        foreach (ref readonly var entry in _entries.AsSpan(0, _size))
            _distinct.Add(entry.Hash);
    }

    /// <summary>Takes the median count from all counts. What stays moves up in its place, so that nothing is allocated.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Purge()
    {
        CountDistinct();
        var median = MedianCount();
        CountError += median;
        var (size, bytesUsed) = (0, 0);
        for (var index = 0; index < _size; index++)
        {
            ref readonly var entry = ref _entries[index];
            if (entry.Count <= median)
                continue;
            var kept = BytesOf(index);
            kept.CopyTo(_bytes.AsSpan(bytesUsed));
            _texts[size] = (bytesUsed, _texts[index].Length);
            _entries[size++] = entry with { Count = entry.Count - median };
            bytesUsed += kept.Length;
        }
        (_size, _bytesUsed) = (size, bytesUsed);
        Array.Clear(_slots);
        TakeSlots();
    }

    private long MedianCount()
    {
        // Counts in the tail of a column are nearly all tiny: tally those, and sort only when the median is not among them.
        Span<int> tally = stackalloc int[64];
        tally.Clear();
        foreach (ref readonly var entry in _entries.AsSpan(0, _size))
        {
            if (entry.Count < 64)
                tally[(int)entry.Count]++;
        }
        for (int count = 1, below = 0; count < 64; count++)
        {
            below += tally[count];
            if (below * 2 >= _size)
                return count;
        }
        return SortedCounts()[(_size - 1) / 2];
    }

    private long[] SortedCounts()
    {
        var counts = new long[_size];
        for (var index = 0; index < _size; index++)
            counts[index] = _entries[index].Count;
        Array.Sort(counts);
        return counts;
    }

    private void Grow()
    {
        Array.Resize(ref _entries, _size * 2);
        Array.Resize(ref _texts, _size * 2);
        _slots = new uint[_size * 8];
        TakeSlots();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void TakeSlots()
    {
        for (var index = 0; index < _size; index++)
            TakeSlot(index);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void TakeSlot(int index)
    {
        var hash = _entries[index].Hash;
        var slots = _slots;
        var at = (int)hash & slots.Length - 1;
        while (slots[at] != 0)
            at = at + 1 & slots.Length - 1;
        slots[at] = (uint)(hash >> 32 + IndexBits) << IndexBits | (uint)(index + 1);
    }
}

/// <summary>A value, or the first bytes of a long one, with its hash, full length and (upper bound of its) count.</summary>
internal readonly record struct CountedValue(ulong Hash, byte[] Bytes, int Length, long Count);
