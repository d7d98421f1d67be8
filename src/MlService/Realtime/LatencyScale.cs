using System.Numerics;

namespace MlService.Realtime;

/// <summary>Buckets for times from a microsecond to a minute: four to each doubling, so that a quantile is right to about a tenth.</summary>
internal static class LatencyScale
{
    private const int Parts = 4;
    private const int Doublings = 26;

    /// <summary>How many there are.</summary>
    public const int Buckets = Parts * Doublings;

    /// <summary>The bucket of a time; what is longer falls into the last.</summary>
    public static int Bucket(TimeSpan time)
    {
        // In quarters of a microsecond, the number's leading bit is the doubling, the two bits behind it are the part.
        var quarters = (ulong)Math.Max(time.Ticks * Parts / TimeSpan.TicksPerMicrosecond, Parts);
        var doubling = BitOperations.Log2(quarters) - 2;
        return Math.Min(doubling * Parts + (int)((quarters >> doubling) & (Parts - 1)), Buckets - 1);
    }

    /// <summary>The time within which a share of the counted ones lie, in milliseconds; null if none was counted.</summary>
    public static double? Quantile(ReadOnlySpan<long> counts, double share)
    {
        long total = 0;
        foreach (var count in counts)
            total += count;
        if (total == 0)
            return null;
        var rank = share * total;
        var bucket = 0;
        double before = 0;
        while (bucket < counts.Length - 1 && before + counts[bucket] < rank)
            before += counts[bucket++];
        // Within its bucket the times are taken to lie evenly.
        var within = counts[bucket] == 0 ? 0 : (rank - before) / counts[bucket];
        return (Begin(bucket) + within * (Begin(bucket + 1) - Begin(bucket))) / 1000;
    }

    /// <summary>Least time of a bucket, in microseconds.</summary>
    private static double Begin(int bucket) => Math.ScaleB(1 + (double)(bucket % Parts) / Parts, bucket / Parts);
}
