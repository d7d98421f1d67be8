using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;

namespace MlService.Learning.Statistics;

/// <summary>
/// Statistics of a TEXT column. Its words are split at white space, lower-cased and stripped of punctuation at both ends;
/// what is punctuation only is no word. (Training keeps words as they are; Amazon's data insights normalised them too.)
/// </summary>
internal sealed class TextStatistics(StatisticsLimits limits) : ColumnStatistics
{
    /// <summary>Bytes behind the text in its buffer, so that blocks can be read whole.</summary>
    private const int Slack = 64;

    /// <summary>Words that are counted side by side, so that they wait for memory together.</summary>
    private const int Batch = 32;

    private struct Word
    {
        public ulong Hash;
        public int Start;
        public int Length;
    }

    private readonly Word[] _words = new Word[Batch];
    private int _found; // of the words not yet counted
    private byte[] _lower = new byte[256];

    /// <summary>The words, each with the number of rows that have it.</summary>
    public FrequentValues Words { get; private init; } = new(limits.Words);

    public long Empty { get; private set; }

    public long TotalWords { get; private set; }

    public int LeastWords { get; private set; } = int.MaxValue;

    public int MostWords { get; private set; }

    /// <summary>Length of the shortest word in characters (Unicode scalar values).</summary>
    public int ShortestWord { get; private set; } = int.MaxValue;

    public int LongestWord { get; private set; }

    /// <summary>Takes in one row's value, which is padded.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public ulong Add(ReadOnlySpan<byte> text, SampledRow row)
    {
        if (row.IsWanted)
            row.BeginText();
        if (text.IsEmpty)
            Empty++;
        var lower = ToLower(text, out var isAscii);
        var words = 0;
        var start = -1;
        var isSpace = 1UL;
        for (var block = 0; block < lower.Length; block += Vector512<byte>.Count)
        {
            var spaces = SpacesIn(lower, block);
            // Where words begin and end, by turns.
            var turns = spaces ^ (spaces << 1 | isSpace);
            isSpace = spaces >> 63;
            for (; turns != 0; turns &= turns - 1)
            {
                var at = block + BitOperations.TrailingZeroCount(turns);
                if (start >= 0)
                    words += AddWord(lower, start, at, isAscii, row);
                start = start >= 0 ? -1 : at;
            }
        }
        if (start >= 0)
            words += AddWord(lower, start, lower.Length, isAscii, row);
        CountWords(lower, row);
        TotalWords += words;
        LeastWords = Math.Min(LeastWords, words);
        MostWords = Math.Max(MostWords, words);
        return Hash64.OfPadded(text);
    }

    public override void Merge(ColumnStatistics other)
    {
        var text = (TextStatistics)other;
        Words.Merge(text.Words);
        Empty += text.Empty;
        TotalWords += text.TotalWords;
        LeastWords = Math.Min(LeastWords, text.LeastWords);
        MostWords = Math.Max(MostWords, text.MostWords);
        ShortestWord = Math.Min(ShortestWord, text.ShortestWord);
        LongestWord = Math.Max(LongestWord, text.LongestWord);
    }

    public override void Write(BinaryWriter writer)
    {
        writer.Write(Empty);
        writer.Write(TotalWords);
        writer.Write(LeastWords);
        writer.Write(MostWords);
        writer.Write(ShortestWord);
        writer.Write(LongestWord);
        Words.Write(writer);
    }

    public static TextStatistics Read(SketchReader reader, StatisticsLimits limits) => new(limits)
    {
        Empty = reader.Count(),
        TotalWords = reader.Count(),
        LeastWords = reader.Int(),
        MostWords = reader.Int(),
        ShortestWord = reader.Int(),
        LongestWord = reader.Int(),
        Words = FrequentValues.Read(reader, limits.Words),
    };

