using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MlService.Learning.Statistics;

/// <summary>
/// The 64-bit hash of a value's bytes, computed once and used by every sketch. It is the same on every machine and in
/// every run, because sketches of different shards meet. It folds 128-bit products (a · b = hi · 2⁶⁴ + lo, hi xor lo),
/// which spreads every input bit over the result in two multiplications for the short values that columns hold.
/// </summary>
internal static class Hash64
{
    private const ulong K0 = 0x9E3779B97F4A7C15, K1 = 0xD1B54A32D192ED03, K2 = 0x8CB92BA72F3D8DD7;

    // A mask of n bytes begins n before the middle.
    private static ReadOnlySpan<byte> Kept =>
    [
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];

    /// <summary>Hash of some bytes.</summary>
    public static ulong Of(ReadOnlySpan<byte> bytes) =>
        bytes.Length > Vector128<byte>.Count ? OfLong(bytes) : OfStart(Padded(bytes), bytes.Length);

    /// <summary>
    /// The same hash of a field of a padded record (<see cref="Records.Record.Padding"/>). Up to 16 bytes are taken as one vector, what follows
    /// them blanked out: lengths differ from value to value, and a branch on them would be guessed wrong again and again.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong OfPadded(ReadOnlySpan<byte> bytes) => bytes.Length > Vector128<byte>.Count
        ? OfLong(bytes)
        : OfStart(Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(bytes)), bytes.Length);

    /// <summary>The same hash of the first of 16 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong OfStart(Vector128<byte> bytes, int length)
    {
        var kept = (bytes & Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(Kept), (nuint)(Vector128<byte>.Count - length))).AsUInt64();
        return Fold(Fold(kept[0] ^ K0, kept[1] ^ K1) ^ (ulong)length, K2);
    }

    /// <summary>Hash of a 64-bit key: a bijection, so that different keys never collide.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong OfKey(ulong key)
    {
        key += K0;
        key = (key ^ key >> 30) * 0xBF58476D1CE4E5B9;
        key = (key ^ key >> 27) * 0x94D049BB133111EB;
        return key ^ key >> 31;
    }

    /// <summary>Hash of a number; both zeros are one value.</summary>
    public static ulong OfNumber(double value) => OfKey(BitConverter.DoubleToUInt64Bits(value + 0.0));

    /// <summary>Adds a field's hash to the hash of the row so far.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Combine(ulong row, ulong field) => (ulong.RotateLeft(row, 29) ^ field) * K1;

    private static Vector128<byte> Padded(ReadOnlySpan<byte> bytes)
    {
        Span<byte> padded = stackalloc byte[Vector128<byte>.Count];
        padded.Clear();
        bytes.CopyTo(padded);
        return Vector128.Create<byte>(padded);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static ulong OfLong(ReadOnlySpan<byte> bytes)
    {
        ref var start = ref MemoryMarshal.GetReference(bytes);
        var hash = K2;
        var at = 0;
        for (; at < bytes.Length - 16; at += 16)
        {
            hash = Fold(Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, at)) ^ hash,
                Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, at + 8)) ^ K1) ^ K0;
        }
        ref var tail = ref Unsafe.Add(ref start, bytes.Length - 16);
        hash = Fold(Unsafe.ReadUnaligned<ulong>(ref tail) ^ hash, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref tail, 8)) ^ K1);
        return Fold(hash ^ (ulong)bytes.Length, K2);
    }

    /// <summary>Both halves of a product of 128 bits in one.</summary>
    /// <remarks>Two multiplications: the instruction that gives both halves would hand one over through memory.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Fold(ulong a, ulong b)
    {
        if (Bmi2.X64.IsSupported)
            return Bmi2.X64.MultiplyNoFlags(a, b) ^ (a * b);
        var high = Math.BigMul(a, b, out var low);
        return high ^ low;
    }
}
