namespace MlService.Learning.Csv;

/// <summary>Opens stored bytes as CSV text, and refuses what cannot be that.</summary>
internal static class CsvText
{
    /// <summary>How many bytes at the start of a file are judged; a header of any allowed length is among them.</summary>
    public const int HeadBytes = 128 * 1024;

    /// <summary>The UTF-8 byte order mark.</summary>
    public static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Opens a whole file, gzip or plain, told apart by its first bytes; a byte order mark is left in.</summary>
    /// <exception cref="InvalidInputException">The content cannot be CSV text; the stream is then disposed.</exception>
    public static HeadStream Open(Stream stored, string name, out bool isGzip)
    {
        try
        {
            var head = new HeadStream(stored, HeadBytes);
            isGzip = head.Head.StartsWith(GzipText.Magic);
            return isGzip ? OpenPlain(new GzipText(head, name), name, HeadBytes) : RequireText(head, name);
        }
        catch
        {
            stored.Dispose();
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
                $"{name} is not text: there is a zero byte at offset {nul}. It is binary or UTF-16; export it as CSV in UTF-8.");
        var carriageReturn = head.IndexOf((byte)'\r');
        if (carriageReturn >= 0 && carriageReturn < head.Length - 1 && !head.Contains((byte)'\n'))
            throw new InvalidInputException(
                $"{name} ends its lines with a carriage return alone (old Mac format), so it would be one single row. "
                + "Save it with LF or CRLF line ends, for example with: tr '\\r' '\\n'.");
    }

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
        _ when head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE, 0, 0])
            || head.StartsWith((ReadOnlySpan<byte>)[0, 0, 0xFE, 0xFF]) =>
            ("in UTF-32", "Save it in UTF-8."),
        _ when head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || head.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]) =>
            ("in UTF-16", "Save it in UTF-8."),
        _ when head.StartsWith("%PDF-"u8) => ("a PDF document", "Export the table as CSV."),
        _ => null,
    };
}
