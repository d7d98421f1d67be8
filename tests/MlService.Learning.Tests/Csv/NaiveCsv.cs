using System.Text;
using System.Text.RegularExpressions;
using MlService.Learning.Csv;

namespace MlService.Learning.Tests.Csv;

/// <summary>The dialect once more, as a regular expression a field: slow, short, and another way to think of it.</summary>
internal static partial class NaiveCsv
{
    /// <summary>The rows of a text (bytes as Latin-1): where each starts and its fields, null if it is malformed.</summary>
    public static List<(long Offset, string[]? Fields)> Rows(string text, bool skipEmptyRows = true)
    {
        var rows = new List<(long, string[]?)>();
        for (var start = 0; start < text.Length;)
        {
            var lineFeed = text.IndexOf('\n', start);
            var end = lineFeed < 0 ? text.Length : lineFeed;
            var line = text[start..end];
            if (line.EndsWith('\r'))
                line = line[..^1];
            if (line.Length > 0 || !skipEmptyRows)
                rows.Add((start, line.Length > CsvReader.MaxRowBytes ? null : Fields(line)));
            start = end + 1;
        }
        return rows;
    }

    /// <summary>The same from the reader.</summary>
    public static List<(long Offset, string[]? Fields)> Read(CsvReader reader)
    {
        var rows = new List<(long, string[]?)>();
        while (reader.Read())
        {
            var record = reader.Record;
            var fields = new string[record.Count];
            for (var index = 0; index < fields.Length; index++)
                fields[index] = Encoding.Latin1.GetString(record[index]);
            rows.Add((reader.RowOffset, reader.Error == CsvRowError.None ? fields : null));
        }
        return rows;
    }

    public static void AssertEqual(List<(long Offset, string[]? Fields)> expected, List<(long Offset, string[]? Fields)> actual)
    {
        Assert.Equal(expected.Select(row => row.Offset), actual.Select(row => row.Offset));
        for (var row = 0; row < expected.Count; row++)
            Assert.Equal(expected[row].Fields, actual[row].Fields);
    }

    private static string[]? Fields(string line)
    {
        var fields = new List<string>();
        for (var start = 0; ;)
        {
            var match = Field().Match(line, start);
            if (!match.Success)
                return null;
            fields.Add(match.Groups["quoted"].Success
                ? match.Groups["quoted"].Value.Replace("\"\"", "\"", StringComparison.Ordinal)
                : match.Groups["plain"].Value.Trim(' ', '\t'));
            if (!match.Groups["comma"].Success)
                return [.. fields];
            start = match.Index + match.Length;
        }
    }

    [GeneratedRegex("""\G(?:[ \t]*"(?<quoted>(?:[^"]|"")*)"[ \t]*|(?![ \t]*")(?<plain>[^,]*))(?:(?<comma>,)|\z)""")]
    private static partial Regex Field();
}
