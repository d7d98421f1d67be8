using System.Numerics;
using System.Runtime.CompilerServices;

namespace MlService.Learning.Statistics;

/// <summary>
/// Estimates how many different hashes were seen, in 16 KiB. Register j keeps the longest run of leading zeros among the
/// hashes that start with j; with m = 2¹⁴ registers the standard error is 1.04 / √m = 0.81%. Merging is the maximum
/// of each register, so the result does not depend on how the data was sharded.
/// </summary>
/// <remarks>
/// Flajolet et al., "HyperLogLog" (2007); the estimator is Ertl, "New cardinality estimation algorithms for HyperLogLog
/// sketches" (2017), algorithm 6: m² / (2 ln 2 · z), free of bias without tables at every cardinality.
/// </remarks>
internal sealed class HyperLogLog
{
    private const int Precision = 14, Registers = 1 << Precision, MaxRank = 64 - Precision + 1;

    private readonly byte[] _ranks = new byte[Registers];

    /// <summary>Takes in one hash; a hash seen before changes nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(ulong hash)
    {
        ref var register = ref _ranks[hash >> 64 - Precision];
        var rank = (byte)(BitOperations.LeadingZeroCount(hash << Precision | 1UL << Precision - 1) + 1);
        if (rank > register)
            register = rank;
    }

    /// <summary>Takes in all that another one has seen.</summary>
    public void Merge(HyperLogLog other)
    {
        for (var i = 0; i < Registers; i++)
            _ranks[i] = Math.Max(_ranks[i], other._ranks[i]);
    }

    /// <summary>The estimated number of different hashes.</summary>
    public long Estimate()
    {
        Span<int> histogram = stackalloc int[MaxRank + 1];
        histogram.Clear();
        foreach (var rank in _ranks)
            histogram[rank]++;
        const double m = Registers;
        var z = m * Tau(1 - histogram[MaxRank] / m);
        for (var rank = MaxRank - 1; rank >= 1; rank--)
            z = (z + histogram[rank]) / 2;
        z += m * Sigma(histogram[0] / m);
        return (long)Math.Round(m * m / (2 * Math.Log(2) * z));
    }

    public void Write(SketchWriter writer) => writer.Bytes(_ranks);

    public static HyperLogLog Read(SketchReader reader)
    {
        var sketch = new HyperLogLog();
        reader.Bytes(Registers).CopyTo(sketch._ranks);
        if (sketch._ranks.AsSpan().ContainsAnyExceptInRange((byte)0, (byte)MaxRank))
            SketchReader.Throw("a distinct count is out of range");
        return sketch;
    }

    private static double Sigma(double x)
    {
        if (x == 1)
            return double.PositiveInfinity;
        double y = 1, z = x, previous;
        do
        {
            x *= x;
            previous = z;
            z += x * y;
            y += y;
        }
        while (z != previous);
        return z;
    }

    private static double Tau(double x)
    {
        if (x is 0 or 1)
            return 0;
        double y = 1, z = 1 - x, previous;
        do
        {
            x = Math.Sqrt(x);
            previous = z;
            y /= 2;
            z -= (1 - x) * (1 - x) * y;
        }
        while (z != previous);
        return z / 3;
    }
}
