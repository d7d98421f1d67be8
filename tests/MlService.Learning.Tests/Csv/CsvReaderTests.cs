using System.Text;
using CsCheck;
using MlService.Learning.Csv;

namespace MlService.Learning.Tests.Csv;

public class CsvReaderTests
{
    private static IEnumerable<ScannerWidth> Widths => StructuralScannerTests.Widths;

    [Theory]
    [InlineData("a,b,c\n", "a|b|c")]
    [InlineData("a,b,c", "a|b|c")]
    [InlineData("a,b,c\r\n", "a|b|c")]
    [InlineData("a,b,c\r", "a|b|c")]
    [InlineData(",,\n", "||")]
    [InlineData(" a\t, b b ,\tc \n", "a|b b|c")]
    [InlineData("\"a,b\",c\n", "a,b|c")]
    [InlineData("\"a\"\"b\"\"\",c\n", "a\"b\"|c")]
    [InlineData("\"\",\"\"\"\"\n", "|\"")]
    [InlineData("  \" a \" ,\t\"b\"\r\n", " a |b")]
    [InlineData("5\" pipe,a\"b\"\n", "5\" pipe|a\"b\"")]
    [InlineData("x,\"a\r\",y\n", "x|a\r|y")]
    [InlineData("x,a\r,y\n", "x|a\r|y")]
    [InlineData("\xC3\xBC,\xFF\xFE\n", "\xC3\xBC|\xFF\xFE")]
    [InlineData("   ,\t\n", "|")]
    public void ARowIsSplitUnquotedAndTrimmed(string text, string fields)
    {
        foreach (var width in Widths)
        {
            using var reader = Reader(text, width);
            var row = Assert.Single(NaiveCsv.Read(reader));
            Assert.Equal(fields.Split('|'), row.Fields!);
        }
    }

    [Theory]
    [InlineData("\"abc,d\nok,1\n", CsvRowError.UnclosedQuote)]
    [InlineData("\"abc\"\"\nok,1\n", CsvRowError.UnclosedQuote)]
    [InlineData("a,\"\r\nok,1\n", CsvRowError.UnclosedQuote)]
    [InlineData("\"a\"b,c\nok,1\n", CsvRowError.TextAfterQuote)]
    [InlineData("\"a\" \"b\",c\nok,1\n", CsvRowError.TextAfterQuote)]
    [InlineData("a,\"b\"\r\r\nok,1\n", CsvRowError.TextAfterQuote)]
    public void AMalformedRowIsReportedAndTheNextOneIsRead(string text, CsvRowError error)
    {
        foreach (var width in Widths)
        {
            using var reader = Reader(text, width);
            Assert.True(reader.Read());
            Assert.Equal(error, reader.Error);
            Assert.Equal(0, reader.FieldCount);
            Assert.True(reader.Read());
            Assert.Equal(CsvRowError.None, reader.Error);
            Assert.Equal(2, reader.FieldCount);
            Assert.Equal(2, reader.Line);
            Assert.False(reader.Read());
        }
    }

    [Fact]
    public void EmptyLinesAreSkippedButCounted()
    {
        using var reader = Reader("a\n\n\r\nb\n", StructuralScanner.Widest);
        Assert.True(reader.Read());
        Assert.True(reader.Read());
        Assert.Equal(4, reader.Line);
        Assert.Equal(5, reader.RowOffset);
        Assert.Equal(7, reader.BytesRead);
        Assert.False(reader.Read());
    }

    [Fact]
    public void EmptyLinesAreRowsOfAnEmptyFieldWhereAskedFor()
    {
        using var reader = new CsvReader(new MemoryStream("a\n\n\r\nb"u8.ToArray()), 0, 0, 6, skipEmptyRows: false);
        Assert.Equal(["a", "", "", "b"], NaiveCsv.Read(reader).Select(row => Assert.Single(row.Fields!)));
    }

    [Fact]
    public void AnotherDelimiterCanBeChosen()
    {
        using var reader = new CsvReader(new MemoryStream("a,1;\"b;c\"\n"u8.ToArray()), 0, 0, 10, ';');
        Assert.Equal(["a,1", "b;c"], Assert.Single(NaiveCsv.Read(reader)).Fields!);
    }

    [Fact]
    public void AnyTextIsReadAsTheGrammarSays() =>
        Texts.Sample(text =>
        {
            var expected = NaiveCsv.Rows(text);
            foreach (var width in Widths)
            {
                using var reader = Reader(text, width);
                NaiveCsv.AssertEqual(expected, NaiveCsv.Read(reader));
            }
        }, iter: 1200);

