using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MlService.Learning.Statistics;

/// <summary>
/// The 64-bit hash of a value's bytes, computed once and used by every sketch. It is the same on every machine and in
/// every run, because sketches of different shards meet. It folds 128-bit products (a · b = hi · 2⁶⁴ + lo, hi xor lo),
/// which spreads every input bit over the result in two multiplications for the short values that columns hold.
/// </summary>
internal static class Hash64
{
    private const ulong K0 = 0x9E3779B97F4A7C15, K1 = 0xD1B54A32D192ED03, K2 = 0x8CB92BA72F3D8DD7;

    /// <summary>Hash of some bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Of(ReadOnlySpan<byte> bytes)
    {
        ref var start = ref MemoryMarshal.GetReference(bytes);
        var length = bytes.Length;
        if (length > 16)
            return OfLong(bytes);
        ulong a, b;
        if (length >= 8)
        {
            a = Unsafe.ReadUnaligned<ulong>(ref start);
            b = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, length - 8));
        }
        else if (length >= 4)
        {
            a = Unsafe.ReadUnaligned<uint>(ref start);
            b = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref start, length - 4));
        }
        else if (length > 0)
        {
            a = start | (ulong)Unsafe.Add(ref start, length >> 1) << 8 | (ulong)Unsafe.Add(ref start, length - 1) << 16;
            b = 0;
        }
        else
        {
            a = b = 0;
        }
        return Fold(Fold(a ^ K0, b ^ K1) ^ (ulong)length, K2);
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
