using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace MlService.Learning.Csv;

/// <summary>How wide the scanner looks: each has to find the same places.</summary>
internal enum ScannerWidth
{
    Scalar,
    Vector128,
    Vector256,
    Vector512,
}

/// <summary>
/// Finds the structural bytes of CSV: delimiter, quote and line feed. A block of 64 bytes is compared at once into one bit
/// a byte, and the bits are turned into positions by counting trailing zeros (Langdale and Lemire, "Parsing Gigabytes of
/// JSON per Second", 2019), so that the walk over fields touches only bytes that matter.
/// </summary>
internal static class StructuralScanner
{
    /// <summary>Room that <c>positions</c> needs beyond the length of the text, for writes of whole batches.</summary>
    public const int Slack = 64;

    private const int Block = 64;

    public static ScannerWidth Widest { get; } =
        Vector512.IsHardwareAccelerated ? ScannerWidth.Vector512
        : Vector256.IsHardwareAccelerated ? ScannerWidth.Vector256
        : Vector128.IsHardwareAccelerated ? ScannerWidth.Vector128
        : ScannerWidth.Scalar;

    /// <summary>Writes the positions of structural bytes of <paramref name="text"/> in rising order.</summary>
    /// <param name="text">The bytes to look at.</param>
    /// <param name="origin">What to add to each position.</param>
    /// <param name="delimiter">The byte between fields.</param>
    /// <param name="positions">Room for <see cref="Slack"/> more positions than there are bytes.</param>
    /// <param name="width">Vectors to use; the machine has to support them.</param>
    /// <returns>How many positions were written.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Scan(ReadOnlySpan<byte> text, int origin, byte delimiter, Span<int> positions, ScannerWidth width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(positions.Length, text.Length + Slack);
        ref var first = ref MemoryMarshal.GetReference(text);
        ref var output = ref MemoryMarshal.GetReference(positions);
        var count = 0;
        var index = 0;
        var wholeBlocks = text.Length - text.Length % Block;
        switch (width)
        {
            case ScannerWidth.Vector512:
                for (; index < wholeBlocks; index += Block)
                    count = Append(Bits512(ref Unsafe.Add(ref first, index), delimiter), origin + index, ref output, count);
                break;
            case ScannerWidth.Vector256:
                for (; index < wholeBlocks; index += Block)
                    count = Append(Bits256(ref Unsafe.Add(ref first, index), delimiter), origin + index, ref output, count);
                break;
            case ScannerWidth.Vector128:
                for (; index < wholeBlocks; index += Block)
                    count = Append(Bits128(ref Unsafe.Add(ref first, index), delimiter), origin + index, ref output, count);
                break;
        }
        for (; index < text.Length; index++)
        {
            var value = text[index];
            if (value == delimiter || value is (byte)'\n' or (byte)'"')
                positions[count++] = origin + index;
        }
        return count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Bits512(ref byte block, byte delimiter)
    {
        var bytes = Vector512.LoadUnsafe(ref block);
        return (Vector512.Equals(bytes, Vector512.Create(delimiter))
            | Vector512.Equals(bytes, Vector512.Create((byte)'\n'))
            | Vector512.Equals(bytes, Vector512.Create((byte)'"'))).ExtractMostSignificantBits();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Bits256(ref byte block, byte delimiter) =>
        HalfBits256(ref block, delimiter) | (ulong)HalfBits256(ref Unsafe.Add(ref block, 32), delimiter) << 32;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint HalfBits256(ref byte half, byte delimiter)
    {
        var bytes = Vector256.LoadUnsafe(ref half);
        return (Vector256.Equals(bytes, Vector256.Create(delimiter))
            | Vector256.Equals(bytes, Vector256.Create((byte)'\n'))
            | Vector256.Equals(bytes, Vector256.Create((byte)'"'))).ExtractMostSignificantBits();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Bits128(ref byte block, byte delimiter) =>
        QuarterBits128(ref block, delimiter)
        | (ulong)QuarterBits128(ref Unsafe.Add(ref block, 16), delimiter) << 16
        | (ulong)QuarterBits128(ref Unsafe.Add(ref block, 32), delimiter) << 32
        | (ulong)QuarterBits128(ref Unsafe.Add(ref block, 48), delimiter) << 48;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint QuarterBits128(ref byte quarter, byte delimiter)
    {
        var bytes = Vector128.LoadUnsafe(ref quarter);
        return (Vector128.Equals(bytes, Vector128.Create(delimiter))
            | Vector128.Equals(bytes, Vector128.Create((byte)'\n'))
            | Vector128.Equals(bytes, Vector128.Create((byte)'"'))).ExtractMostSignificantBits();
    }

    // Writes eight positions at a time, more than there may be: a branch per position would be mispredicted at every block.
    // Surplus writes land in the slack and are overwritten by the next block.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Append(ulong bits, int origin, ref int output, int count)
    {
        var end = count + BitOperations.PopCount(bits);
        for (; count < end; count += 8)
        {
            ref var batch = ref Unsafe.Add(ref output, count);
            for (var index = 0; index < 8; index++)
            {
                Unsafe.Add(ref batch, index) = origin + BitOperations.TrailingZeroCount(bits);
                bits &= bits - 1;
            }
        }
        return end;
    }
}
