namespace MlService.Learning.Csv;

/// <summary>Finds what the columns of a file are separated by, by its first lines: commas, or else semicolons, tabs or vertical bars.</summary>
internal static class CsvDelimiter
{
    private const int Lines = 50;

    private static readonly char[] Candidates = [',', ';', '\t', '|'];

    /// <summary>The first one of which the first line has some, and nine lines of ten as many; a comma where there is none.</summary>
    /// <param name="head">The first bytes of the text.</param>
    public static char Infer(ReadOnlySpan<byte> head)
    {
        foreach (var delimiter in Candidates)
            if (Columns(head, (byte)delimiter) > 1)
                return delimiter;
        return ',';
    }

    /// <summary>The one that makes as many columns; a comma where none does.</summary>
    /// <param name="head">The first bytes of the text.</param>
    /// <param name="columns">The columns that are expected.</param>
    public static char For(ReadOnlySpan<byte> head, int columns)
    {
        if (columns == 1)
            return ',';
        foreach (var delimiter in Candidates)
            if (Columns(head, (byte)delimiter) == columns)
                return delimiter;
        return ',';
    }

    /// <summary>What a message calls several of them.</summary>
    public static string NameOf(char delimiter) => delimiter switch
    {
        ';' => "semicolons",
        '\t' => "tabs",
        '|' => "vertical bars",
        _ => "commas",
    };

    /// <summary>The columns of the first line, if nine lines of ten have as many; else 0.</summary>
    private static int Columns(ReadOnlySpan<byte> head, byte delimiter)
    {
        var expected = 0;
        var lines = 0;
        var regular = 0;
        while (lines < Lines && !head.IsEmpty)
        {
            var lineFeed = head.IndexOf((byte)'\n');
            // The last line may be cut off by the end of the head.
            if (lineFeed < 0 && lines > 0)
                break;
            var line = lineFeed < 0 ? head : head[..lineFeed];
            head = lineFeed < 0 ? [] : head[(lineFeed + 1)..];
            if (line.TrimEnd((byte)'\r').IsEmpty)
                continue;
            var columns = 1 + Count(line, delimiter);
            expected = expected == 0 ? columns : expected;
            lines++;
            if (columns == expected)
                regular++;
        }
        return regular * 10 >= lines * 9 ? expected : 0;
    }

    // A quote opens a value only where the value begins, as for the reader: 5" is five inches.
    private static int Count(ReadOnlySpan<byte> line, byte delimiter)
    {
        var count = 0;
        var isQuoted = false;
        var begins = true;
        foreach (var value in line)
        {
            if (value == '"' && (isQuoted || begins))
            {
                isQuoted = !isQuoted;
                begins = true;  // where it closes, another one opens again: the two are one quote
                continue;
            }
            if (isQuoted)
                continue;
            count += value == delimiter ? 1 : 0;
            begins = value == delimiter || begins && value is (byte)' ' or (byte)'\t';
        }
        return count;
    }
}
