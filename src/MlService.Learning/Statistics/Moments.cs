using System.Runtime.CompilerServices;

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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(ReadOnlySpan<double> values)
    {
        double sum = _sum, sumError = _sumError, squares = _squares, squaresError = _squaresError;
        foreach (var value in values)
        {
            Accumulate(ref sum, ref sumError, value);
            var square = value * value;
            squaresError += Math.FusedMultiplyAdd(value, value, -square);
            Accumulate(ref squares, ref squaresError, square);
        }
        (_sum, _sumError, _squares, _squaresError) = (sum, sumError, squares, squaresError);
        Count += values.Length;
    }

    public void Merge(in Moments other)
    {
        Accumulate(ref _sum, ref _sumError, other._sum);
        _sumError += other._sumError;
        Accumulate(ref _squares, ref _squaresError, other._squares);
        _squaresError += other._squaresError;
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

    public readonly void Write(BinaryWriter writer)
    {
        writer.Write(Count);
        writer.Write(_sum);
        writer.Write(_sumError);
        writer.Write(_squares);
        writer.Write(_squaresError);
    }

    public static Moments Read(SketchReader reader) => new()
    {
        Count = reader.Count(),
        _sum = reader.Double(),
        _sumError = reader.Double(),
        _squares = reader.Double(),
        _squaresError = reader.Double(),
    };

    private static void Accumulate(ref double sum, ref double error, double value)
    {
        var next = sum + value;
        var part = next - sum;
        error += sum - (next - part) + (value - part);
        sum = next;
    }
}
