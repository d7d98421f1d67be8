using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;

namespace MlService.Learning.Statistics;

/// <summary>
/// Statistics of a TEXT column. Its words are split at white space, lower-cased and stripped of punctuation at both ends;
/// what is punctuation only is no word. (Training keeps words as they are; Amazon's data insights normalised them too.)
/// </summary>
internal sealed class TextStatistics(StatisticsLimits limits) : ColumnStatistics
{
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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override ulong Add(ReadOnlySpan<byte> text, SampledRow row)
    {
        if (row.IsWanted)
            row.BeginText();
        if (text.IsEmpty)
            Empty++;
        var lower = ToLower(text, out var isAscii);
        var words = 0;
        for (var at = 0; at < lower.Length;)
        {
            if (IsSpace(lower[at]))
            {
                at++;
                continue;
            }
            var end = at + 1;
            while (end < lower.Length && !IsSpace(lower[end]))
                end++;
            var word = Strip(lower[at..end]);
            at = end;
            if (word.IsEmpty)
                continue;
            words++;
            AddWord(word, isAscii ? word.Length : Characters(word), row);
        }
        TotalWords += words;
        LeastWords = Math.Min(LeastWords, words);
        MostWords = Math.Max(MostWords, words);
        return Hash64.Of(text);
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

    private void AddWord(ReadOnlySpan<byte> word, int length, SampledRow row)
    {
        if (length < ShortestWord)
            ShortestWord = length;
        if (length > LongestWord)
            LongestWord = length;
        var hash = Hash64.Of(word);
        if (Words.AddOnce(hash, word, row.Stamp) && row.IsWanted)
            row.AddWord(hash, limits.SampledWords);
    }

    /// <summary>The text in lower case, any Unicode white space as a blank.</summary>
    private ReadOnlySpan<byte> ToLower(ReadOnlySpan<byte> text, out bool isAscii)
    {
        // A byte that is no UTF-8 becomes the three bytes of U+FFFD; nothing else grows more.
        if (_lower.Length < text.Length * 3)
            _lower = new byte[text.Length * 3];
        isAscii = Ascii.ToLower(text, _lower, out var length) == OperationStatus.Done;
        if (isAscii)
            return _lower.AsSpan(0, length);
        length = 0;
        while (!text.IsEmpty)
        {
            Rune.DecodeFromUtf8(text, out var rune, out var consumed);
            text = text[consumed..];
            rune = Rune.IsWhiteSpace(rune) ? new Rune(' ') : Rune.ToLowerInvariant(rune);
            length += rune.EncodeToUtf8(_lower.AsSpan(length));
        }
        return _lower.AsSpan(0, length);
    }

    private static bool IsSpace(byte value) => value <= ' ' && (value == ' ' || value - 9u <= 4);

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
