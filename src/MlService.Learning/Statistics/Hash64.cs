using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

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
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Of(ReadOnlySpan<byte> bytes) => Of(bytes, bytes.Length);

    /// <summary>
    /// The same hash, where more may be read than the bytes. Up to 16 are then taken as one vector, what follows them blanked out: lengths
    /// differ from value to value, and a branch on them would be guessed wrong again and again.
    /// </summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="readable">Bytes that may be read from their begin, at least they themselves.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Of(ReadOnlySpan<byte> bytes, int readable)
    {
        if (bytes.Length > Vector128<byte>.Count)
            return OfLong(bytes);
        var value = readable >= Vector128<byte>.Count
            ? Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(bytes))
                & Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(Kept), (nuint)(Vector128<byte>.Count - bytes.Length))
            : Padded(bytes);
        return Fold(Fold(value.AsUInt64()[0] ^ K0, value.AsUInt64()[1] ^ K1) ^ (ulong)bytes.Length, K2);
    }

    /// <summary>Hash of a 64-bit key: a bijection, so that different keys never collide.</summary>
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Fold(ulong a, ulong b)
    {
        var high = Math.BigMul(a, b, out var low);
        return high ^ low;
    }
}
