using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MlService.Learning.Statistics;

/// <summary>
/// Estimates how many rows repeat an earlier one. It counts the occurrences of the different rows with the smallest
/// content hashes: exact while the data has at most <see cref="Capacity"/> different rows, then the share of repeats
/// among that uniform sample of different rows. It does not depend on how the data was sharded.
/// </summary>
internal sealed class DuplicateRows
{
    public const int Capacity = 8192;

    private readonly Dictionary<ulong, long> _counts = [];
    private ulong _limit = ulong.MaxValue;

    /// <summary>Whether all different rows are counted.</summary>
    public bool IsExact
    {
        get
        {
            Shrink();
            return _limit == ulong.MaxValue;
        }
    }

    public void Add(ulong hash)
    {
        if (hash < _limit)
            Count(hash, 1);
    }

    public void Merge(DuplicateRows other)
    {
        _limit = Math.Min(_limit, other._limit);
        foreach (var (hash, count) in other._counts)
        {
            if (hash < _limit)
                Count(hash, count);
        }
        Shrink();
    }

    /// <summary>Number of rows that repeat another one.</summary>
    /// <param name="rows">Number of rows in all.</param>
    public long Estimate(long rows)
    {
        Shrink();
        var sampled = _counts.Values.Sum();
        return sampled == 0 ? 0 : (long)Math.Round((double)(sampled - _counts.Count) / sampled * rows);
    }

    /// <summary>Half the width of the 95% confidence interval of <see cref="Estimate"/>; 0 where it is exact.</summary>
    /// <param name="rows">Number of rows in all.</param>
    public long Error(long rows)
    {
        if (IsExact)
            return 0;
        // Of s rows d are different: the share of repeats is 1 − d/s, and s/d is the mean of d independent counts.
        double different = _counts.Count, mean = _counts.Values.Sum() / different;
        var variance = _counts.Values.Sum(count => (count - mean) * (count - mean)) / different;
        return (long)Math.Ceiling(NormalDistribution.Quantile975 * Math.Sqrt(variance / different) / (mean * mean) * rows);
    }

    public void Write(BinaryWriter writer)
    {
        Shrink();
        writer.Write(_limit);
        writer.Write(_counts.Count);
        foreach (var (hash, count) in _counts.OrderBy(pair => pair.Key))
        {
            writer.Write(hash);
            writer.Write(count);
        }
    }

    public static DuplicateRows Read(SketchReader reader)
    {
        var rows = new DuplicateRows { _limit = reader.ULong() };
        var size = reader.Items(16, Capacity);
        for (var i = 0; i < size; i++)
        {
            if (!rows._counts.TryAdd(reader.ULong(), reader.Count()))
                SketchReader.Throw("a row is counted twice");
        }
        return rows;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Count(ulong hash, long count)
    {
        CollectionsMarshal.GetValueRefOrAddDefault(_counts, hash, out _) += count;
        if (_counts.Count == 2 * Capacity)
            Shrink();
    }

    /// <summary>Keeps the smallest hashes; what is kept was counted from its first occurrence on.</summary>
    private void Shrink()
    {
        if (_counts.Count > Capacity)
        {
            var hashes = new ulong[_counts.Count];
            _counts.Keys.CopyTo(hashes, 0);
            Array.Sort(hashes);
            _limit = hashes[Capacity];
        }
        foreach (var hash in _counts.Keys)
        {
            if (hash >= _limit)
                _counts.Remove(hash);
        }
    }
}