    [Fact]
    public void AdjacentRangesOfAnyTextShareAndLoseNoRow() =>
        Gen.Select(Texts, Gen.Int[0, 200], Gen.Int[0, 200], Gen.Int[1, 9]).Sample((text, first, second, piece) =>
        {
            var cuts = new[] { 0, Math.Min(first, text.Length), Math.Min(second, text.Length), text.Length }.Order().ToArray();
            var rows = new List<(long, string[]?)>();
            for (var part = 0; part < 3; part++)
            {
                // The stream may start anywhere before the range.
                var position = cuts[part] == 0 ? 0 : Math.Max(0, cuts[part] - piece);
                using var stream = new TricklingStream(Encoding.Latin1.GetBytes(text[position..]), piece);
                using var reader = new CsvReader(stream, position, cuts[part], cuts[part + 1]);
                rows.AddRange(NaiveCsv.Read(reader));
            }
            NaiveCsv.AssertEqual(NaiveCsv.Rows(text), rows);
        }, iter: 1200);

    [Fact]
    public void RowsThatStraddleTheBufferAreRead()
    {
        var text = LargeText(seed: 3, bytes: 2_000_000);
        var expected = NaiveCsv.Rows(text);
        foreach (var width in Widths)
        {
            using var reader = new CsvReader(true, width);
            reader.Open(new TricklingStream(Encoding.Latin1.GetBytes(text), 10_007), 0, 0, text.Length);
            NaiveCsv.AssertEqual(expected, NaiveCsv.Read(reader));
        }
    }

    [Theory]
    [InlineData(CsvReader.MaxRowBytes, CsvRowError.None)]
    [InlineData(CsvReader.MaxRowBytes + 1, CsvRowError.TooLong)]
    [InlineData(CsvReader.MaxRowBytes * 2, CsvRowError.TooLong)]
    [InlineData(CsvReader.MaxRowBytes * 9, CsvRowError.TooLong)]
    public void ARowMayHaveAHundredKilobytes(int bytes, CsvRowError error)
    {
        foreach (var lineEnd in (string[])["\n", "\r\n"])
        {
            using var reader = Reader("a,b" + lineEnd + new string('x', bytes) + lineEnd + "c,d", StructuralScanner.Widest);
            Assert.True(reader.Read());
            Assert.True(reader.Read());
            Assert.Equal(error, reader.Error);
            Assert.Equal(3 + lineEnd.Length, reader.RowOffset);
            Assert.True(reader.Read());
            Assert.Equal(2, reader.FieldCount);
            Assert.Equal(3, reader.Line);
            Assert.False(reader.Read());
        }
    }

    [Theory]
    [InlineData((byte)'x')]
    [InlineData((byte)',')]
    [InlineData((byte)'"')]
    public void AHundredMegabyteLineCostsBoundedMemory(byte filling)
    {
        using var reader = new CsvReader(new EndlessStream(filling), 0, 0, 100_000_000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.True(reader.Read());
        Assert.Equal(CsvRowError.TooLong, reader.Error);
        Assert.False(reader.Read());
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4_000_000);
    }

    [Fact]
    public void ReadingRowsAllocatesNothing()
    {
        var text = string.Concat(Enumerable.Repeat("1,\"a \"\"b\"\"\", c ,\n", 10_000));
        using var reader = Reader(text, StructuralScanner.Widest);
        var bytes = 0L;
        Assert.Equal(0, Allocation.Least(() =>
        {
            for (var row = 0; row < 400; row++)
            {
                Assert.True(reader.Read());
                bytes += reader.Record[1].Length;
            }
        }));
        Assert.Equal(0, bytes % (400 * 5));
    }

    [Fact]
    public void TheStreamIsDisposedWithTheReader()
    {
        var stream = new TricklingStream([], 1);
        new CsvReader(stream, 0, 0, 0).Dispose();
        Assert.True(stream.IsDisposed);
    }

    // Mostly short texts of the bytes that matter.
    private static Gen<string> Texts => Gen.Frequency(
        (8, Gen.Char["ab,\"\n"]),
        (1, Gen.Char["\r \t\u00FC\0"])).Array[0, 200].Select(letters => new string(letters));

    private static CsvReader Reader(string text, ScannerWidth width)
    {
        var reader = new CsvReader(true, width);
        reader.Open(new MemoryStream(Encoding.Latin1.GetBytes(text)), 0, 0, text.Length);
        return reader;
    }

    private static string LargeText(int seed, int bytes)
    {
        var random = new Random(seed);
        var text = new StringBuilder();
        while (text.Length < bytes)
        {
            // One row in 40 is long, some of them too long.
            var length = random.Next(40) == 0 ? random.Next(2 * CsvReader.MaxRowBytes) : random.Next(200);
            for (var index = 0; index < length; index++)
                text.Append("abcdefghijk   ,,\""[random.Next(17)]);
            text.Append(random.Next(5) == 0 ? "\r\n" : "\n");
        }
        return text.ToString();
    }

    private sealed class EndlessStream(byte filling) : MemoryStream
    {
        public override int Read(Span<byte> buffer)
        {
            buffer.Fill(filling);
            return buffer.Length;
        }
    }
}
