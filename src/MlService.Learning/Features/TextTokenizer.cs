using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;
using MlService.Learning.Records;

namespace MlService.Learning.Features;

/// <summary>
/// Words of a UTF-8 text: what stands between white space (Unicode's White_Space: ASCII, U+0085, U+00A0, U+1680,
/// U+2000 to U+200A, U+2028, U+2029, U+202F, U+205F, U+3000). Bytes that are no UTF-8 belong to words as they are.
/// </summary>
internal static class TextTokenizer
{
    private const int Chunk = 64;
    private const byte FirstPlain = 0x21;
    private const byte LastPlain = 0xC1;

    /// <summary>Finds the next words at or after <paramref name="position"/>.</summary>
    /// <param name="text">A padded text (<see cref="Record.Padding"/>).</param>
    /// <param name="position">Moves on behind them.</param>
    /// <param name="words">Receives where they stand.</param>
    /// <returns>How many: fewer than there is room for only at the end of the text.</returns>
    /// <remarks>64 bytes at a time become a bit each; where there may be another white space than a blank, one word is looked at by its bytes.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Split(ReadOnlySpan<byte> text, ref int position, Span<FieldRange> words)
    {
        var count = 0;
        var at = position;
        while (at < text.Length && count < words.Length)
        {
            var length = Math.Min(text.Length - at, Chunk);
            var isPlain = TryFindWords(text, at, length, out var rest);
            if (at + length < text.Length)
            {
                // A word at the end of the chunk may go on behind it.
                var left = BitOperations.LeadingZeroCount(~rest);
                length -= left;
                rest &= ulong.MaxValue >> left;
            }
            if (!isPlain || length == 0)
            {
                if (Next(text, ref at, out var word))
                    words[count++] = new FieldRange(at - word.Length, word.Length);
                continue;
            }
            for (; rest != 0; rest &= rest + (rest & (~rest + 1)))
            {
                var start = BitOperations.TrailingZeroCount(rest);
                if (count == words.Length)
                {
                    position = at + start;
                    return count;
                }
                words[count++] = new FieldRange(at + start, BitOperations.TrailingZeroCount(~(rest >> start)));
            }
            at += length;
        }
        position = at;
        return count;
    }

    /// <summary>Finds the next word at or after <paramref name="position"/>.</summary>
    /// <returns>False at the end of the text.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool Next(ReadOnlySpan<byte> text, ref int position, out ReadOnlySpan<byte> word)
    {
        var begin = position;
        if (begin < text.Length && text[begin] == ' ')
            begin++;
        while (begin < text.Length && !IsPlain(text[begin]) && WhiteSpaceAt(text, begin) is > 0 and var length)
            begin += length;
        var end = SkipPlain(text, begin);
        while (end < text.Length && text[end] != ' ' && WhiteSpaceAt(text, end) == 0)
            end = SkipPlain(text, end + 1);
        position = end;
        word = text[begin..end];
        return end > begin;
    }

    /// <summary>
    /// Finds the next run of letters, marks, digits and underscores at or after <paramref name="position"/>; bytes that are no UTF-8 belong
    /// to runs.
    /// </summary>
    /// <returns>False at the end of the text.</returns>
    public static bool NextRun(ReadOnlySpan<byte> text, ref int position, out ReadOnlySpan<byte> run)
    {
        while (position < text.Length && !IsInRun(text[position..], out var length))
            position += length;
        var begin = position;
        while (position < text.Length && IsInRun(text[position..], out var length))
            position += length;
        run = text[begin..position];
        return position > begin;
    }

    private static bool IsInRun(ReadOnlySpan<byte> text, out int length)
    {
        length = 1;
        if (text[0] < 0x80)
            return char.IsAsciiLetterOrDigit((char)text[0]) || text[0] == '_';
        return Rune.DecodeFromUtf8(text, out var rune, out length) != OperationStatus.Done || Rune.IsLetterOrDigit(rune)
            || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.LetterNumber;
    }

    /// <summary>A word without punctuation at its ends: ASCII punctuation and symbols, and Unicode's categories P*.</summary>
    public static ReadOnlySpan<byte> TrimPunctuation(ReadOnlySpan<byte> word)
    {
        while (!word.IsEmpty && PunctuationAtStart(word) is > 0 and var length)
            word = word[length..];
        while (!word.IsEmpty && PunctuationAtEnd(word) is > 0 and var length)
            word = word[..^length];
        return word;
    }

