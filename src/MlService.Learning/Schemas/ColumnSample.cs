using System.Globalization;
using System.Text;

namespace MlService.Learning.Schemas;

/// <summary>What the sampled values of one column look like.</summary>
internal sealed class ColumnSample
{
    // Enough to tell codes from quantities, and to show in a reason.
    private const int MaxExamples = 12;

    private const int FewestDigitsOfTelephones = 7;

    private static readonly string[] DatesWithMonths =
        ["MMM d yyyy", "MMM d, yyyy", "MMMM d yyyy", "MMMM d, yyyy", "d MMM yyyy", "d MMMM yyyy", "d-MMM-yyyy", "d-MMM-yy", "MMM yyyy", "MMM-yy"];

    private readonly HashSet<ulong> _distinct = [];
    private readonly List<string> _examples = [];
    private double _first = double.NaN;
    private double _previous = double.NaN;

    /// <summary>Values seen, empty ones included.</summary>
    public int Count { get; private set; }

    public int Empty { get; private set; }

    public int Filled => Count - Empty;

    /// <summary>Distinct values that are not empty.</summary>
    public int Distinct => _distinct.Count;

    /// <summary>The first distinct values, shortened.</summary>
    public IReadOnlyList<string> Examples => _examples;

    public int Numbers { get; private set; }

    public int Integers { get; private set; }

    /// <summary>Digits only with a zero in front of others, as in postal codes, or many behind a plus, as in telephone numbers.</summary>
    public int Codes { get; private set; }

    /// <summary>Words by which people write that a value is missing.</summary>
    public int MissingMarkers { get; private set; }

    public int Dates { get; private set; }

    /// <summary>Those of <see cref="Dates"/> with slashes whose first number is too great for a month.</summary>
    public int DatesWithDayFirst { get; private set; }

    /// <summary>Dates that name their month.</summary>
    public int DatesInWords { get; private set; }

    /// <summary>Numbers with separators between thousands, a comma before decimals, or a sign for percent or a currency.</summary>
    public int DecoratedNumbers { get; private set; }

    /// <summary>The first of <see cref="DecoratedNumbers"/>.</summary>
    public string DecoratedExample { get; private set; } = "";

    public int BinaryLiterals { get; private set; }

    /// <summary>The binary literals seen, in lower case.</summary>
    public SortedSet<string> Literals { get; } = new(StringComparer.Ordinal);

    public double Min { get; private set; } = double.PositiveInfinity;

    public double Max { get; private set; } = double.NegativeInfinity;

    /// <summary>Whether every value was the one before plus 1.</summary>
    public bool CountsUp { get; private set; } = true;

    public long Words { get; private set; }

    public int MaxWords { get; private set; }

    public double WordsPerValue => Filled == 0 ? 0 : (double)Words / Filled;

    public bool Contains(ReadOnlySpan<byte> value) => _distinct.Contains(Hash(value));

    public void Add(ReadOnlySpan<byte> value)
    {
        Count++;
        if (value.IsEmpty)
        {
            Empty++;
            CountsUp = false;
            return;
        }
        if (_distinct.Add(Hash(value)) && _examples.Count < MaxExamples)
            _examples.Add(Shorten(Encoding.UTF8.GetString(value), 24));
        if (FieldValue.TryParseNumber(value, out var number))
            AddNumber(value, number);
        else
            CountsUp = false;
        if (FieldValue.TryParseBinary(value, out _))
        {
            BinaryLiterals++;
            Literals.Add(Encoding.UTF8.GetString(value).Trim().ToLowerInvariant());
        }
        if (IsMissingMarker(value))
            MissingMarkers++;
        if (IsDate(value, out var isDayFirst))
        {
            Dates++;
            DatesWithDayFirst += isDayFirst ? 1 : 0;
        }
        else if (IsDateInWords(value))
        {
            DatesInWords++;
        }
        else if (IsDecoratedNumber(value))
        {
            if (DecoratedNumbers++ == 0)
                DecoratedExample = Encoding.UTF8.GetString(value);
        }
        var words = CountWords(value);
        Words += words;
        MaxWords = Math.Max(MaxWords, words);
    }

    /// <summary>Adds the value that stands above those seen so far.</summary>
    public void AddAbove(ReadOnlySpan<byte> value)
    {
        var countsUp = CountsUp && Count > 0 && FieldValue.TryParseNumber(value, out var number) && number == _first - 1;
        Add(value);
        CountsUp = countsUp;
    }

