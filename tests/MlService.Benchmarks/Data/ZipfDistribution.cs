using MlService.Samples;

namespace MlService.Benchmarks.Data;

/// <summary>Ranks 0 to count - 1 in proportion to (rank + 2)^-1.05: the law of Zipf and Mandelbrot.</summary>
internal sealed class ZipfDistribution
{
    const double Exponent = 1.05;
    readonly double[] _cumulative;

    public ZipfDistribution(int count)
    {
        _cumulative = new double[count];
        var sum = 0.0;
        for (var rank = 0; rank < count; rank++)
            _cumulative[rank] = sum += Math.Pow(rank + 2, -Exponent);
    }

    public int Draw(Xoshiro256 random)
    {
        var found = Array.BinarySearch(_cumulative, random.NextDouble() * _cumulative[^1]);
        // A value between two entries comes back as the complement of the upper one's index; an exact hit belongs above, too.
        return found < 0 ? ~found : Math.Min(found + 1, _cumulative.Length - 1);
    }
}
