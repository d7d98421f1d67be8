using System.Runtime.CompilerServices;

namespace MlService.Learning.Training;

/// <summary>
/// Pseudo-random numbers and orders that depend on a seed only: the same on every machine and in every version.
/// SplitMix64 (G. L. Steele, D. Lea, C. H. Flood, "Fast Splittable Pseudorandom Number Generators", 2014).
/// </summary>
internal static class Permutation
{
    /// <summary>A well mixed 64-bit value of two numbers.</summary>
    public static ulong Mix(ulong seed, ulong value)
    {
        var z = seed * 0xD1342543DE82EF95 + value * 0x9E3779B97F4A7C15 + 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>Fills <paramref name="order"/> with 0, 1, 2 …, shuffled (Fisher and Yates) unless told not to.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Fill(Span<int> order, ulong seed, bool shuffle)
    {
        for (var i = 0; i < order.Length; i++)
            order[i] = i;
        if (!shuffle)
            return;
        for (var i = order.Length - 1; i > 0; i--)
        {
            // Multiply-shift instead of a remainder: bias below 2^-32 of the length does not matter here.
            var j = (int)(((Mix(seed, (ulong)i) >> 32) * (ulong)(i + 1)) >> 32);
            (order[i], order[j]) = (order[j], order[i]);
        }
    }
}
