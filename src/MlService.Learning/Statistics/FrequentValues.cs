using System.Numerics;
using System.Runtime.CompilerServices;

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

    /// <summary>What a count needs, and no more: the tables of a data set are to fit in the cache.</summary>
    private struct Entry
    {
        public ulong Hash;
        public long Count;
        public uint Row;
        public int Text;
    }

    private Entry[] _table = new Entry[16];
    private Entry[] _spareTable = [];
    private (int Offset, int Length)[] _texts = new (int, int)[8];
    private (int Offset, int Length)[] _spareTexts = [];
    private byte[] _bytes = [];
    private byte[] _spareBytes = [];
    private int _bytesUsed;
    private int _size;
    private HyperLogLog? _distinct;

    /// <summary>Whether every count and the number of different values are exact.</summary>
    public bool IsExact => _distinct is null;

    /// <summary>How much a count may be too low.</summary>
    public long CountError { get; private set; }

    /// <summary>Number of different values.</summary>
    public long Distinct => _distinct is null ? _size : Math.Max(capacity + 1, _distinct.Estimate());

    /// <summary>Counts one occurrence.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(ulong hash, ReadOnlySpan<byte> value)
    {
        ref var entry = ref Find(hash);
        if (entry.Count > 0)
            entry.Count++;
        else
            Insert(hash, value, value.Length, 1, 0);
    }

    /// <summary>Counts at most one occurrence a row.</summary>
    /// <param name="hash">The value's hash.</param>
    /// <param name="value">The value.</param>
    /// <param name="row">A number that differs from the one of the row before.</param>
    /// <returns>Whether the value is new in this row.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool AddOnce(ulong hash, ReadOnlySpan<byte> value, uint row)
    {
        ref var entry = ref Find(hash);
        if (entry.Count > 0)
        {
            if (entry.Row == row)
                return false;
            entry.Row = row;
            entry.Count++;
            return true;
        }
        Insert(hash, value, value.Length, 1, row);
        return true;
    }

    public void Merge(FrequentValues other)
    {
        if (other._distinct is not null)
        {
            CountDistinct();
            _distinct!.Merge(other._distinct);
        }
        foreach (ref readonly var theirs in other._table.AsSpan())
        {
            if (theirs.Count == 0)
                continue;
            ref var entry = ref Find(theirs.Hash);
            if (entry.Count > 0)
                entry.Count += theirs.Count;
            else
                Insert(theirs.Hash, other.BytesOf(theirs), other._texts[theirs.Text].Length, theirs.Count, 0);
        }
        CountError += other.CountError;
    }

    /// <summary>The values with the highest counts (or the lowest), ties in the order of their bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public List<CountedValue> Ranked(int most, bool rarestFirst = false)
    {
        var all = new List<CountedValue>(_size);
        foreach (ref readonly var entry in _table.AsSpan())
        {
            if (entry.Count > 0)
                all.Add(new CountedValue(entry.Hash, BytesOf(entry).ToArray(), _texts[entry.Text].Length, entry.Count + CountError));
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

    public void Write(BinaryWriter writer)
    {
        writer.Write(CountError);
        writer.Write(IsExact);
        _distinct?.Write(writer);
        writer.Write(_size);
        foreach (ref readonly var entry in _table.AsSpan())
        {
            if (entry.Count == 0)
                continue;
            writer.Write(entry.Hash);
            writer.Write(entry.Count);
            writer.Write(_texts[entry.Text].Length);
            writer.Write(BytesOf(entry));
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
            if (values.Find(hash).Count > 0)
                SketchReader.Throw("a value is counted twice");
            values.Insert(hash, bytes, length, count, 0);
        }
        return values;
    }

    private ReadOnlySpan<byte> BytesOf(in Entry entry)
    {
        var (offset, length) = _texts[entry.Text];
        return _bytes.AsSpan(offset, Math.Min(length, keptBytes));
    }

    /// <summary>The entry of a value, or the free one where it belongs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref Entry Find(ulong hash)
    {
        var table = _table;
        for (var at = (int)hash & table.Length - 1; ; at = at + 1 & table.Length - 1)
        {
            ref var entry = ref table[at];
            if (entry.Hash == hash || entry.Count == 0)
                return ref entry;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Insert(ulong hash, ReadOnlySpan<byte> value, int length, long count, uint row)
    {
        if (_size == capacity)
            Purge();
        else if (_size * 2 >= _table.Length)
            Grow();
        _distinct?.Add(hash);
        var kept = value.Length <= keptBytes ? value : value[..keptBytes];
        if (_bytes.Length - _bytesUsed < kept.Length)
            Array.Resize(ref _bytes, (int)BitOperations.RoundUpToPowerOf2((uint)(_bytesUsed + kept.Length + 256)));
        kept.CopyTo(_bytes.AsSpan(_bytesUsed));
        _texts[_size] = (_bytesUsed, length);
        Free(hash) = new Entry { Hash = hash, Count = count, Row = row, Text = _size };
        _bytesUsed += kept.Length;
        _size++;
    }

    private void CountDistinct()
    {
        if (_distinct is not null)
            return;
        _distinct = new HyperLogLog();
        foreach (ref readonly var entry in _table.AsSpan())
        {
            if (entry.Count > 0)
                _distinct.Add(entry.Hash);
        }
    }

    private void Purge()
    {
        CountDistinct();
        var median = MedianCount();
        CountError += median;
        MoveReduced(median);
    }

    private long MedianCount()
    {
        // Counts in the tail of a column are nearly all tiny: tally those, and sort only when the median is not among them.
        Span<int> tally = stackalloc int[64];
        tally.Clear();
        foreach (ref readonly var entry in _table.AsSpan())
        {
            if (entry.Count is > 0 and < 64)
                tally[(int)entry.Count]++;
        }
        for (int count = 1, below = 0; count < 64; count++)
        {
            below += tally[count];
            if (below * 2 >= _size)
                return count;
        }
        var counts = new long[_size];
        var size = 0;
        foreach (ref readonly var entry in _table.AsSpan())
        {
            if (entry.Count > 0)
                counts[size++] = entry.Count;
        }
        Array.Sort(counts);
        return counts[(size - 1) / 2];
    }

    /// <summary>Moves to a larger table.</summary>
    private void Grow()
    {
        var old = _table;
        _table = new Entry[old.Length * 2];
        Array.Resize(ref _texts, old.Length);
        foreach (ref readonly var entry in old.AsSpan())
        {
            if (entry.Count > 0)
                Free(entry.Hash) = entry;
        }
    }

    /// <summary>Moves what stays to the spare table, and its bytes to the spare bytes, so that a purge allocates nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void MoveReduced(long decrement)
    {
        (_table, _spareTable) = (_spareTable.Length == _table.Length ? _spareTable : new Entry[_table.Length], _table);
        (_texts, _spareTexts) = (_spareTexts.Length == _texts.Length ? _spareTexts : new (int, int)[_texts.Length], _texts);
        (_bytes, _spareBytes) = (_spareBytes.Length == _bytes.Length ? _spareBytes : new byte[_bytes.Length], _bytes);
        _size = 0;
        _bytesUsed = 0;
        foreach (ref readonly var old in _spareTable.AsSpan())
        {
            if (old.Count <= decrement)
                continue;
            var (offset, length) = _spareTexts[old.Text];
            var kept = _spareBytes.AsSpan(offset, Math.Min(length, keptBytes));
            kept.CopyTo(_bytes.AsSpan(_bytesUsed));
            _texts[_size] = (_bytesUsed, length);
            Free(old.Hash) = old with { Count = old.Count - decrement, Text = _size };
            _bytesUsed += kept.Length;
            _size++;
        }
        Array.Clear(_spareTable);
    }

    private ref Entry Free(ulong hash)
    {
        var at = (int)hash & _table.Length - 1;
        while (_table[at].Count > 0)
            at = at + 1 & _table.Length - 1;
        return ref _table[at];
    }
}

/// <summary>A value, or the first bytes of a long one, with its hash, full length and (upper bound of its) count.</summary>
internal readonly record struct CountedValue(ulong Hash, byte[] Bytes, int Length, long Count);
