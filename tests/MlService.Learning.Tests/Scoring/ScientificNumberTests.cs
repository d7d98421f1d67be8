using System.Globalization;
using System.Numerics;
using System.Text;
using CsCheck;
using MlService.Learning.Scoring;

namespace MlService.Learning.Tests.Scoring;

public class ScientificNumberTests
{
    [Theory]
    [InlineData(1.945252E-5, "1.945252E-5")]
    [InlineData(0.996733, "9.96733E-1")]
    [InlineData(0.224308, "2.24308E-1")]
    [InlineData(1, "1E0")]
    [InlineData(-15.26385, "-1.526385E1")]
    [InlineData(0, "0E0")]
    [InlineData(0.5, "5E-1")]
    [InlineData(1234567.5, "1.234568E6")]
    [InlineData(9999999.9, "1E7")]
    [InlineData(1e300, "1E300")]
    [InlineData(5e-324, "4.940656E-324")]
    public void NumbersLookAsInRealResultFiles(double value, string expected) => Assert.Equal(expected, Format(value));

    [Theory]
    [InlineData(1000000.5, "1E6")]
    [InlineData(1000001.5, "1.000002E6")]
    [InlineData(1000002.5, "1.000002E6")]
    public void ATieGoesToTheEvenDigit(double value, string expected) => Assert.Equal(expected, Format(value));

    [Fact]
    public void WhatIsWrittenIsTheNearestNumberOfSevenDigits() => Gen.OneOf(
        Gen.Double.Where(double.IsFinite), Gen.Double[-1000, 1000], Gen.Float[0, 1].Select(value => (double)value),
        // Ties and their neighbours.
        Gen.Select(Gen.Int[1_000_000, 9_999_999], Gen.Int[-1, 1]).Select((digits, ulps) => BitConverter.Int64BitsToDouble(BitConverter.DoubleToInt64Bits(digits + 0.5) + ulps)))
        .Sample(value =>
    {
        var text = Format(value);
        Assert.Matches(@"^-?[0-9](\.[0-9]{0,5}[1-9])?E(0|-?[1-9][0-9]*)$", text);
        if (value == 0)
            return;
        // Exact: |written − value| is at most half a unit of the seventh digit, both as fractions of big integers.
        var exponent = int.Parse(text[(text.IndexOf('E', StringComparison.Ordinal) + 1)..], CultureInfo.InvariantCulture);
        var written = decimal.Parse(text[..text.IndexOf('E', StringComparison.Ordinal)], CultureInfo.InvariantCulture);
        var (mantissa, power) = Split(value);
        var scale = BigInteger.Pow(10, 400) * BigInteger.Pow(2, 1100);
        var exact = mantissa * (power >= 0 ? scale << power : scale >> -power);
        var unit = exponent - 6 >= 0 ? scale * BigInteger.Pow(10, exponent - 6) : scale / BigInteger.Pow(10, 6 - exponent);
        var difference = BigInteger.Abs(new BigInteger(written * 1_000_000) * unit - exact);
        Assert.True(difference * 2 <= unit + unit / 1_000_000, $"{value:R} became {text}");
    });

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.NegativeInfinity)]
    public void WhatIsNoNumberIsRefused(double value) => Assert.Throws<ArgumentOutOfRangeException>(() => Format(value));

    private static (BigInteger Mantissa, int Power) Split(double value)
    {
        var bits = BitConverter.DoubleToInt64Bits(value);
        var exponent = (int)(bits >> 52 & 0x7FF);
        var fraction = bits & 0xF_FFFF_FFFF_FFFF;
        var mantissa = exponent == 0 ? fraction : fraction | 1L << 52;
        return (value < 0 ? -mantissa : mantissa, Math.Max(exponent, 1) - 1075);
    }

    private static string Format(double value)
    {
        Span<byte> into = stackalloc byte[ScientificNumber.MaxLength];
        return Encoding.ASCII.GetString(into[..ScientificNumber.Format(value, into)]);
    }
}