    /// <summary>
    /// Writes a word in lower case, each character by Unicode's simple mapping; bytes that are no UTF-8 stay.
    /// </summary>
    /// <param name="word">The word.</param>
    /// <param name="lower">Room for <see cref="MaxLowerLength"/> bytes.</param>
    /// <returns>Number of bytes written.</returns>
    public static int ToLower(ReadOnlySpan<byte> word, Span<byte> lower)
    {
        if (Ascii.ToLower(word, lower, out var written) == OperationStatus.Done)
            return written;
        written = 0;
        while (!word.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(word, out var rune, out var consumed) == OperationStatus.Done)
            {
                written += Rune.ToLowerInvariant(rune).EncodeToUtf8(lower[written..]);
            }
            else
            {
                word[..consumed].CopyTo(lower[written..]);
                written += consumed;
            }
            word = word[consumed..];
        }
        return written;
    }

    /// <summary>Most bytes that a word may have in lower case: two bytes become three at most, as Ⱥ does.</summary>
    public static int MaxLowerLength(int length) => length + length / 2 + 4;

    /// <summary>Whether a byte cannot begin white space: printable ASCII, or inside a character of several bytes.</summary>
    private static bool IsPlain(byte value) => (uint)(value - FirstPlain) <= LastPlain - FirstPlain;

    /// <summary>A bit for each byte that belongs to a word, of up to 64 bytes.</summary>
    /// <returns>False where there may be another white space than a blank: the bits then tell nothing.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryFindWords(ReadOnlySpan<byte> text, int at, int length, out ulong bits)
    {
        ref var first = ref Unsafe.Add(ref MemoryMarshal.GetReference(text), at);
        ulong blanks = 0, doubtful = 0;
        for (var block = 0; block < length; block += Vector128<byte>.Count)
        {
            var bytes = Vector128.LoadUnsafe(ref first, (nuint)block);
            blanks |= (ulong)Vector128.Equals(bytes, Vector128.Create((byte)' ')).ExtractMostSignificantBits() << block;
            // Tab to carriage return, and what U+0085 and U+00A0, U+1680, U+2000 to U+205F and U+3000 begin with.
            doubtful |= (ulong)(Vector128.LessThan(bytes - Vector128.Create((byte)9), Vector128.Create((byte)5))
                | Vector128.Equals(bytes, Vector128.Create((byte)0xC2))
                | Vector128.LessThan(bytes - Vector128.Create((byte)0xE1), Vector128.Create((byte)3))).ExtractMostSignificantBits() << block;
        }
        var inside = ulong.MaxValue >> (Chunk - length);
        bits = ~blanks & inside;
        return (doubtful & inside) == 0;
    }

    /// <summary>The first byte at or after a position that is not plain; the length of the text where there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int SkipPlain(ReadOnlySpan<byte> text, int position)
    {
        if (text.Length < Vector128<byte>.Count)
        {
            while (position < text.Length && IsPlain(text[position]))
                position++;
            return position;
        }
        ref var first = ref MemoryMarshal.GetReference(text);
        while (position < text.Length)
        {
            // The last bytes are looked at together with some before them, so that there is one way for all.
            var at = Math.Min(position, text.Length - Vector128<byte>.Count);
            var bytes = Vector128.LoadUnsafe(ref first, (nuint)at) - Vector128.Create(FirstPlain);
            var others = Vector128.GreaterThan(bytes, Vector128.Create((byte)(LastPlain - FirstPlain))).ExtractMostSignificantBits() >> (position - at);
            if (others != 0)
                return position + BitOperations.TrailingZeroCount(others);
            position = at + Vector128<byte>.Count;
        }
        return position;
    }

    /// <summary>Length in bytes of the white space at a position; 0 where there is none.</summary>
    private static int WhiteSpaceAt(ReadOnlySpan<byte> text, int position)
    {
        var first = text[position];
        if (first <= ' ')
            return first is (byte)' ' or (>= 9 and <= 13) ? 1 : 0;
        var rest = text[position..];
        if (first == 0xC2)
            return rest.Length > 1 && (rest[1] is 0x85 or 0xA0) ? 2 : 0;
        if (first is < 0xE1 or > 0xE3 || rest.Length < 3)
            return 0;
        return (first, rest[1], rest[2]) switch
        {
            (0xE1, 0x9A, 0x80) => 3,
            (0xE2, 0x80, (>= 0x80 and <= 0x8A) or 0xA8 or 0xA9 or 0xAF) => 3,
            (0xE2, 0x81, 0x9F) => 3,
            (0xE3, 0x80, 0x80) => 3,
            _ => 0,
        };
    }

    private static int PunctuationAtStart(ReadOnlySpan<byte> word)
    {
        if (word[0] < 0x80)
            return IsAsciiPunctuation(word[0]) ? 1 : 0;
        var status = Rune.DecodeFromUtf8(word, out var rune, out var length);
        return status == OperationStatus.Done && Rune.IsPunctuation(rune) ? length : 0;
    }

    private static int PunctuationAtEnd(ReadOnlySpan<byte> word)
    {
        if (word[^1] < 0x80)
            return IsAsciiPunctuation(word[^1]) ? 1 : 0;
        var status = Rune.DecodeLastFromUtf8(word, out var rune, out var length);
        return status == OperationStatus.Done && Rune.IsPunctuation(rune) ? length : 0;
    }

    private static bool IsAsciiPunctuation(byte character) =>
        character is >= (byte)'!' and <= (byte)'~' && !char.IsAsciiLetterOrDigit((char)character);
}
