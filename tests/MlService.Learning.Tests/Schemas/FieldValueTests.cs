using System.Globalization;
using System.Text;
using CsCheck;
using MlService.Learning.Schemas;

namespace MlService.Learning.Tests.Schemas;

public class FieldValueTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("-12", -12)]
    [InlineData("+7", 7)]
    [InlineData(".5", 0.5)]
    [InlineData("5.", 5)]
    [InlineData("0003.25", 3.25)]
    [InlineData(" 1 ", 1)]
    [InlineData("1e3", 1000)]
    [InlineData("2.5E-3", 0.0025)]
    [InlineData("1e+2", 100)]
    [InlineData("9007199254740993", 9007199254740992)]
    [InlineData("123456789012345678901234567890", 1.2345678901234568e29)]
    [InlineData("1e-400", 0)]
    [InlineData("1.7976931348623157e308", double.MaxValue)]
    [InlineData("4.9e-324", double.Epsilon)]
    [InlineData("0e99999999999999999999", 0)]
    public void NumbersAreRead(string text, double expected)
    {
        Assert.True(TryParseNumber(text, out var value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("-")]
    [InlineData(".")]
    [InlineData("e5")]
    [InlineData("1e")]
    [InlineData("1e+")]
    [InlineData("1e5.5")]
    [InlineData("--1")]
    [InlineData("1 2")]
    [InlineData("1,000")]
    [InlineData("0x1F")]
    [InlineData("1.2.3")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("-inf")]
    [InlineData("∞")]
    [InlineData("1e309")]
    [InlineData("-1e99999999999")]
    [InlineData("1\0")]
    [InlineData("12a")]
    [InlineData("\u0661")]
    public void WhatIsNoFiniteNumberIsInvalid(string text) =>
        Assert.False(TryParseNumber(text, out _));

    [Fact]
    public void AnyTextOfNumberCharactersIsReadAsTheFrameworkReadsIt() =>
        Gen.Char["0123456789.-+eE"].Array[0, 24].Select(letters => new string(letters)).Sample(AssertLikeFramework, iter: 8_000);

    [Fact]
    public void EveryDecimalIsRoundedAsTheFrameworkRoundsIt() =>
        Gen.Select(Gen.Long, Gen.Int[0, 25], Gen.Int[-340, 340], Gen.Bool, Gen.Int[0, 19]).Sample((digits, point, exponent, scientific, length) =>
        {
            var text = digits.ToString(CultureInfo.InvariantCulture);
            text = text[..Math.Min(text.Length, length + 2)];
            if (point < text.Length)
                text = text.Insert(Math.Max(1, point), ".");
            AssertLikeFramework(scientific ? $"{text}e{exponent}" : text);
        }, iter: 8_000);

    [Fact]
    public void EveryDoubleSurvivesItsShortestText() =>
        Gen.Double.Where(double.IsFinite).Sample(number =>
            TryParseNumber(number.ToString("R", CultureInfo.InvariantCulture), out var value)
            && BitConverter.DoubleToInt64Bits(value) == BitConverter.DoubleToInt64Bits(number), iter: 10_000);

    [Theory]
    [InlineData("1", true)]
    [InlineData("y", true)]
    [InlineData("Y", true)]
    [InlineData("yes", true)]
    [InlineData("YES", true)]
    [InlineData("t", true)]
    [InlineData("T", true)]
    [InlineData(" True\t", true)]
    [InlineData("0", false)]
    [InlineData("n", false)]
    [InlineData("N", false)]
    [InlineData("No", false)]
    [InlineData("f", false)]
    [InlineData("F", false)]
    [InlineData("fAlSe", false)]
    public void BinaryLiteralsAreReadInAnyCase(string text, bool expected)
    {
        Assert.True(FieldValue.TryParseBinary(Encoding.UTF8.GetBytes(text), out var value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("2")]
    [InlineData("01")]
    [InlineData("1.0")]
    [InlineData("yess")]
    [InlineData("on")]
    [InlineData("\u0011")]
    [InlineData("nO\u000f")]
    [InlineData("\u0019es")]
    public void OtherTextIsNoBinaryValue(string text) =>
        Assert.False(FieldValue.TryParseBinary(Encoding.UTF8.GetBytes(text), out _));

    private static void AssertLikeFramework(string text)
    {
        var isNumber = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var expected)
            && double.IsFinite(expected);
        Assert.Equal(isNumber, TryParseNumber(text, out var value));
        if (isNumber)
            Assert.Equal(BitConverter.DoubleToInt64Bits(expected), BitConverter.DoubleToInt64Bits(value));
    }

    // Alone, and before other bytes of the same row: both ways have to read the same.
    private static bool TryParseNumber(string text, out double value)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var isNumber = FieldValue.TryParseNumber(bytes, out value);
        foreach (var other in ",9.-e"u8)
        {
            byte[] row = [.. bytes, .. Enumerable.Repeat(other, 16)];
            var inRow = FieldValue.ParsePadded(row.AsSpan(0, bytes.Length));
            Assert.Equal(BitConverter.DoubleToInt64Bits(isNumber ? value : double.NaN), BitConverter.DoubleToInt64Bits(inRow));
        }
        return isNumber;
    }
}
