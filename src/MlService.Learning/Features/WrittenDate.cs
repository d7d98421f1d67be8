using System.Text;
using MlService.Learning.Recipes;

namespace MlService.Learning.Features;

/// <summary>
/// A date as it is written: <c>2026-01-31</c>, <c>2026/1/31</c>, <c>2026.01.31</c>, <c>31.1.2026</c>, <c>1/31/2026</c> (month first, as in the
/// United States), and behind it, after blanks or a <c>T</c>, perhaps a time <c>13:05</c>, <c>13:05:59.25</c> and its offset from UTC
/// (<c>Z</c>, <c>+02:00</c>, <c>-0530</c>); or a time alone. Two digits are no year, and anything else is no date.
/// </summary>
/// <param name="DayNumber">Days since 1970-01-01; null for a time alone.</param>
/// <param name="Year">1 to 9999; 0 for a time alone.</param>
/// <param name="Month">1 to 12; 0 for a time alone.</param>
/// <param name="Day">1 to 31; 0 for a time alone.</param>
/// <param name="Hour">0 to 23; -1 without a time.</param>
/// <param name="TimeOfDay">The time in days, less the offset from UTC; 0 without a time.</param>
internal readonly record struct WrittenDate(int? DayNumber, int Year, int Month, int Day, int Hour, double TimeOfDay)
{
    private const int Epoch = 719_162; // DateOnly.DayNumber of 1970-01-01

    private static readonly byte[][] TwoDigits = [.. Enumerable.Range(0, 32).Select(number => Encoding.ASCII.GetBytes($"{number:00}"))];
    private static readonly byte[][] Weekdays =
        [.. new[] { "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday" }.Select(Encoding.ASCII.GetBytes)];

    /// <summary>Reads a date.</summary>
    /// <param name="text">A field; blanks around it do not count.</param>
    /// <param name="date">The date.</param>
    public static bool TryParse(ReadOnlySpan<byte> text, out WrittenDate date)
    {
        date = default;
        text = text.Trim((byte)' ');
        int year = 0, month = 0, day = 0;
        int? dayNumber = null;
        var rest = text;
        if (Number(ref rest, 4, out var first, out var digits) && !rest.IsEmpty && rest[0] is (byte)'-' or (byte)'/' or (byte)'.')
        {
            var separator = rest[0];
            rest = rest[1..];
            if (!Number(ref rest, 2, out var second, out _) || rest.IsEmpty || rest[0] != separator)
                return false;
            rest = rest[1..];
            if (!Number(ref rest, 4, out var third, out var lastDigits))
                return false;
            if (digits == 4 && lastDigits <= 2)
                (year, month, day) = (first, second, third);
            else if (digits <= 2 && lastDigits == 4 && separator == '.')
                (year, month, day) = (third, second, first);
            else if (digits <= 2 && lastDigits == 4 && separator == '/')
                (year, month, day) = (third, first, second);
            if (year == 0 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
                return false;
            dayNumber = new DateOnly(year, month, day).DayNumber - Epoch;
            if (rest.IsEmpty)
            {
                date = new WrittenDate(dayNumber, year, month, day, -1, 0);
                return true;
            }
            if (rest[0] is not ((byte)' ' or (byte)'T'))
                return false;
            rest = rest[1..].TrimStart((byte)' ');
        }
        else
        {
            rest = text;
        }
        if (!TryParseTime(rest, out var hour, out var time))
            return false;
        date = new WrittenDate(dayNumber, year, month, day, hour, time);
        return true;
    }

    /// <summary>Days since 1970-01-01, NaN for a time alone.</summary>
    public double Days => DayNumber is { } number ? number + TimeOfDay : double.NaN;

    /// <summary>A part on its circle, in [0, 1) of a turn; NaN where it is not written.</summary>
    public double Turn(RecipeFunction part) => part switch
    {
        _ when part == RecipeFunction.Hour => Hour < 0 ? double.NaN : Hour / 24.0,
        _ when DayNumber is null => double.NaN,
        RecipeFunction.Month => (Month - 1) / 12.0,
        RecipeFunction.Day => (Day - 1) / 31.0,
        _ => Weekday / 7.0,
    };

    /// <summary>A part as a token; empty where it is not written.</summary>
    /// <param name="part">Which part.</param>
    /// <param name="year">Room for four bytes.</param>
    public ReadOnlySpan<byte> Token(RecipeFunction part, Span<byte> year)
    {
        if (part == RecipeFunction.Hour)
            return Hour < 0 ? default : TwoDigits[Hour];
        if (DayNumber is null)
            return default;
        if (part != RecipeFunction.Year)
            return part switch { RecipeFunction.Month => TwoDigits[Month], RecipeFunction.Day => TwoDigits[Day], _ => Weekdays[Weekday] };
        for (int i = 3, left = Year; i >= 0; i--, left /= 10)
            year[i] = (byte)('0' + left % 10);
        return year[..4];
    }

    // 1970-01-01 was a Thursday.
    private int Weekday => ((DayNumber!.Value + 3) % 7 + 7) % 7;

    private static bool TryParseTime(ReadOnlySpan<byte> rest, out int hour, out double time)
    {
        time = 0;
        if (!Number(ref rest, 2, out hour, out _) || hour > 23 || rest.IsEmpty || rest[0] != ':')
            return false;
        rest = rest[1..];
        if (!Number(ref rest, 2, out var minute, out var digits) || digits != 2 || minute > 59)
            return false;
        double second = 0;
        if (!rest.IsEmpty && rest[0] == ':')
        {
            rest = rest[1..];
            if (!Number(ref rest, 2, out var whole, out digits) || digits != 2 || whole > 59)
                return false;
            second = whole;
            if (!rest.IsEmpty && rest[0] == '.')
            {
                rest = rest[1..];
                if (!Number(ref rest, 9, out var fraction, out digits))
                    return false;
                second += fraction / Math.Pow(10, digits);
            }
        }
        if (!TryParseOffset(rest.TrimStart((byte)' '), out var offset))
            return false;
        time = (hour * 60 + minute - offset) / 1440.0 + second / 86_400;
        return true;
    }

    private static bool TryParseOffset(ReadOnlySpan<byte> rest, out int minutes)
    {
        minutes = 0;
        if (rest.IsEmpty || rest.SequenceEqual("Z"u8))
            return true;
        if (rest[0] is not ((byte)'+' or (byte)'-'))
            return false;
        var sign = rest[0] == '-' ? -1 : 1;
        rest = rest[1..];
        if (rest.Length < 2)
            return false;
        var hours = rest[..2];
        rest = rest[2..];
        if (!rest.IsEmpty && rest[0] == ':')
            rest = rest[1..];
        var minute = 0;
        if (!Number(ref hours, 2, out var hour, out var digits) || digits != 2 || hour > 14
            || (!rest.IsEmpty && (!Number(ref rest, 2, out minute, out digits) || digits != 2 || minute > 59 || !rest.IsEmpty)))
            return false;
        minutes = sign * (hour * 60 + minute);
        return true;
    }

    private static bool Number(ref ReadOnlySpan<byte> text, int mostDigits, out int number, out int digits)
    {
        number = digits = 0;
        while (digits < text.Length && text[digits] is >= (byte)'0' and <= (byte)'9')
        {
            if (digits == mostDigits)
                return false;
            number = number * 10 + text[digits++] - '0';
        }
        text = text[digits..];
        return digits > 0;
    }
}