    /// <summary>Whether a value says in words that there is none.</summary>
    public static bool IsMissingMarker(ReadOnlySpan<byte> value) => value.Length <= 7
        && Encoding.UTF8.GetString(value).ToLowerInvariant() is "?" or "na" or "n/a" or "nan" or "null" or "none" or "nil"
            or "-" or "--" or "." or "#n/a" or "unknown" or "missing" or "\\n";

    public static string Shorten(string text, int length) => text.Length <= length ? text : text[..length] + "…";

    private void AddNumber(ReadOnlySpan<byte> value, double number)
    {
        Numbers++;
        if (number == Math.Floor(number) && Math.Abs(number) < 1e15 && value.IndexOfAny(".eE"u8) < 0)
        {
            Integers++;
            if (value[0] == '0' && value.Length > 1 || value[0] == '+' && value.Length > FewestDigitsOfTelephones)
                Codes++;
        }
        Min = Math.Min(Min, number);
        Max = Math.Max(Max, number);
        if (Count == 1)
            _first = number;
        CountsUp &= Count == 1 || number == _previous + 1;
        _previous = number;
    }

    private static int CountWords(ReadOnlySpan<byte> value)
    {
        var words = 0;
        var inWord = false;
        foreach (var letter in value)
        {
            var isBlank = letter <= ' ';
            if (!isBlank && !inWord)
                words++;
            inWord = !isBlank;
        }
        return words;
    }

    // 2016-01-31, 31.01.2016, 1/31/16, each perhaps with a time behind it.
    private static bool IsDate(ReadOnlySpan<byte> value, out bool isDayFirst)
    {
        isDayFirst = value.Length > 2 && value[2] == '/' && (value[0] > '1' || (value[0] == '1' && value[1] > '2'));
        Span<int> digits = stackalloc int[3];
        var part = 0;
        byte separator = 0;
        foreach (var letter in value)
        {
            if (letter is >= (byte)'0' and <= (byte)'9')
            {
                digits[part]++;
            }
            else if (part < 2 && digits[part] > 0 && letter is (byte)'-' or (byte)'/' or (byte)'.'
                && (separator == 0 || separator == letter))
            {
                separator = letter;
                part++;
            }
            else if (part == 2 && letter is (byte)' ' or (byte)'T')
            {
                break;
            }
            else
            {
                return false;
            }
        }
        return part == 2 && digits[1] is 1 or 2
            && ((digits[0] == 4 && digits[2] is 1 or 2) || (digits[0] is 1 or 2 && digits[2] is 2 or 4));
    }

    private static bool IsDateInWords(ReadOnlySpan<byte> value) =>
        value.Length is >= 6 and <= 20 && char.IsAsciiDigit((char)value[^1]) && value.ContainsAnyInRange((byte)'a', (byte)'z')
        && DateTime.TryParseExact(Encoding.UTF8.GetString(value), DatesWithMonths, CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    /// <summary>Whether a value is a number with separators or signs, see <see cref="DecoratedNumbers"/>.</summary>
    public static bool IsDecoratedNumber(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty || value.Length > 24 || char.IsAsciiLetter((char)value[0]) || !value.ContainsAnyInRange((byte)'0', (byte)'9') || FieldValue.TryParseNumber(value, out _))
            return false;
        var plain = new StringBuilder();
        foreach (var letter in Encoding.UTF8.GetString(value))
        {
            if (letter is not ('%' or ',' or '\'' or '_') && !char.IsWhiteSpace(letter) && char.GetUnicodeCategory(letter) != UnicodeCategory.CurrencySymbol)
                plain.Append(letter);
        }
        // With a zero in front they are telephone numbers, or other codes.
        return !(plain.Length > 1 && plain[0] == '0' && char.IsAsciiDigit(plain[1]))
            && FieldValue.TryParseNumber(Encoding.UTF8.GetBytes(plain.ToString()), out _);
    }

    // FNV-1a (Fowler, Noll, Vo): at ten thousand values a collision of 64 bits does not happen.
    private static ulong Hash(ReadOnlySpan<byte> value)
    {
        var hash = 14695981039346656037UL;
        foreach (var letter in value)
            hash = (hash ^ letter) * 1099511628211UL;
        return hash;
    }
}
