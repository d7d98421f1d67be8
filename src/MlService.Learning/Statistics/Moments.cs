using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace MlService.Learning.Statistics;

/// <summary>
/// Sum and sum of squares with about 106 bits: each addition's rounding error is found by Knuth's TwoSum and kept beside
/// the sum, each square's by a fused multiply-add. Mean and variance therefore come out correctly rounded however the
/// rows were sharded, and without cancellation up to a mean of 10⁸ standard deviations.
/// </summary>
/// <remarks>Ogita, Rump, Oishi, "Accurate sum and dot product", SIAM J. Sci. Comput. 26 (2005).</remarks>
internal struct Moments
{
    private double _sum, _sumError, _squares, _squaresError;

    public long Count { get; private set; }

    /// <summary>Takes in values, four side by side: each addition waits for the one before it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(ReadOnlySpan<double> values)
    {
        Vector256<double> sum = default, sumError = default, squares = default, squaresError = default;
        var fours = MemoryMarshal.Cast<double, Vector256<double>>(values);
        foreach (var four in fours)
        {
            Accumulate(ref sum, ref sumError, four);
            var square = four * four;
            squaresError += Vector256.FusedMultiplyAdd(four, four, -square);
            Accumulate(ref squares, ref squaresError, square);
        }
        for (var lane = 0; lane < Vector256<double>.Count; lane++)
            Add(sum[lane], sumError[lane], squares[lane], squaresError[lane]);
        foreach (var value in values[(fours.Length * Vector256<double>.Count)..])
        {
            var square = value * value;
            Add(value, 0, square, Math.FusedMultiplyAdd(value, value, -square));
        }
        Count += values.Length;
    }

    public void Merge(in Moments other)
    {
        Add(other._sum, other._sumError, other._squares, other._squaresError);
        Count += other.Count;
    }

    /// <summary>The mean; not a number where the sum left the range of a double, 0 without values.</summary>
    public readonly double Mean => Count == 0 ? 0 : (_sum + _sumError) / Count;

    /// <summary>
    /// The sample variance Σ(x − m)² / (n − 1), by Σx² − 2mΣx + nm² in doubled precision; not a number where the squares
    /// left the range of a double.
    /// </summary>
    public readonly double Variance
    {
        get
        {
            if (Count < 2)
                return 0;
            var mean = Mean;
            double total = _squares, error = _squaresError;
            var cross = -2 * mean * _sum;
            error += Math.FusedMultiplyAdd(-2 * mean, _sum, -cross) - 2 * mean * _sumError;
            Accumulate(ref total, ref error, cross);
            var scaled = mean * Count;
            var scaledError = Math.FusedMultiplyAdd(mean, Count, -scaled);
            var square = scaled * mean;
            error += Math.FusedMultiplyAdd(scaled, mean, -square) + scaledError * mean;
            Accumulate(ref total, ref error, square);
            var variance = (total + error) / (Count - 1);
            return variance < 0 ? 0 : variance;
        }
    }

    public readonly void Write(SketchWriter writer)
    {
        writer.Long(Count);
        writer.Double(_sum);
        writer.Double(_sumError);
        writer.Double(_squares);
        writer.Double(_squaresError);
    }

    public static Moments Read(SketchReader reader) => new()
    {
        Count = reader.Count(),
        _sum = reader.Double(),
        _sumError = reader.Double(),
        _squares = reader.Double(),
        _squaresError = reader.Double(),
    };

    private void Add(double sum, double sumError, double squares, double squaresError)
    {
        Accumulate(ref _sum, ref _sumError, sum);
        _sumError += sumError;
        Accumulate(ref _squares, ref _squaresError, squares);
        _squaresError += squaresError;
    }

    private static void Accumulate(ref double sum, ref double error, double value)
    {
        var next = sum + value;
        var part = next - sum;
        error += sum - (next - part) + (value - part);
        sum = next;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Accumulate(ref Vector256<double> sum, ref Vector256<double> error, Vector256<double> value)
    {
        var next = sum + value;
        var part = next - sum;
        error += sum - (next - part) + (value - part);
        sum = next;
    }
}
