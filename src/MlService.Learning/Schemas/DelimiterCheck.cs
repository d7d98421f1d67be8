namespace MlService.Learning.Schemas;

/// <summary>Notices files whose columns are separated by something else than commas: Amazon's schema knows only commas.</summary>
internal static class DelimiterCheck
{
    private const int Lines = 50;

    /// <summary>Judges the first lines of a file.</summary>
    /// <exception cref="InvalidInputException">Another separator fits them, and the comma does not.</exception>
    public static void RequireCommas(ReadOnlySpan<byte> head, string name)
    {
        if (IsRegular(head, (byte)','))
            return;
        Require(head, name, (byte)';', "semicolons");
        Require(head, name, (byte)'\t', "tabs");
        Require(head, name, (byte)'|', "vertical bars");
    }

    private static void Require(ReadOnlySpan<byte> head, string name, byte delimiter, string delimiterName)
    {
        if (IsRegular(head, delimiter))
            throw new InvalidInputException(
                $"{name} separates its columns by {delimiterName}; only commas are supported. Save it comma-separated, with "
                + "values that contain commas (decimal commas too) in quotes or rewritten, for example in Python: "
                + $"csv.writer(out).writerows(csv.reader(data, delimiter='{(delimiter == '\t' ? "\\t" : (char)delimiter)}')).");
    }

    // Whether the first line has the byte, and nine lines of ten have it as often, outside quotes.
    private static bool IsRegular(ReadOnlySpan<byte> head, byte delimiter)
    {
        var expected = -1;
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
            var count = Count(line, delimiter);
            expected = expected < 0 ? count : expected;
            lines++;
            if (count == expected)
                regular++;
        }
        return expected > 0 && regular * 10 >= lines * 9;
    }

    private static int Count(ReadOnlySpan<byte> line, byte delimiter)
    {
        var count = 0;
        var isQuoted = false;
        foreach (var value in line)
        {
            if (value == '"')
                isQuoted = !isQuoted;
            else if (value == delimiter && !isQuoted)
                count++;
        }
        return count;
    }
}
