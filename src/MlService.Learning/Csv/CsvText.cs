using System.Text;

namespace MlService.Learning.Csv;

/// <summary>Opens stored bytes as CSV text in UTF-8, and refuses what cannot be that.</summary>
internal static class CsvText
{
    /// <summary>How many bytes at the start of a file are judged; a header of any allowed length is among them.</summary>
    public const int HeadBytes = 128 * 1024;

    /// <summary>The UTF-8 byte order mark.</summary>
    public static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Opens a whole file: gzip or plain, UTF-8 or by its byte order mark UTF-16 or UTF-32. The byte order mark is left in, as that of UTF-8.</summary>
    /// <exception cref="InvalidInputException">The content cannot be CSV text; the stream is then disposed.</exception>
    public static HeadStream Open(Stream stored, string name, out bool isGzip, out bool isWide)
    {
        var text = stored;
        try
        {
            var head = new HeadStream(stored, HeadBytes);
            text = head;
            isGzip = head.Head.StartsWith(GzipText.Magic);
            if (isGzip)
                text = head = new HeadStream(new GzipText(head, name), HeadBytes);
            var wide = WideEncoding(head.Head);
            isWide = wide is not null;
            if (wide is not null)
                text = head = new HeadStream(Encoding.CreateTranscodingStream(head, wide, Encoding.UTF8), HeadBytes);
            return RequireText(head, name);
        }
        catch
        {
            text.Dispose();
            throw;
        }
    }

    /// <summary>Opens the plain text of a file from its first data row on.</summary>
    /// <exception cref="InvalidInputException">The content cannot be CSV text; the stream is then disposed.</exception>
    public static HeadStream OpenPlain(Stream plain, string name, long length)
    {
        try
        {
            return RequireText(new HeadStream(plain, (int)Math.Min(HeadBytes, length)), name);
        }
        catch
        {
            plain.Dispose();
            throw;
        }
    }

    /// <summary>Checks the first bytes of a plain text.</summary>
    /// <exception cref="InvalidInputException">They are of another format, or have carriage returns only.</exception>
    public static void RequireText(ReadOnlySpan<byte> head, string name)
    {
        if (Recognize(head) is { } format)
            throw new InvalidInputException(
                $"{name} is {format.Name}, not CSV text. {format.Remedy}");
        var nul = head.IndexOf((byte)0);
        if (nul >= 0)
            throw new InvalidInputException(
                $"{name} is not text: there is a zero byte at offset {nul}. It is binary, or UTF-16 without a byte order mark; export it as CSV in UTF-8.");
        var carriageReturn = head.IndexOf((byte)'\r');
        if (carriageReturn >= 0 && carriageReturn < head.Length - 1 && !head.Contains((byte)'\n'))
            throw new InvalidInputException(
                $"{name} ends its lines with a carriage return alone (old Mac format), so it would be one single row. "
                + "Save it with LF or CRLF line ends, for example with: tr '\\r' '\\n'.");
    }

    private static Encoding? WideEncoding(ReadOnlySpan<byte> head) => head switch
    {
        [0xFF, 0xFE, 0, 0, ..] => Encoding.UTF32,
        [0, 0, 0xFE, 0xFF, ..] => new UTF32Encoding(bigEndian: true, byteOrderMark: true),
        [0xFF, 0xFE, ..] => Encoding.Unicode,
        [0xFE, 0xFF, ..] => Encoding.BigEndianUnicode,
        _ => null,
    };

    private static HeadStream RequireText(HeadStream text, string name)
    {
        RequireText(text.Head, name);
        return text;
    }

    private static (string Name, string Remedy)? Recognize(ReadOnlySpan<byte> head) => head switch
    {
        _ when head.StartsWith("PK\u0003\u0004"u8) || head.StartsWith("PK\u0005\u0006"u8) =>
            ("a zip archive or an Excel workbook (.xlsx)", "Unpack it, or save the sheet as CSV in UTF-8."),
        _ when head.StartsWith("PAR1"u8) => ("a Parquet file", "Export it as CSV."),
        _ when head.StartsWith("ORC"u8) && head.Contains((byte)0) => ("an ORC file", "Export it as CSV."),
        _ when head.StartsWith((ReadOnlySpan<byte>)[(byte)'O', (byte)'b', (byte)'j', 1]) => ("an Avro file", "Export it as CSV."),
        _ when head.StartsWith((ReadOnlySpan<byte>)[0xD0, 0xCF, 0x11, 0xE0]) =>
            ("an old Excel workbook (.xls)", "Save the sheet as CSV in UTF-8."),
        _ when head.StartsWith((ReadOnlySpan<byte>)[0x28, 0xB5, 0x2F, 0xFD]) =>
            ("compressed with zstd", "Decompress it, or use gzip, which is read as it is."),
        _ when head.StartsWith("BZh"u8) && head.Contains((byte)0) =>
            ("compressed with bzip2", "Decompress it, or use gzip, which is read as it is."),
        _ when head.StartsWith((ReadOnlySpan<byte>)[0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z']) =>
            ("compressed with xz", "Decompress it, or use gzip, which is read as it is."),
        _ when head.StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b]) =>
            ("compressed with gzip twice", "Decompress it once."),
        _ when head.StartsWith("%PDF-"u8) => ("a PDF document", "Export the table as CSV."),
        _ => null,
    };
}