    /// <summary>Takes in a word, unless nothing is left of it without its punctuation.</summary>
    /// <returns>Number of words: 1 or 0.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int AddWord(ReadOnlySpan<byte> lower, int start, int end, bool isAscii, SampledRow row)
    {
        var word = lower[start..end];
        if (!IsWordCharacter(word[0]) || !IsWordCharacter(word[^1]))
        {
            word = Strip(word);
            if (word.IsEmpty)
                return 0;
        }
        var length = isAscii ? word.Length : Characters(word);
        if (length < ShortestWord)
            ShortestWord = length;
        if (length > LongestWord)
            LongestWord = length;
        if (_found == Batch)
            CountWords(lower, row);
        ref var found = ref _words[_found++];
        found.Hash = Hash64.OfPadded(word);
        found.Start = (int)Unsafe.ByteOffset(ref MemoryMarshal.GetReference(lower), ref MemoryMarshal.GetReference(word));
        found.Length = word.Length;
        Words.Prefetch(found.Hash);
        return 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void CountWords(ReadOnlySpan<byte> lower, SampledRow row)
    {
        foreach (ref readonly var word in _words.AsSpan(0, _found))
        {
            if (Words.AddOnce(word.Hash, lower.Slice(word.Start, word.Length), row.Stamp) && row.IsWanted)
                row.AddWord(word.Hash, limits.SampledWords);
        }
        _found = 0;
    }

    /// <summary>A bit for each of 64 bytes: whether it is white space, or lies behind the text.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong SpacesIn(ReadOnlySpan<byte> lower, int block)
    {
        // The buffer has room for a whole block behind the text.
        var bytes = Vector512.LoadUnsafe(ref MemoryMarshal.GetReference(lower), (nuint)block);
        var spaces = Vector512.Equals(bytes, Vector512.Create((byte)' '))
            | Vector512.LessThanOrEqual(bytes - Vector512.Create((byte)'\t'), Vector512.Create((byte)('\r' - '\t')));
        return spaces.ExtractMostSignificantBits();
    }

    /// <summary>The text in lower case, any Unicode white space as a blank.</summary>
    private ReadOnlySpan<byte> ToLower(ReadOnlySpan<byte> text, out bool isAscii)
    {
        // A byte that is no UTF-8 becomes the three bytes of U+FFFD; nothing else grows more.
        if (_lower.Length < text.Length * 3 + Slack)
            _lower = new byte[text.Length * 3 + Slack];
        isAscii = Ascii.ToLower(text, _lower, out var length) == OperationStatus.Done;
        if (isAscii)
            return Ended(length);
        length = 0;
        while (!text.IsEmpty)
        {
            Rune.DecodeFromUtf8(text, out var rune, out var consumed);
            text = text[consumed..];
            rune = Rune.IsWhiteSpace(rune) ? new Rune(' ') : Rune.ToLowerInvariant(rune);
            length += rune.EncodeToUtf8(_lower.AsSpan(length));
        }
        return Ended(length);
    }

    /// <summary>The text, with blanks behind it to the end of the last block.</summary>
    private ReadOnlySpan<byte> Ended(int length)
    {
        _lower.AsSpan(length, Slack).Fill((byte)' ');
        return _lower.AsSpan(0, length);
    }

    private static ReadOnlySpan<byte> Strip(ReadOnlySpan<byte> word)
    {
        while (!word.IsEmpty)
        {
            var first = word[0];
            if (IsWordCharacter(first))
                break;
            Rune.DecodeFromUtf8(word, out var rune, out var consumed);
            if (!IsPunctuation(rune))
                break;
            word = word[consumed..];
        }
        while (!word.IsEmpty && !IsWordCharacter(word[^1]))
        {
            Rune.DecodeLastFromUtf8(word, out var rune, out var consumed);
            if (!IsPunctuation(rune))
                break;
            word = word[..^consumed];
        }
        return word;
    }

    private static bool IsWordCharacter(byte value) => (uint)(value - 'a') < 26 || (uint)(value - '0') < 10;

    private static bool IsPunctuation(Rune rune) =>
        Rune.IsPunctuation(rune) || rune.IsAscii && Rune.IsSymbol(rune);

    private static int Characters(ReadOnlySpan<byte> word)
    {
        var characters = 0;
        foreach (var value in word)
        {
            if ((value & 0xC0) != 0x80)
                characters++;
        }
        return characters;
    }
}
