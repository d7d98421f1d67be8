using System.Numerics;

namespace MlService.Samples;

/// <summary>
/// xoshiro256** 1.0 (D. Blackman, S. Vigna, "Scrambled Linear Pseudorandom Number Generators", 2021), seeded through
/// SplitMix64. The sequence of <see cref="Random"/> may change with .NET; generated data must not.
/// </summary>
internal sealed class Xoshiro256
{
    ulong _s0, _s1, _s2, _s3;

    /// <summary>Fills the state with four outputs of SplitMix64, as the authors advise.</summary>
    public Xoshiro256(ulong seed)
    {
        _s0 = SplitMix64(ref seed);
        _s1 = SplitMix64(ref seed);
        _s2 = SplitMix64(ref seed);
        _s3 = SplitMix64(ref seed);
    }

    /// <summary>Starts from a given state, which must not be all zeros.</summary>
    public Xoshiro256(ulong s0, ulong s1, ulong s2, ulong s3) => (_s0, _s1, _s2, _s3) = (s0, s1, s2, s3);

    /// <summary>The next output of SplitMix64 (G. Steele, D. Lea, C. Flood, 2014); advances <paramref name="state"/>.</summary>
    public static ulong SplitMix64(ref ulong state)
    {
        var z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>The next 64 random bits.</summary>
    public ulong Next()
    {
        var result = BitOperations.RotateLeft(_s1 * 5, 7) * 9;
        var shifted = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= shifted;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>Uniform in [0, 1), on a grid of 2^-53.</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [0, <paramref name="count"/>); the bias of the multiplication is below count / 2^64.</summary>
    public int NextInt(int count) => (int)Math.BigMul(Next(), (ulong)count, out _);

    /// <summary>True with the given probability.</summary>
    public bool NextBool(double probability) => NextDouble() < probability;

    /// <summary>
    /// About normal, mean 0 and variance 1, within ±6: the sum of twelve uniforms. It needs additions only, so every
    /// platform computes the same bits, which a logarithm or a cosine would not promise.
    /// </summary>
    public double NextGaussian()
    {
        var sum = -6.0;
        for (var i = 0; i < 12; i++)
            sum += NextDouble();
        return sum;
    }

    /// <summary>An index drawn in proportion to <paramref name="weights"/>.</summary>
    public int NextIndex(ReadOnlySpan<int> weights)
    {
        var total = 0;
        foreach (var weight in weights)
            total += weight;
        var rest = NextInt(total);
        var index = 0;
        while (rest >= weights[index])
            rest -= weights[index++];
        return index;
    }
}
