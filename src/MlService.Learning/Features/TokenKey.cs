using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;

namespace MlService.Learning.Features;

/// <summary>
/// A token's key: two words that hold a token of up to 16 bytes entirely, then zeros, so that equal words (and lengths) mean
/// equal tokens; for a longer token they are two hashes, and its bytes decide. The hash multiplies 64-bit words to 128
/// bits and folds them, as Wang Yi's wyhash does (https://github.com/wangyi-fudan/wyhash).
/// </summary>
/// <remarks>
/// The secrets are drawn once per process, so that nobody can prepare a file whose values all collide. Ids do not depend on
/// them: they are given in the order in which features are first seen.
/// </remarks>
internal readonly struct TokenKey
{
    public const int InlineBytes = 16;

    private static readonly ulong Secret0 = DrawSecret();
    private static readonly ulong Secret1 = DrawSecret();

    public readonly ulong Low;
    public readonly ulong High;
    public readonly ulong Hash;

    /// <summary>Makes the key of a token.</summary>
    /// <param name="slot">Slot of the feature.</param>
    /// <param name="token">The token.</param>
    /// <param name="readable">Bytes that may be read from its begin, at least its own: with 16 the key needs no branch on the length.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TokenKey(int slot, ReadOnlySpan<byte> token, int readable)
    {
        var length = token.Length;
        if (length > InlineBytes)
        {
            (Low, High) = HashLong(token);
        }
        else
        {
            var bytes = readable >= InlineBytes
                ? Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(token)) & Vector128.LessThan(Vector128<byte>.Indices, Vector128.Create((byte)length))
                : LoadShort(token);
            Low = bytes.AsUInt64().ToScalar();
            High = bytes.AsUInt64().GetElement(1);
        }
        Hash = HashOf(slot, length, Low, High);
    }

    /// <summary>The key of a token again, from its parts.</summary>
    public TokenKey(int slot, int length, ulong low, ulong high) => (Low, High, Hash) = (low, high, HashOf(slot, length, low, high));

    /// <summary>The bytes of a token, then zeros.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector128<byte> LoadShort(ReadOnlySpan<byte> token)
    {
        var bytes = default(UInt128);
        token.CopyTo(MemoryMarshal.AsBytes(new Span<UInt128>(ref bytes)));
        return Unsafe.BitCast<UInt128, Vector128<byte>>(bytes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong HashOf(int slot, int length, ulong low, ulong high) =>
        Fold(Fold(low ^ Secret0, high ^ Secret1) ^ (uint)slot, Secret0 ^ (uint)length);

    private static (ulong Low, ulong High) HashLong(ReadOnlySpan<byte> token)
    {
        var low = Secret1;
        var high = Secret0;
        var rest = token;
        for (; rest.Length > 16; rest = rest[16..])
        {
            var a = BinaryPrimitives.ReadUInt64LittleEndian(rest);
            var b = BinaryPrimitives.ReadUInt64LittleEndian(rest[8..]);
            low = Fold(a ^ Secret0, b ^ low);
            high = Fold(b ^ Secret1, a ^ high);
        }
        // The last 16 bytes, which overlap what went before: the length is part of the hash.
        var c = BinaryPrimitives.ReadUInt64LittleEndian(token[^16..]);
        var d = BinaryPrimitives.ReadUInt64LittleEndian(token[^8..]);
        return (Fold(c ^ Secret0, d ^ low), Fold(d ^ Secret1, c ^ high));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Fold(ulong a, ulong b)
    {
        var high = Math.BigMul(a, b, out var low);
        return high ^ low;
    }

    private static ulong DrawSecret()
    {
        Span<byte> bytes = stackalloc byte[8];
        RandomNumberGenerator.Fill(bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes) | 1;
    }
}
