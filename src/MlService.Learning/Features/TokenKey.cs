using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using MlService.Learning.Statistics;

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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private TokenKey(int slot, int length, ulong low, ulong high)
    {
        (Low, High) = (low, high);
        SlotAndLength = (uint)slot << LengthBits | (length > InlineBytes ? Longer : (uint)length);
        Hash = HashOf(SlotAndLength, low, high);
    }

    /// <summary>The key of a token.</summary>
    /// <param name="slot">Slot of the feature.</param>
    /// <param name="token">The token.</param>
    public static TokenKey Of(int slot, ReadOnlySpan<byte> token)
    {
        if (token.Length > InlineBytes)
            return new(slot, token.Length, HashLong(token), 0);
        var bytes = default(UInt128);
        token.CopyTo(MemoryMarshal.AsBytes(new Span<UInt128>(ref bytes)));
        var words = Unsafe.BitCast<UInt128, Vector128<ulong>>(bytes);
        return new(slot, token.Length, words[0], words[1]);
    }

    /// <summary>The key of a token in a padded record (<see cref="Records.Record.Padding"/>): up to 16 bytes without a branch on the length.</summary>
    /// <param name="slot">Slot of the feature.</param>
    /// <param name="token">The token.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TokenKey OfPadded(int slot, ReadOnlySpan<byte> token)
    {
        if (token.Length > InlineBytes)
            return new(slot, token.Length, HashLong(token), 0);
        var words = (Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(token))
            & Vector128.LessThan(Vector128<byte>.Indices, Vector128.Create((byte)token.Length))).AsUInt64();
        return new(slot, token.Length, words[0], words[1]);
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
        Hash64.Fold(Hash64.Fold(low ^ Secret0, high ^ Secret1) ^ slotAndLength, Secret0);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong HashLong(ReadOnlySpan<byte> token)
    {
        var low = Secret1;
        var high = Secret0;
        var rest = token;
        for (; rest.Length > 16; rest = rest[16..])
        {
            var a = BinaryPrimitives.ReadUInt64LittleEndian(rest);
            var b = BinaryPrimitives.ReadUInt64LittleEndian(rest[8..]);
            low = Hash64.Fold(a ^ Secret0, b ^ low);
            high = Hash64.Fold(b ^ Secret1, a ^ high);
        }
        // The last 16 bytes overlap what went before, so the length is part of the hash.
        var c = BinaryPrimitives.ReadUInt64LittleEndian(token[^16..]);
        var d = BinaryPrimitives.ReadUInt64LittleEndian(token[^8..]);
        return Hash64.Fold(Hash64.Fold(c ^ Secret0, d ^ low) ^ (uint)token.Length, Hash64.Fold(d ^ Secret1, c ^ high));
    }

    private static ulong DrawSecret()
    {
        Span<byte> bytes = stackalloc byte[8];
        RandomNumberGenerator.Fill(bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes) | 1;
    }
}
