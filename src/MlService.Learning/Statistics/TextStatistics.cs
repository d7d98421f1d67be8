using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;
using MlService.Learning.Records;

namespace MlService.Learning.Statistics;

/// <summary>
/// Statistics of a TEXT column. Its words are split at white space, lower-cased and stripped of punctuation at both ends;
/// what is punctuation only is no word. (Training keeps words as they are; Amazon's data insights normalised them too.)
/// </summary>
internal sealed class TextStatistics(StatisticsLimits limits) : ColumnStatistics
{
    /// <summary>Bytes that are looked at as one.</summary>
    private const int Block = 64;

    /// <summary>Words that are counted side by side, so that they wait for memory together; those of a block always fit.</summary>
    private const int Batch = 64;

    private const int MostInBlock = Block / 2;

    private static readonly SearchValues<byte> Spaces = SearchValues.Create(" \t\n\v\f\r"u8);

    private struct Word
    {
        public ulong Hash;
        public int Start;
        public int Length;
    }

    private readonly Word[] _words = new Word[Batch];
    private int _found; // of the words not yet counted
    private int _end; // of what they were found in
    private byte[] _normal = [];
    private byte[] _lower = [];

    /// <summary>The words, each with the number of rows that have it.</summary>
    public FrequentValues Words { get; private init; } = new(limits.Words);

    public long Empty { get; private set; }

    public long TotalWords { get; private set; }

    public int LeastWords { get; private set; } = int.MaxValue;

    public int MostWords { get; private set; }

    /// <summary>Length of the shortest word in characters (Unicode scalar values).</summary>
    public int ShortestWord { get; private set; } = int.MaxValue;

    public int LongestWord { get; private set; }

    /// <summary>The cell of a padded value, whose words <see cref="Add"/> is then to count: what comes between hides how long memory takes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Approach(ReadOnlySpan<byte> text)
    {
        _end = FindWords(text, 0);
        return Hash64.OfPadded(text);
    }

    /// <summary>Comes closer to the words.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void ApproachEntries()
    {
        foreach (ref readonly var word in _words.AsSpan(0, _found))
            Words.PrefetchEntry(word.Hash);
    }

