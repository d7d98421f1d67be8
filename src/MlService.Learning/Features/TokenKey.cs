using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;

namespace MlService.Learning.Features;

/// <summary>
/// A token's key: two words that hold a token of up to 16 bytes entirely, then zeros, and a number of its slot and length, so that
/// equal keys mean equal features; for a longer token the first word is a hash, and its bytes decide. The hash multiplies 64-bit
/// words to 128 bits and folds them, as Wang Yi's wyhash does (https://github.com/wangyi-fudan/wyhash).
/// </summary>
/// <remarks>
/// The secrets are drawn once per process, so that nobody can prepare a file whose values all collide. Ids do not depend on
/// them: they are given in the order in which features are first seen.
/// </remarks>
internal readonly struct TokenKey
{
    /// <summary>Greatest length of a token that the key holds.</summary>
    public const int InlineBytes = 16;

    /// <summary>Slots are below this.</summary>
    public const int MaxSlots = 1 << (32 - LengthBits);

    private const int LengthBits = 5;
    private const uint Longer = (1 << LengthBits) - 1;

    private static readonly ulong Secret0 = DrawSecret();
    private static readonly ulong Secret1 = DrawSecret();

    public readonly ulong Low;
    public readonly ulong High;
    public readonly ulong Hash;
    public readonly uint SlotAndLength;

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
            Low = HashLong(token);
            SlotAndLength = (uint)slot << LengthBits | Longer;
        }
        else
        {
            SlotAndLength = (uint)slot << LengthBits | (uint)length;
            var bytes = readable >= InlineBytes
                ? Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(token)) & Vector128.LessThan(Vector128<byte>.Indices, Vector128.Create((byte)length))
                : LoadShort(token);
            Low = bytes.AsUInt64().ToScalar();
            High = bytes.AsUInt64().GetElement(1);
        }
        Hash = HashOf(SlotAndLength, Low, High);
    }

    /// <summary>Whether the key holds the token.</summary>
    public bool IsWhole => HoldsToken(SlotAndLength);

    /// <summary>Whether a key with this number holds its token.</summary>
    public static bool HoldsToken(uint slotAndLength) => (slotAndLength & Longer) != Longer;

    /// <summary>The length of the token that a key with this number holds.</summary>
    public static int LengthOf(uint slotAndLength) => (int)(slotAndLength & Longer);

    /// <summary>The slot of a key with this number.</summary>
    public static int SlotOf(uint slotAndLength) => (int)(slotAndLength >> LengthBits);

    /// <summary>The hash of a key again, from its parts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong HashOf(uint slotAndLength, ulong low, ulong high) =>
        Fold(Fold(low ^ Secret0, high ^ Secret1) ^ slotAndLength, Secret0);

    /// <summary>The bytes of a token, then zeros.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector128<byte> LoadShort(ReadOnlySpan<byte> token)
    {
        var bytes = default(UInt128);
        token.CopyTo(MemoryMarshal.AsBytes(new Span<UInt128>(ref bytes)));
        return Unsafe.BitCast<UInt128, Vector128<byte>>(bytes);
    }

    private static ulong HashLong(ReadOnlySpan<byte> token)
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
        // The last 16 bytes overlap what went before, so the length is part of the hash.
        var c = BinaryPrimitives.ReadUInt64LittleEndian(token[^16..]);
        var d = BinaryPrimitives.ReadUInt64LittleEndian(token[^8..]);
        return Fold(Fold(c ^ Secret0, d ^ low) ^ (uint)token.Length, Fold(d ^ Secret1, c ^ high));
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
