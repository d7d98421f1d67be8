using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MlService.Learning.Schemas;

/// <summary>The literals of NUMERIC and BINARY values, one meaning for statistics, features and training.</summary>
public static class FieldValue
{
    /// <summary>Powers of ten that a double holds exactly.</summary>
    /// <remarks>For code that is optimized from its first call: elsewhere it allocates. An array would first be asked whether it is made yet.</remarks>
    internal static ReadOnlySpan<double> PowersOfTen =>
    [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
        1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ];

    /// <summary>
    /// Reads an integer or decimal number: <c>[+-] digits [. digits] [e [+-] digits]</c> with at least one digit before
    /// the exponent, blanks and tabs around it ignored, rounded to the nearest double.
    /// </summary>
    /// <returns>
    /// False for anything else: empty text, <c>NaN</c>, <c>Infinity</c>, hexadecimal, thousands separators, and numbers beyond
    /// the range of a double.
    /// </returns>
    /// <remarks>
    /// A mantissa w up to 2^53 and a power 10^e with e up to 22 are doubles without error, so w * 10^e or w / 10^e is one
    /// correctly rounded operation (W. D. Clinger, "How to Read Floating Point Numbers Accurately", 1990). What does not fit
    /// goes to the framework's parser.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool TryParseNumber(ReadOnlySpan<byte> text, out double value)
    {
        ulong mantissa = 0;
        var digits = 0;
        var decimals = 0;
        var index = 0;
        var negative = false;
        value = 0;
        if (text.IsEmpty)
            return false;
        if (text[0] <= ' ' || text[^1] <= ' ')
        {
            text = text.Trim(" \t"u8);
            if (text.IsEmpty)
                return false;
        }
        if (text[0] is (byte)'-' or (byte)'+')
        {
            negative = text[0] == '-';
            index = 1;
        }
        for (; index < text.Length && (uint)(text[index] - '0') is <= 9 and var digit; index++)
        {
            // Wraps around after 19 digits; then the count of digits sends the value to the slow path.
            mantissa = mantissa * 10 + digit;
            digits++;
        }
        if (index < text.Length && text[index] == '.')
        {
            index++;
            for (; index < text.Length && (uint)(text[index] - '0') is <= 9 and var digit; index++)
            {
                mantissa = mantissa * 10 + digit;
                decimals++;
            }
        }
        if (digits + decimals == 0)
            return false;
        var exponent = 0;
        if (index < text.Length && !TryParseExponent(text[index..], out exponent))
            return false;
        exponent -= decimals;
        if (digits + decimals > 19 || mantissa > 1UL << 53 || exponent is < -22 or > 22)
            return TryParseSlowly(text, out value);
        var magnitude = exponent < 0 ? mantissa / PowersOfTen[-exponent] : mantissa * PowersOfTen[exponent];
        value = negative ? -magnitude : magnitude;
        return true;
    }

