using System.IO.Compression;
using System.Text;
using MlService.Learning.Csv;

namespace MlService.Learning.Tests.Csv;

public class CsvTextTests
{
    [Fact]
    public void GzipIsKnownByItsContentAndAllMembersAreRead()
    {
        byte[] stored = [.. Gzip("a,b\n1,"), .. Gzip("2\n"), .. Gzip("3,4\n")];
        using var text = CsvText.Open(new TricklingStream(stored, 7), "data.csv", out var isGzip, out _);
        Assert.True(isGzip);
        Assert.Equal("a,b\n1,2\n3,4\n", new StreamReader(text).ReadToEnd());
    }

    [Fact]
    public void PlainTextPassesUnchangedWhateverItsName()
    {
        using var text = CsvText.Open(new MemoryStream("a,b\n\xC3\xBC"u8.ToArray()), "data.csv.gz", out var isGzip, out _);
        Assert.False(isGzip);
        Assert.Equal("a,b\n\xC3\xBC", new StreamReader(text).ReadToEnd());
    }

    [Theory]
    [InlineData("cut off")]
    [InlineData("cut off in the checksum")]
    [InlineData("damaged inside")]
    [InlineData("wrong checksum")]
    [InlineData("garbage after the magic bytes")]
    [InlineData("second member damaged")]
    [InlineData("text appended")]
    public void BrokenGzipIsAnErrorThatNamesTheFile(string damage)
    {
        var good = Gzip(string.Concat(Enumerable.Range(0, 5000).Select(row => $"{row},{row * 7919 % 1000}\n")));
        byte[] stored = damage switch
        {
            "cut off" => good[..(good.Length / 2)],
            "cut off in the checksum" => good[..^5],
            "damaged inside" => [.. good[..100], .. Enumerable.Repeat((byte)0xFF, 100), .. good[200..]],
            "wrong checksum" => [.. good[..^8], (byte)~good[^8], .. good[^7..]],
            "garbage after the magic bytes" => [0x1f, 0x8b, .. Encoding.ASCII.GetBytes("this is no gzip file at all")],
            "second member damaged" => [.. good, .. good[..10], .. Enumerable.Repeat((byte)0xFF, 50)],
            _ => [.. good, .. Encoding.ASCII.GetBytes("1,2\n")],
        };
        var error = Assert.Throws<InvalidInputException>(() =>
        {
            using var text = CsvText.Open(new MemoryStream(stored), "s3://bucket/data.csv", out _, out _);
            text.CopyTo(Stream.Null);
        });
        Assert.Contains("s3://bucket/data.csv", error.Message, StringComparison.Ordinal);
        Assert.Contains("gzip", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("504B0304140000", "Excel")]
    [InlineData("50415231", "Parquet")]
    [InlineData("28B52FFD", "zstd")]
    [InlineData("D0CF11E0A1B11AE1", "Excel")]
    [InlineData("425A683931415926535900", "bzip2")]
    [InlineData("FD377A585A00", "xz")]
    [InlineData("255044462D312E37", "PDF")]
    [InlineData("4F626A01", "Avro")]
    [InlineData("612C620A31002C320A", "zero byte at offset 5")]
    [InlineData("612C620D312C320D", "carriage return")]
    public void WhatCannotBeCsvIsNamedWithARemedy(string hex, string words)
    {
        var stored = Convert.FromHexString(hex);
        foreach (var bytes in (byte[][])[stored, Gzip(stored)])
        {
            var error = Assert.Throws<InvalidInputException>(() => CsvText.Open(new MemoryStream(bytes), "data.csv", out _, out _));
            Assert.Contains("data.csv", error.Message, StringComparison.Ordinal);
            Assert.Contains(words, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void ARefusedStreamIsDisposed()
    {
        foreach (var bytes in (byte[][])[[.. "PAR1"u8], Gzip("PAR1"), [0x1f, 0x8b, 1, 2, 3]])
        {
            var stored = new TricklingStream(bytes, 3);
            Assert.Throws<InvalidInputException>(() => CsvText.Open(stored, "data.csv", out _, out _));
            Assert.True(stored.IsDisposed);
        }
    }

    /// <summary>The files as Python 3 writes them: open(f, "w", encoding="utf-16"), "utf-16-be" and "utf-32" behind U+FEFF, with "a,ü\n𝄞,2\n" in them.</summary>
    [Theory]
    [InlineData("FFFE61002C00FC000A0034D81EDD2C0032000A00")]
    [InlineData("FEFF0061002C00FC000AD834DD1E002C0032000A")]
    [InlineData("FFFE0000610000002C000000FC0000000A0000001ED101002C000000320000000A000000")]
    [InlineData("0000FEFF000000610000002C000000FC0000000A0001D11E0000002C000000320000000A")]
    public void UnicodeOfEveryWidthIsKnownByItsByteOrderMark(string hex)
    {
        var stored = Convert.FromHexString(hex);
        foreach (var bytes in (byte[][])[stored, Gzip(stored)])
        {
            using var text = CsvText.Open(new TricklingStream(bytes, 3), "data.csv", out var isGzip, out var isWide);
            Assert.Equal((bytes != stored, true), (isGzip, isWide));
            var read = new MemoryStream();
            text.CopyTo(read);
            Assert.Equal("EFBBBF612CC3BC0AF09D849E2C320A", Convert.ToHexString(read.ToArray()));
        }
    }

    [Fact]
    public void GzipInsideGzipIsNamed()
    {
        var error = Assert.Throws<InvalidInputException>(() =>
            CsvText.Open(new MemoryStream(Gzip(Gzip("a,b\n"))), "data.csv", out _, out _));
        Assert.Contains("gzip twice", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("one line")]
    [InlineData("one line\r")]
    [InlineData("PK,ORC\nBZh,1\n")]
    [InlineData("ORC\n")]
    public void WhatOnlyResemblesAnotherFormatIsText(string text) =>
        CsvText.RequireText(Encoding.Latin1.GetBytes(text), "data.csv");

    internal static byte[] Gzip(string text) => Gzip(Encoding.UTF8.GetBytes(text));

    internal static byte[] Gzip(byte[] bytes)
    {
        var stored = new MemoryStream();
        using (var gzip = new GZipStream(stored, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(bytes);
        return stored.ToArray();
    }
}