    /// <summary>Takes in one row's value, once it was approached.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(ReadOnlySpan<byte> text, SampledRow row)
    {
        if (row.IsWanted)
            row.BeginText();
        if (text.IsEmpty)
            Empty++;
        var words = _end == text.Length ? CountWords(text, row) : AddRest(text, _end, row);
        TotalWords += words;
        LeastWords = Math.Min(LeastWords, words);
        MostWords = Math.Max(MostWords, words);
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

    public override void Write(SketchWriter writer)
    {
        writer.Long(Empty);
        writer.Long(TotalWords);
        writer.Int(LeastWords);
        writer.Int(MostWords);
        writer.Int(ShortestWord);
        writer.Int(LongestWord);
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

    /// <summary>Finds the next words that are nothing but ASCII, up to 16 bytes, and begin and end with a letter or a digit.</summary>
    /// <returns>Where it ends: behind the text, at another word, or where there may be no room for the words of a block.</returns>
    /// <remarks>No call and no branch on a word's bytes: what the loop needs stays in registers, and nothing is guessed wrong.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int FindWords(ReadOnlySpan<byte> text, int at)
    {
        ref var first = ref MemoryMarshal.GetReference(text);
        ref var found = ref MemoryMarshal.GetArrayDataReference(_words);
        var values = Words;
        var count = _found;
        var lengths = 0u; // a bit for each length that a word has
        while (at < text.Length && count <= Batch - MostInBlock)
        {
            ref var block = ref Unsafe.Add(ref first, at);
            var (words, whole) = PlainWords(ref block, text.Length - at);
            if (whole == 0)
                break;
            for (; words != 0; words &= words + (words & (~words + 1)))
            {
                var start = BitOperations.TrailingZeroCount(words);
                var length = BitOperations.TrailingZeroCount(~(words >> start));
                var hash = Hash64.OfStart(Lower(Vector128.LoadUnsafe(ref block, (nuint)start)), length);
                values.Prefetch(hash);
                ref var word = ref Unsafe.Add(ref found, count++);
                word.Hash = hash;
                word.Start = at + start;
                word.Length = length;
                lengths |= 1u << length;
            }
            at += whole;
        }
        _found = count;
        if (lengths != 0)
        {
            ShortestWord = Math.Min(ShortestWord, BitOperations.TrailingZeroCount(lengths));
            LongestWord = Math.Max(LongestWord, BitOperations.Log2(lengths));
        }
        return Math.Min(at, text.Length);
    }

    /// <summary>The plain words that a block begins with.</summary>
    /// <param name="block">The block.</param>
    /// <param name="length">Bytes up to the end of the text; what lies behind is as good as white space.</param>
    /// <returns>A bit for each of their bytes; how far they, each as a whole, and the white space around them reach.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (ulong Words, int Whole) PlainWords(ref byte block, int length)
    {
        var bytes = Vector512.LoadUnsafe(ref block);
        var spaces = Vector512.Equals(bytes, Vector512.Create((byte)' '))
            | Vector512.LessThan(bytes - Vector512.Create((byte)'\t'), Vector512.Create((byte)('\r' - '\t' + 1)));
        var characters = Vector512.LessThan((bytes | Vector512.Create((byte)0x20)) - Vector512.Create((byte)'a'), Vector512.Create((byte)26))
            | Vector512.LessThan(bytes - Vector512.Create((byte)'0'), Vector512.Create((byte)10));
        var words = ~spaces.ExtractMostSignificantBits() & ulong.MaxValue >> Math.Max(0, Block - length);
        var edges = words & ~(words << 1 & words >> 1);
        var longer = words & words >> 1;
        longer &= longer >> 2;
        longer &= longer >> 4;
        longer &= longer >> 8;
        longer &= words >> Vector128<byte>.Count;
        var others = words & bytes.ExtractMostSignificantBits() | edges & ~characters.ExtractMostSignificantBits() | longer;
        // Up to the last white space before the first word of another kind.
        var whole = Block - BitOperations.LeadingZeroCount(~words & ~others & (others - 1));
        return (words & ((1UL << whole - 1) - 1), whole);
    }

    /// <summary>Takes in what <see cref="FindWords"/> could not to the end.</summary>
    /// <returns>Number of words in the text.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private int AddRest(ReadOnlySpan<byte> text, int at, SampledRow row)
    {
        var words = 0;
        for (var isNormal = false; at < text.Length; at = FindWords(text, at))
        {
            if (_found > Batch - MostInBlock)
            {
                ApproachEntries();
                words += CountWords(text, row);
                continue;
            }
            var length = text[at..].IndexOfAny(Spaces);
            var end = length < 0 ? text.Length : at + length;
            if (isNormal || Ascii.IsValid(text[at..end]))
            {
                AddWord(text, at, end);
                at = end;
            }
            else
            {
                words += CountWords(text, row);
                text = Normalize(text[at..]);
                (at, isNormal) = (0, true);
            }
        }
        return words + CountWords(text, row);
    }

    /// <summary>Takes in a word, unless nothing is left of it without its punctuation.</summary>
    private void AddWord(ReadOnlySpan<byte> text, int start, int end)
    {
        while (start < end && !IsWordCharacter(text[start]) && PunctuationAtStart(text[start..end]) is > 0 and var length)
            start += length;
        while (start < end && !IsWordCharacter(text[end - 1]) && PunctuationAtEnd(text[start..end]) is > 0 and var length)
            end -= length;
        if (start == end)
            return;
        var word = text[start..end];
        var characters = Ascii.IsValid(word) ? word.Length : Characters(word);
        ShortestWord = Math.Min(ShortestWord, characters);
        LongestWord = Math.Max(LongestWord, characters);
        var hash = Hash64.OfPadded(Lower(word));
        Words.Prefetch(hash);
        _words[_found++] = new Word { Hash = hash, Start = start, Length = word.Length };
    }

    /// <summary>Counts the words that were found.</summary>
    /// <returns>How many.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int CountWords(ReadOnlySpan<byte> text, SampledRow row)
    {
        var words = _words.AsSpan(0, _found);
        foreach (ref readonly var word in words)
        {
            if (Words.AddOnce(word.Hash, row.Stamp) is not { } isNew)
                Words.Insert(word.Hash, Lower(text.Slice(word.Start, word.Length)), row.Stamp);
            else if (!isNew)
                continue;
            if (row.IsWanted)
                row.AddWord(word.Hash, limits.SampledWords);
        }
        _found = 0;
        return words.Length;
    }

    /// <summary>A text that is not all ASCII in lower case, any Unicode white space as a blank.</summary>
    private ReadOnlySpan<byte> Normalize(ReadOnlySpan<byte> text)
    {
        // A byte that is no UTF-8 becomes the three bytes of U+FFFD; nothing else grows more.
        if (_normal.Length < text.Length * 3 + Record.Padding)
            _normal = new byte[text.Length * 3 + Record.Padding];
        var length = 0;
        while (!text.IsEmpty)
        {
            Rune.DecodeFromUtf8(text, out var rune, out var consumed);
            text = text[consumed..];
            rune = Rune.IsWhiteSpace(rune) ? new Rune(' ') : Rune.ToLowerInvariant(rune);
            length += rune.EncodeToUtf8(_normal.AsSpan(length));
        }
        return _normal.AsSpan(0, length);
    }

    /// <summary>A padded word whose letters, where they are ASCII, are in lower case; padded, until the next one.</summary>
    private ReadOnlySpan<byte> Lower(ReadOnlySpan<byte> word)
    {
        if (_lower.Length < word.Length + Record.Padding)
            _lower = new byte[word.Length * 2 + Record.Padding];
        for (var at = 0; at < word.Length; at += Vector128<byte>.Count)
            Lower(Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(word), (nuint)at)).StoreUnsafe(ref _lower[at]);
        return _lower.AsSpan(0, word.Length);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Lower(Vector128<byte> bytes) =>
        bytes | Vector128.LessThan(bytes - Vector128.Create((byte)'A'), Vector128.Create((byte)26)) & Vector128.Create((byte)0x20);

    private static int PunctuationAtStart(ReadOnlySpan<byte> word)
    {
        Rune.DecodeFromUtf8(word, out var rune, out var length);
        return IsPunctuation(rune) ? length : 0;
    }

    private static int PunctuationAtEnd(ReadOnlySpan<byte> word)
    {
        Rune.DecodeLastFromUtf8(word, out var rune, out var length);
        return IsPunctuation(rune) ? length : 0;
    }

    private static bool IsWordCharacter(byte value) => (uint)((value | 0x20) - 'a') < 26 || (uint)(value - '0') < 10;

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
