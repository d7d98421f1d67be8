using System.Runtime.CompilerServices;

namespace MlService.Learning.Statistics;

/// <summary>
/// Estimates how many rows repeat an earlier one. It counts the occurrences of the different rows with the smallest
/// content hashes: exact while the data has at most <see cref="Capacity"/> different rows, then the share of repeats
/// among that uniform sample of different rows. It does not depend on how the data was sharded.
/// </summary>
internal sealed class DuplicateRows
{
    public const int Capacity = 8192;

    private const int FirstRows = 48, Growth = 4, SlotsPerRow = 3;

    // A slot holds the number of a row counted from 1, and above it bits of the row's hash, which tell nearly all others apart.
    private const int NumberBits = 16;
    private const uint Mask = (1 << NumberBits) - 1;

    private uint[] _slots = [];
    private ulong[] _hashes = [];
    private long[] _counts = [];
    private int _size;
    private ulong _limit = ulong.MaxValue;

    /// <summary>Whether all different rows are counted.</summary>
    public bool IsExact
    {
        get
        {
            Cut();
            return _limit == ulong.MaxValue;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(ulong hash)
    {
        if (hash < _limit)
            Count(hash, 1);
    }

    public void Merge(DuplicateRows other)
    {
        _limit = Math.Min(_limit, other._limit);
        Drop();
        for (var row = 0; row < other._size; row++)
        {
            if (other._hashes[row] < _limit)
                Count(other._hashes[row], other._counts[row]);
        }
        Cut();
    }

    /// <summary>Number of rows that repeat another one.</summary>
    /// <param name="rows">Number of rows in all.</param>
    public long Estimate(long rows)
    {
        Cut();
        long sampled = 0;
        foreach (var count in Counts)
            sampled += count;
        return sampled == 0 ? 0 : (long)Math.Round((double)(sampled - _size) / sampled * rows);
    }

    /// <summary>Half the width of the 95% confidence interval of <see cref="Estimate"/>; 0 where it is exact.</summary>
    /// <param name="rows">Number of rows in all.</param>
    public long Error(long rows)
    {
        if (IsExact)
            return 0;
        // Of s rows d are different: the share of repeats is 1 − d/s, and s/d is the mean of d independent counts.
        double different = _size, mean = 0, variance = 0;
        foreach (var count in Counts)
            mean += count / different;
        foreach (var count in Counts)
            variance += (count - mean) * (count - mean) / different;
        return (long)Math.Ceiling(NormalDistribution.Quantile975 * Math.Sqrt(variance / different) / (mean * mean) * rows);
    }

    public void Write(SketchWriter writer)
    {
        Cut();
        writer.ULong(_limit);
        writer.Int(_size);
        for (var row = 0; row < _size; row++)
        {
            writer.ULong(_hashes[row]);
            writer.Long(_counts[row]);
        }
    }

    public static DuplicateRows Read(SketchReader reader)
    {
        var rows = new DuplicateRows { _limit = reader.ULong() };
        var size = reader.Items(16, Capacity);
        for (var i = 0; i < size; i++)
        {
            var hash = reader.ULong();
            rows.Count(hash, reader.Count());
        }
        if (rows._size < size)
            SketchReader.Throw("a row is counted twice, or has no place in the sample");
        return rows;
    }

    private ReadOnlySpan<long> Counts => _counts.AsSpan(0, _size);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Count(ulong hash, long count)
    {
        if (_size == _hashes.Length)
            MakeRoom();
        if (hash >= _limit)
            return; // lowered meanwhile
        var slots = _slots;
        var tag = (uint)(hash >> 32) << NumberBits;
        for (var at = First(hash, slots); ; at = Next(at, slots))
        {
            var slot = slots[at];
            if (slot == 0)
            {
                (_hashes[_size], _counts[_size]) = (hash, count);
                slots[at] = tag | (uint)++_size;
                return;
            }
            if ((slot & ~Mask) != tag || _hashes[(slot & Mask) - 1] != hash)
                continue;
            _counts[(slot & Mask) - 1] += count;
            return;
        }
    }

    /// <summary>Where a hash is looked for first: by its lowest bits, of which the limit says nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int First(ulong hash, uint[] slots) => (int)((uint)hash * (ulong)slots.Length >> 32);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Next(int slot, uint[] slots) => slot + 1 == slots.Length ? 0 : slot + 1;

    private void MakeRoom()
    {
        var most = SmallestKeys.Slack(Capacity);
        if (_size == most)
        {
            Cut();
            return;
        }
        var size = Math.Min(most, Math.Max(FirstRows, _size * Growth));
        Array.Resize(ref _hashes, size);
        Array.Resize(ref _counts, size);
        _slots = new uint[size * SlotsPerRow];
        TakeSlots();
    }

    /// <summary>Keeps the smallest hashes; what is kept was counted from its first occurrence on.</summary>
    private void Cut()
    {
        if (_size <= Capacity)
            return;
        _limit = SmallestKeys.Limit(_hashes.AsSpan(0, _size), Capacity);
        Drop();
    }

    /// <summary>Lets go what is not below the limit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Drop()
    {
        var kept = 0;
        for (var i = 0; i < _size; i++)
        {
            (_hashes[kept], _counts[kept]) = (_hashes[i], _counts[i]);
            kept += _hashes[i] < _limit ? 1 : 0;
        }
        if (kept == _size)
            return;
        _size = kept;
        Array.Clear(_slots);
        TakeSlots();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void TakeSlots()
    {
        var slots = _slots;
        for (var i = 0; i < _size; i++)
        {
            var hash = _hashes[i];
            var at = First(hash, slots);
            while (slots[at] != 0)
                at = Next(at, slots);
            slots[at] = (uint)(hash >> 32) << NumberBits | (uint)(i + 1);
        }
    }
}
