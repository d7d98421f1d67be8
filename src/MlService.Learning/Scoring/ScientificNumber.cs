using System.Globalization;
using System.Runtime.CompilerServices;
using MlService.Learning.Schemas;

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
        return TryRound(Math.Abs(value), out var digits, out var exponent)
            ? WriteSigned(value < 0, digits, exponent, into)
            : FormatExactly(value, into);
    }

    // |v|·10^k is one correctly rounded operation while 10^k is a double, so its error is below 10^7·2^-53. Where that could turn the
    // rounding to an integer, or k is larger, the exact way is taken.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryRound(double magnitude, out long digits, out int exponent)
    {
        // log10(2) is 78913 / 2^18, a little more or less.
        exponent = ((int)(BitConverter.DoubleToUInt64Bits(magnitude) >> 52) - 1023) * 78913 >> 18;
        digits = 0;
        if (exponent is < -15 or > 27)
            return false;
        var scaled = Scale(magnitude, 6 - exponent);
        if (scaled >= 10_000_000)
            scaled = Scale(magnitude, 6 - ++exponent);
        digits = (long)scaled;
        var rest = scaled - digits;
        if (Math.Abs(rest - 0.5) < 1e-6 || digits < 1_000_000)
            return false;
        digits += rest > 0.5 ? 1 : 0;
        if (digits == 10_000_000)
            (digits, exponent) = (1_000_000, exponent + 1);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Scale(double magnitude, int power) =>
        power >= 0 ? magnitude * FieldValue.PowersOfTen[power] : magnitude / FieldValue.PowersOfTen[-power];

    private static int WriteSigned(bool isNegative, long digits, int exponent, Span<byte> into)
    {
        into[0] = (byte)'-';
        return isNegative ? 1 + Write(digits, exponent, into[1..]) : Write(digits, exponent, into);
    }

    private static int FormatExactly(double value, Span<byte> into)
    {
        Span<byte> digits = stackalloc byte[32];
        // E16 gives 17 significant digits: they tell every double apart, so the rounding below sees the value and not a neighbour.
        value.TryFormat(digits, out var length, "E16", CultureInfo.InvariantCulture);
        digits = digits[..length];
        if (value < 0)
            digits = digits[1..];
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
        return WriteSigned(value < 0, mantissa, exponent, into);
    }

    private static long RoundHalfEven(long value, long unit)
    {
        var (quotient, rest) = Math.DivRem(value, unit);
        return rest * 2 > unit || rest * 2 == unit && (quotient & 1) == 1 ? quotient + 1 : quotient;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Write(long mantissa, int exponent, Span<byte> into)
    {
        // Seven digits, the last six in pairs.
        var digits = (uint)mantissa;
        var (rest, last) = Math.DivRem(digits, 100u);
        (rest, var middle) = Math.DivRem(rest, 100u);
        (rest, var first) = Math.DivRem(rest, 100u);
        into[0] = (byte)('0' + rest);
        into[1] = (byte)'.';
        Put(first, into[2..]);
        Put(middle, into[4..]);
        Put(last, into[6..]);
        var at = 8;
        while (into[at - 1] == '0')
            at--;
        if (at == 2)
            at = 1;
        into[at++] = (byte)'E';
        if (exponent < 0)
            into[at++] = (byte)'-';
        exponent = Math.Abs(exponent);
        if (exponent >= 100)
            into[at++] = (byte)('0' + exponent / 100);
        if (exponent >= 10)
            into[at++] = (byte)('0' + exponent / 10 % 10);
        into[at++] = (byte)('0' + exponent % 10);
        return at;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(uint pair, Span<byte> into)
    {
        var tens = pair * 103 >> 10;    // pair / 10 below 100
        into[1] = (byte)('0' + (pair - 10 * tens));
        into[0] = (byte)('0' + tens);
    }
}
