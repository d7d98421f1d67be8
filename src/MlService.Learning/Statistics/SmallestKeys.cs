using System.Buffers;
using System.Runtime.CompilerServices;

namespace MlService.Learning.Statistics;

/// <summary>
/// Where a bottom-k sample is cut. What it collects is let grow to <see cref="Slack"/> more than it may keep, then cut at once: in all that
/// is a fraction of what a heap costs, which moves a key for every row that comes.
/// </summary>
internal static class SmallestKeys
{
    // A partition that does not halve, on average, is fed with keys that are no hashes.
    private const int FewKeys = 32, MostRounds = 64;

    /// <summary>How many a sample of <paramref name="capacity"/> keys holds before it is cut.</summary>
    public static int Slack(int capacity) => capacity + capacity / 2;

    /// <summary>The key below which exactly <paramref name="count"/> keys lie, if all differ: the next one in order.</summary>
    /// <param name="keys">More than <paramref name="count"/> of them; not changed.</param>
    /// <param name="count">How many to keep.</param>
    /// <remarks>Hoare's selection (CACM 1961, algorithm 65), the pivot the median of three.</remarks>
    public static ulong Limit(ReadOnlySpan<ulong> keys, int count)
    {
        var copy = ArrayPool<ulong>.Shared.Rent(keys.Length);
        try
        {
            keys.CopyTo(copy);
            return Select(copy.AsSpan(0, keys.Length), count);
        }
        finally
        {
            ArrayPool<ulong>.Shared.Return(copy);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static ulong Select(Span<ulong> keys, int count)
    {
        for (var round = 0; keys.Length > FewKeys && round < MostRounds; round++)
        {
            var (a, b, c) = (keys[0], keys[keys.Length / 2], keys[^1]);
            var pivot = Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c));
            var (low, high) = (0, keys.Length - 1);
            while (true)
            {
                while (keys[low] < pivot)
                    low++;
                while (keys[high] > pivot)
                    high--;
                if (low >= high)
                    break;
                (keys[low], keys[high]) = (keys[high], keys[low]);
                low++;
                high--;
            }
            // Up to high none is above the pivot, from high + 1 on none below.
            if (count <= high)
            {
                keys = keys[..(high + 1)];
            }
            else
            {
                keys = keys[(high + 1)..];
                count -= high + 1;
            }
        }
        keys.Sort();
        return keys[count];
    }
}
