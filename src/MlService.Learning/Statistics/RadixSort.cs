using System.Runtime.CompilerServices;

namespace MlService.Learning.Statistics;

/// <summary>
/// Sorts a buffer of finite numbers by the bytes of their bits, lowest first; bytes that all numbers share are skipped. On
/// buffers of random values it is several times as fast as a comparison sort, whose every other branch is
/// mispredicted.
/// </summary>
internal static class RadixSort
{
    /// <summary>Greatest number of values that one call sorts by radix; the two scratch buffers live on the stack.</summary>
    public const int MostValues = 1024;

    private const int Digits = 8, Radix = 256, FewValues = 128;

    /// <summary>Sorts numbers in place, increasing.</summary>
    [SkipLocalsInit]
    public static void Sort(Span<double> values)
    {
        if (values.Length is < FewValues or > MostValues)
        {
            values.Sort();
            return;
        }
        Span<ulong> from = stackalloc ulong[MostValues];
        Span<ulong> to = stackalloc ulong[MostValues];
        Span<int> counts = stackalloc int[Digits * Radix];
        counts.Clear();
        from = from[..values.Length];
        to = to[..values.Length];
        ulong all = ulong.MaxValue, any = 0;
        for (var i = 0; i < values.Length; i++)
        {
            // Unsigned order is numeric order once negative numbers are inverted and the others have their sign bit set.
            var bits = BitConverter.DoubleToUInt64Bits(values[i]);
            bits ^= (ulong)((long)bits >> 63) | 1UL << 63;
            from[i] = bits;
            all &= bits;
            any |= bits;
            for (var digit = 0; digit < Digits; digit++)
                counts[digit * Radix + (byte)(bits >> digit * 8)]++;
        }
        for (var digit = 0; digit < Digits; digit++)
        {
            if ((byte)((all ^ any) >> digit * 8) == 0)
                continue;
            var starts = counts.Slice(digit * Radix, Radix);
            var start = 0;
            foreach (ref var count in starts)
                (count, start) = (start, start + count);
            foreach (var bits in from)
                to[starts[(byte)(bits >> digit * 8)]++] = bits;
            var sorted = to;
            to = from;
            from = sorted;
        }
        for (var i = 0; i < values.Length; i++)
            values[i] = BitConverter.UInt64BitsToDouble(from[i] ^ (~(ulong)((long)from[i] >> 63) | 1UL << 63));
    }
}