    /// <summary>
    /// The number that <see cref="TryParseNumber"/> reads in a field of a padded record (<see cref="Records.Record.Padding"/>). Up to 16 digits,
    /// sign and point are taken as one vector: how many digits there are differs from row to row, and a loop over them would be guessed wrong
    /// again and again.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <returns>NaN where it is no number.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static double ParsePadded(ReadOnlySpan<byte> text)
    {
        if (Sse41.IsSupported && (uint)(text.Length - 1) < (uint)Vector128<byte>.Count
            && ParseVector(ref MemoryMarshal.GetReference(text), text.Length) is var value && !double.IsNaN(value))
            return value;
        return ParseSlowly(text);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static double ParseSlowly(ReadOnlySpan<byte> text) => TryParseNumber(text, out var value) ? value : double.NaN;

    // The pairs of digits, then of pairs, then of fours become numbers by multiply-add, as in W. Muła, "SIMD-ized parsing of
    // unsigned integers", 2014; before that the digits are moved to the end of the vector, over the point.
    // NaN for what only the other way reads.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double ParseVector(ref byte first, int length)
    {
        var bytes = Vector128.LoadUnsafe(ref first);
        var digits = bytes - Vector128.Create((byte)'0');
        var inside = (1u << length) - 1;
        var digitsOnly = Vector128.LessThan(digits, Vector128.Create((byte)10));
        var isDigit = digitsOnly.ExtractMostSignificantBits() & inside;
        var isPoint = Vector128.Equals(bytes, Vector128.Create((byte)'.')).ExtractMostSignificantBits() & inside;
        var isMinus = first == '-' ? 1u : 0;
        var isSign = isMinus | (first == '+' ? 1u : 0);
        if ((isDigit | isPoint | isSign) != inside || isDigit == 0 || (isPoint & (isPoint - 1)) != 0)
            return double.NaN;
        var count = BitOperations.PopCount(isDigit);
        var point = BitOperations.TrailingZeroCount(isPoint | 1u << length);
        var source = Vector128<sbyte>.Indices + Vector128.Create((sbyte)((int)isSign + count - Vector128<byte>.Count));
        source -= Vector128.GreaterThan(source, Vector128.Create((sbyte)(point - 1)));
        // What would come from before the text has a negative index and becomes 0, as the sign does.
        var aligned = Ssse3.Shuffle(digits & digitsOnly, source.AsByte());
        var pairs = Ssse3.MultiplyAddAdjacent(aligned, Vector128.Create((short)(1 << 8 | 10)).AsSByte());
        var fours = Sse2.MultiplyAddAdjacent(pairs, Vector128.Create(1 << 16 | 100).AsInt16());
        var packed = Sse41.PackUnsignedSaturate(fours, fours).AsInt16();
        var eights = Sse2.MultiplyAddAdjacent(packed, Vector128.Create(1 << 16 | 10_000).AsInt16()).AsUInt64().ToScalar();
        var mantissa = (uint)eights * 100_000_000UL + (eights >> 32);
        if (mantissa > 1UL << 53)
            return double.NaN;
        var magnitude = (long)mantissa / PowersOfTen[Math.Max(0, length - point - 1)];
        return BitConverter.UInt64BitsToDouble(BitConverter.DoubleToUInt64Bits(magnitude) | (ulong)isMinus << 63);
    }

    /// <summary>
    /// Reads a binary literal: false for <c>0 n no f false</c>, true for <c>1 y yes t true</c>, in any case, blanks and tabs
    /// around it ignored.
    /// </summary>
    /// <returns>False for anything else, the empty text included.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool TryParseBinary(ReadOnlySpan<byte> text, out bool value)
    {
        value = false;
        if (text.IsEmpty)
            return false;
        if (text[0] <= ' ' || text[^1] <= ' ')
            text = text.Trim(" \t"u8);
        if (text.Length == 1)
        {
            value = text[0] is (byte)'1' or (byte)'y' or (byte)'Y' or (byte)'t' or (byte)'T';
            return value || text[0] is (byte)'0' or (byte)'n' or (byte)'N' or (byte)'f' or (byte)'F';
        }
        value = EqualsLetters(text, "yes"u8) || EqualsLetters(text, "true"u8);
        return value || EqualsLetters(text, "no"u8) || EqualsLetters(text, "false"u8);
    }

    private static bool EqualsLetters(ReadOnlySpan<byte> text, ReadOnlySpan<byte> lowerCaseLetters)
    {
        if (text.Length != lowerCaseLetters.Length)
            return false;
        for (var index = 0; index < text.Length; index++)
            if ((text[index] | 0x20) != lowerCaseLetters[index])
                return false;
        return true;
    }

    private static bool TryParseExponent(ReadOnlySpan<byte> text, out int exponent)
    {
        exponent = 0;
        if (text.Length < 2 || (text[0] | 0x20) != 'e')
            return false;
        var index = text[1] is (byte)'-' or (byte)'+' ? 2 : 1;
        if (index == text.Length)
            return false;
        for (; index < text.Length; index++)
        {
            if ((uint)(text[index] - '0') is not (<= 9 and var digit))
                return false;
            if (exponent < 1_000_000)
                exponent = exponent * 10 + (int)digit;
        }
        if (text[1] == '-')
            exponent = -exponent;
        return true;
    }

    private static bool TryParseSlowly(ReadOnlySpan<byte> text, out double value) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);
}
