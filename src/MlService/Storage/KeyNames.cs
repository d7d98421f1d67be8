using System.Buffers;
using System.Text;

namespace MlService.Storage;

/// <summary>
/// How keys become names of files, one to one. An ordinary key is its own path, so people can look into the directory and
/// put files there; what a file system would refuse, or read another way, is written as <c>%XX</c> per UTF-8 byte:
/// <list type="bullet">
/// <item><c>%</c>, control characters, <c>&lt; &gt; : " | ? * \</c>, and a dot or blank at a segment's end (so <c>.</c> and
/// <c>..</c> too), and the first letter of a DOS device name such as <c>nul.csv</c>;</item>
/// <item>capital letters and all beyond ASCII, where the file system folds case (<paramref name="foldsCase"/>);</item>
/// <item>an empty segment is named <c>%</c>;</item>
/// <item>a segment of more than 240 bytes is a chain of directories, all but the last name ending in <c>%+</c>;</item>
/// <item>an object whose name a directory has already is beside it, with <c>%object</c> at the end.</item>
/// </list>
/// No percent-encoding yields the three marks, so they cannot be mistaken for keys. A file whose name is not what its key
/// would be given is not an object.
/// </summary>
internal sealed class KeyNames(bool foldsCase)
{
    public const string AlternateMark = "%object";
    private const string ContinuationMark = "%+";
    private const string EmptySegment = "%";

    // Names may have 255 bytes nearly everywhere; the marks and an encoded first letter need some of them.
    private const int MaxNameBytes = 240;

    private static readonly SearchValues<char> AsciiSafe = SearchValues.Create(
        " !#$&'()+,-.0123456789;=@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{}~");

    private static readonly SearchValues<char> FoldingSafe = SearchValues.Create(
        " !#$&'()+,-.0123456789;=@[]^_`abcdefghijklmnopqrstuvwxyz{}~");

    /// <summary>The names of a key's directories and, last, of its file.</summary>
    public List<string> Of(string key)
    {
        var names = new List<string>();
        var begin = 0;
        for (int slash; (slash = key.IndexOf('/', begin)) >= 0; begin = slash + 1)
            AddSegment(key[begin..slash], names);
        AddSegment(key[begin..], names);
        return names;
    }

    /// <summary>The names of the directories that hold the keys beginning with <paramref name="prefix"/>, which is empty or ends in /.</summary>
    public List<string> OfDirectories(string prefix) => prefix.Length == 0 ? [] : Of(prefix[..^1]);

    /// <summary>Reads the name of a file or directory; false if it is not one of ours.</summary>
    /// <param name="name">The name.</param>
    /// <param name="isDirectory">Whether a directory bears it.</param>
    /// <param name="begun">Names that began the same segment, for a directory that continues one; otherwise empty.</param>
    /// <param name="decoded">What the name says.</param>
    public bool TryDecode(string name, bool isDirectory, IReadOnlyList<string> begun, out DecodedName decoded)
    {
        var continues = isDirectory && name.EndsWith(ContinuationMark, StringComparison.Ordinal);
        var alternate = !isDirectory && name.EndsWith(AlternateMark, StringComparison.Ordinal);
        var text = continues ? name[..^ContinuationMark.Length] : alternate ? name[..^AlternateMark.Length] : name;
        decoded = new DecodedName("", continues, alternate);
        if (text == EmptySegment)
            return !continues && begun.Count == 0;
        if (begun.Count == 0 && !continues && IsPlain(text))
        {
            decoded = decoded with { Segment = text };
            return true;
        }
        if (!Percent.TryDecode(string.Concat(begun.Select(part => part[..^ContinuationMark.Length])) + text, out var segment))
            return false;
        decoded = decoded with { Segment = segment };
        if (continues)
            return true; // whether the chain is the right one shows at its last name
        var names = new List<string>();
        AddSegment(segment, names);
        return names.Count == begun.Count + 1 && names[^1] == text && begun.SequenceEqual(names[..^1]);
    }

    private void AddSegment(string segment, List<string> names)
    {
        if (segment.Length == 0)
        {
            names.Add(EmptySegment);
            return;
        }
        if (IsPlain(segment))
        {
            names.Add(segment);
            return;
        }
        var name = new StringBuilder();
        var nameBytes = 0;
        var position = 0;
        Span<byte> utf8 = stackalloc byte[4];
        foreach (var rune in segment.EnumerateRunes())
        {
            var length = rune.EncodeToUtf8(utf8);
            position += rune.Utf16SequenceLength;
            var escape = !IsSafe(rune) || (position == segment.Length && rune.Value is '.' or ' ');
            var bytes = escape ? 3 * length : length;
            if (nameBytes + bytes > MaxNameBytes)
            {
                names.Add(WithoutDeviceName(name.ToString()) + ContinuationMark);
                name.Clear();
                nameBytes = 0;
            }
            nameBytes += bytes;
            if (!escape)
                name.Append(rune);
            else
                foreach (var value in utf8[..length])
                    name.Append('%').Append(value.ToString("X2", null));
        }
        names.Add(WithoutDeviceName(name.ToString()));
    }

    /// <summary>Whether a segment is its own name.</summary>
    private bool IsPlain(string segment) =>
        segment.Length is > 0 and <= MaxNameBytes
        && !segment.AsSpan().ContainsAnyExcept(foldsCase ? FoldingSafe : AsciiSafe)
        && segment[^1] is not ('.' or ' ')
        && !IsDeviceName(segment);

    private bool IsSafe(Rune rune) =>
        rune.IsAscii ? (foldsCase ? FoldingSafe : AsciiSafe).Contains((char)rune.Value) : !foldsCase;

    private static string WithoutDeviceName(string name) => IsDeviceName(name) ? $"%{(int)name[0]:X2}{name[1..]}" : name;

    /// <summary>Whether Windows would open a device: CON, PRN, AUX, NUL, COM0–9, LPT0–9, also with an extension.</summary>
    private static bool IsDeviceName(string name)
    {
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        var stem = name.AsSpan(0, dot < 0 ? name.Length : dot).TrimEnd(' ');
        return stem.Length switch
        {
            3 => stem.Equals("con", StringComparison.OrdinalIgnoreCase) || stem.Equals("prn", StringComparison.OrdinalIgnoreCase)
                || stem.Equals("aux", StringComparison.OrdinalIgnoreCase) || stem.Equals("nul", StringComparison.OrdinalIgnoreCase),
            4 => char.IsAsciiDigit(stem[3]) && (stem.StartsWith("com", StringComparison.OrdinalIgnoreCase)
                || stem.StartsWith("lpt", StringComparison.OrdinalIgnoreCase)),
            _ => false,
        };
    }
}

/// <summary>What a file's or directory's name says.</summary>
/// <param name="Segment">The key's segment, or its beginning where it continues.</param>
/// <param name="Continues">A directory that holds the rest of a long segment.</param>
/// <param name="IsAlternate">An object that stands beside the directory of the same name.</param>
internal readonly record struct DecodedName(string Segment, bool Continues, bool IsAlternate);
