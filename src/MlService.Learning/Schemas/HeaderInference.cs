using System.Globalization;
using System.Text;

namespace MlService.Learning.Schemas;

/// <summary>Guesses whether the first line names the columns, and names columns that have no name.</summary>
internal static class HeaderInference
{
    private const int MaxNameLength = 64;

    /// <summary>Compares the first line with the rows below it.</summary>
    public static (bool IsHeader, string Reason) Infer(IReadOnlyList<byte[]> first, IReadOnlyList<ColumnSample> columns)
    {
        for (var index = 0; index < columns.Count; index++)
        {
            var column = columns[index];
            if (first[index].Length > 0 && column.Filled > 0 && column.Numbers + column.DecoratedNumbers == column.Filled
                && !IsNumberOrMissing(first[index]) && !ColumnSample.IsDecoratedNumber(first[index]))
                return (true, $"Line 1 is a header: column {index + 1} has a word there and numbers below.");
        }
        for (var index = 0; index < columns.Count; index++)
            if (FieldValue.TryParseNumber(first[index], out _))
                return (false, $"There is no header: line 1 has a number in column {index + 1}.");
        for (var index = 0; index < columns.Count; index++)
        {
            var column = columns[index];
            if (first[index].Length > 0 && column.Filled > 1 && column.BinaryLiterals == column.Filled
                && !FieldValue.TryParseBinary(first[index], out _))
                return (true, $"Line 1 is a header: column {index + 1} is binary below it.");
        }
        if (!AreNames(first))
            return (false, "There is no header: line 1 has values that are empty, repeated or too long for names.");
        if (columns.All(column => column.Count == 0))
            return (true, "Line 1 is taken for a header: there is no other line.");
        var recurs = -1;
        var hasRepeats = false;
        for (var index = 0; index < columns.Count; index++)
        {
            if (columns[index].Contains(first[index]))
                recurs = index;
            hasRepeats |= columns[index].Distinct * 2 <= columns[index].Filled;
        }
        if (recurs >= 0)
            return (false, $"There is no header: the value of line 1 in column {recurs + 1} occurs further down too.");
        if (hasRepeats)
            return (true, "Line 1 is taken for a header: its values do not occur further down, where others repeat.");
        for (var index = 0; index < columns.Count; index++)
            if (columns[index].WordsPerValue >= 3 && Words(first[index]) <= 2)
                return (true, $"Line 1 is taken for a header: column {index + 1} has a short name there and texts below.");
        return (false, "Line 1 looks like the other rows, so it is taken for data; say so if it is a header.");
    }

    /// <summary>Unique names: from the header where there is one, else <c>Var</c> and the padded column number.</summary>
    public static string[] Names(IReadOnlyList<byte[]>? header, int columns, List<string> notes)
    {
        var width = columns.ToString(CultureInfo.InvariantCulture).Length;
        var names = new string[columns];
        var used = new HashSet<string>();
        for (var index = 0; index < columns; index++)
        {
            var number = (index + 1).ToString(CultureInfo.InvariantCulture).PadLeft(Math.Max(2, width), '0');
            var name = header is null ? "" : Encoding.UTF8.GetString(header[index]).Trim();
            if (name.Length == 0)
                name = "Var" + number;
            if (name.Length > MaxNameLength)
                name = name[..(MaxNameLength - 1)] + "…";
            if (!used.Add(name))
            {
                notes.Add($"The header has the name \"{name}\" twice; column {index + 1} is called \"{name}_{number}\".");
                name += "_" + number;
                used.Add(name);
            }
            names[index] = name;
        }
        return names;
    }

    private static bool IsNumberOrMissing(byte[] value) =>
        FieldValue.TryParseNumber(value, out _) || ColumnSample.IsMissingMarker(value);

    private static bool AreNames(IReadOnlyList<byte[]> first)
    {
        var names = new HashSet<string>();
        return first.All(value => value.Length is > 0 and <= MaxNameLength && names.Add(Encoding.UTF8.GetString(value)));
    }

    private static int Words(byte[] value) =>
        Encoding.UTF8.GetString(value).Split(' ', StringSplitOptions.RemoveEmptyEntries).Length;
}
