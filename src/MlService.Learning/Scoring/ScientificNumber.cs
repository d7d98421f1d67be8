using System.Globalization;
using System.Runtime.CompilerServices;

namespace MlService.Learning.Scoring;

/// <summary>
/// The number format of Amazon ML's result files, Java's <c>DecimalFormat("0.######E0")</c>: one digit before the point, up to
/// six after it, rounded half to even, no padding: <c>1.945252E-5</c>, <c>1E0</c>, <c>-1.526385E1</c>.
/// </summary>
internal static class ScientificNumber
{
    /// <summary>Greatest number of bytes that <see cref="Format"/> writes.</summary>
    public const int MaxLength = 16;

    /// <summary>Writes a finite number.</summary>
    /// <param name="value">The number.</param>
    /// <param name="into">Room for <see cref="MaxLength"/> bytes.</param>
    /// <returns>Number of bytes written.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Format(double value, Span<byte> into)
    {
        if (!double.IsFinite(value))
            throw new ArgumentOutOfRangeException(nameof(value), value, "Only finite numbers can be written to a result file.");
        if (value == 0)
        {
            "0E0"u8.CopyTo(into);
            return 3;
        }
        Span<byte> digits = stackalloc byte[32];
        // E16 gives 17 significant digits: they tell every double apart, so the rounding below sees the value and not a neighbour.
        value.TryFormat(digits, out var length, "E16", CultureInfo.InvariantCulture);
        digits = digits[..length];
        var at = 0;
        if (digits[0] == '-')
        {
            into[at++] = (byte)'-';
            digits = digits[1..];
        }
        // d.dddddddddddddddd E+xxx
        var mantissa = (long)(digits[0] - '0');
        for (var i = 2; i < 18; i++)
            mantissa = mantissa * 10 + (digits[i] - '0');
        var exponent = int.Parse(digits[19..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        mantissa = RoundHalfEven(mantissa, 10_000_000_000);
        if (mantissa == 10_000_000)
        {
            mantissa = 1_000_000;
            exponent++;
        }
        return at + Write(mantissa, exponent, into[at..]);
    }

    private static long RoundHalfEven(long value, long unit)
    {
        var (quotient, rest) = Math.DivRem(value, unit);
        return rest * 2 > unit || rest * 2 == unit && (quotient & 1) == 1 ? quotient + 1 : quotient;
    }

    private static int Write(long mantissa, int exponent, Span<byte> into)
    {
        var decimals = 6;
        while (decimals > 0 && mantissa % 10 == 0)
        {
            mantissa /= 10;
            decimals--;
        }
        var at = 1;
        if (decimals > 0)
        {
            into[1] = (byte)'.';
            for (var i = decimals; i > 0; i--, mantissa /= 10)
                into[1 + i] = (byte)('0' + mantissa % 10);
            at = 2 + decimals;
        }
        into[0] = (byte)('0' + mantissa);
        into[at++] = (byte)'E';
        exponent.TryFormat(into[at..], out var length, default, CultureInfo.InvariantCulture);
        return at + length;
    }
}
