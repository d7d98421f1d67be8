using System.Text;
using System.Text.Unicode;
using MlService.Learning.Csv;

namespace MlService.Learning.Schemas;

/// <summary>
/// Guesses a schema from the first rows of a file: at most 10,000 rows, 8 MB or half a million values, so that the answer
/// comes at once whatever the file's size.
/// </summary>
/// <remarks>
/// Each guess carries its reason. BINARY needs literals of both kinds and nothing else; NUMERIC needs numbers nearly
/// throughout, but not codes (leading zeros, or few integers under a name like <c>zip</c> or <c>class</c>); TEXT needs
/// several words that are mostly distinct; all else is CATEGORICAL.
/// </remarks>
public static class SchemaInference
{
    private const int MaxRows = 10_000;

    private const int MaxValues = 500_000;

    private const long MaxBytes = 8 << 20;

    private const int ShownRows = 20;

    private const int ShownCharacters = 1000;

    /// <summary>Guesses the schema of a CSV file, plain or gzip, and of what its columns are separated by.</summary>
    /// <param name="stored">The file's bytes from the first one on; disposed. Only the first few megabytes are read.</param>
    /// <param name="hasHeader">Whether the first line is a header, or null to find out.</param>
    /// <param name="name">What messages call the file.</param>
    /// <exception cref="InvalidInputException">
    /// The file is no CSV text, is empty, or has rows of differing length throughout.
    /// </exception>
    public static InferredSchema Infer(Stream stored, bool? hasHeader = null, string name = "The file")
    {
        using var text = CsvText.Open(stored, name, out _, out var isWide);
        var start = text.Head.StartsWith(CsvText.ByteOrderMark) ? CsvText.ByteOrderMark.Length : 0;
        text.Skip(start);
        var delimiter = CsvDelimiter.Infer(text.Head[start..]);
        using var reader = new CsvReader(text, start, start, start + MaxBytes, delimiter);
        var sample = Sample.Read(reader, name);
        var notes = new List<string>();
        if (delimiter != ',')
            notes.Add($"Columns are separated by {CsvDelimiter.NameOf(delimiter)}: nearly every line has as many of them as the first.");
        if (isWide)
            notes.Add("The text is UTF-16 or UTF-32, as its byte order mark says. Only one processor can read such a file; UTF-8 is read by all.");
        return Conclude(sample, hasHeader, notes);
    }

    private static InferredSchema Conclude(Sample sample, bool? forced, List<string> notes)
    {
        var columns = sample.Columns;
        var (hasHeader, reason) = forced is { } given
            ? (given, given ? "Line 1 is a header, as you said." : "Line 1 is data, as you said.")
            : HeaderInference.Infer(sample.First, columns);
        notes.Add(reason);
        if (!hasHeader)
            sample.AddFirstRow();
        var names = HeaderInference.Names(hasHeader ? sample.First : null, columns.Length, notes);
        var reasons = new AttributeReason[columns.Length];
        for (var index = 0; index < columns.Length; index++)
            reasons[index] = TypeInference.Infer(names[index], columns[index]);

        var rowId = RoleInference.FindRowId(names, columns, hasHeader, notes);
        if (rowId >= 0)
            reasons[rowId] = new AttributeReason(names[rowId], AttributeType.Categorical, "identifies the row");
        var target = RoleInference.FindTarget(reasons, columns, rowId, notes);
        if (target >= 0)
            reasons[target] = TypeInference.InferTarget(reasons[target], columns[target]);
        if (sample.Ragged > 0)
            notes.Add($"{sample.Ragged} of the first {sample.Rows} rows {(sample.Ragged == 1 ? "does not have" : "do not have")} {columns.Length} columns or {(sample.Ragged == 1 ? "is" : "are")} malformed; "
                + $"what cannot be read is left out. The first is line {sample.RaggedLine}: {sample.RaggedReason}.");
        if (!sample.IsUtf8)
            notes.Add("Some values are not valid UTF-8. They are used as they are, but will look wrong; save the file in UTF-8, for example with: iconv -f latin1 -t utf-8.");

        var schema = new DataSchema(
            [.. reasons.Select(column => new SchemaAttribute(column.Name, column.Type))],
            hasHeader,
            target < 0 ? null : names[target],
            rowId < 0 ? null : names[rowId]);
        return new InferredSchema(schema, sample.Shown, reasons, notes);
    }

    /// <summary>The rows looked at. The first line is kept apart until it is known whether it is a header.</summary>
    private sealed class Sample
    {
        private readonly List<IReadOnlyList<string>> _shown = [];

        private Sample(byte[][] first)
        {
            First = first;
            Columns = new ColumnSample[first.Length];
            for (var index = 0; index < first.Length; index++)
                Columns[index] = new ColumnSample();
        }

        public byte[][] First { get; }

        public ColumnSample[] Columns { get; }

        public int Rows { get; private set; }

        public int Ragged { get; private set; }

        /// <summary>Line of the first row of <see cref="Ragged"/>.</summary>
        public long RaggedLine { get; private set; }

        /// <summary>What is wrong with it.</summary>
        public string RaggedReason { get; private set; } = "";

        public bool IsUtf8 { get; private set; } = true;

        public IReadOnlyList<IReadOnlyList<string>> Shown => _shown;

        public static Sample Read(CsvReader reader, string name)
        {
            if (!reader.Read())
                throw new InvalidInputException($"{name} has no rows: it is empty. Give a file with data.");
            if (reader.Error != CsvRowError.None)
                throw new InvalidInputException($"{name}, line 1: {CsvRowErrors.Describe(reader.Error)}.");
            if (reader.FieldCount > DataSchema.MaxAttributes)
                throw new InvalidInputException(
                    $"{name} has {reader.FieldCount} columns in line 1; at most {DataSchema.MaxAttributes} are allowed. "
                    + "Leave some out.");
            var first = new byte[reader.FieldCount][];
            for (var index = 0; index < first.Length; index++)
                first[index] = reader.Record[index].ToArray();
            var sample = new Sample(first);
            var (raggedCount, raggedError) = (0, CsvRowError.None);
            while (sample.Rows < MaxRows && (long)sample.Rows * first.Length < MaxValues && reader.Read())
            {
                sample.Rows++;
                if (reader.FieldCount == first.Length)
                {
                    sample.Add(reader);
                    continue;
                }
                if (sample.Ragged++ > 0)
                    continue;
                (raggedCount, raggedError) = (reader.FieldCount, reader.Error);
                (sample.RaggedLine, sample.RaggedReason) = (reader.Line, raggedError == CsvRowError.None ? $"{raggedCount} columns" : CsvRowErrors.Describe(raggedError));
            }
            if (sample.Ragged * 2 > sample.Rows && raggedError != CsvRowError.None)
                throw new InvalidInputException($"{name}: most rows cannot be read; line {sample.RaggedLine}: {CsvRowErrors.Describe(raggedError)}.");
            if (sample.Ragged * 2 > sample.Rows)
                throw new InvalidInputException(
                    $"{name}: line 1 has {first.Length} columns, but most rows below have another number (line {sample.RaggedLine} has "
                    + $"{raggedCount}). Every row needs the same columns; remove lines above the header, and put values that "
                    + "hold what separates columns in quotes.");
            return sample;
        }

        public void AddFirstRow()
        {
            for (var index = 0; index < First.Length; index++)
                Columns[index].AddAbove(First[index]);
            _shown.Insert(0, [.. First.Select(value => Show(value))]);
            if (_shown.Count > ShownRows)
                _shown.RemoveAt(ShownRows);
        }

        private void Add(CsvReader reader)
        {
            var record = reader.Record;
            for (var index = 0; index < Columns.Length; index++)
            {
                var value = record[index];
                Columns[index].Add(value);
                IsUtf8 = IsUtf8 && Utf8.IsValid(value);
            }
            if (_shown.Count == ShownRows)
                return;
            var shown = new string[record.Count];
            for (var index = 0; index < shown.Length; index++)
                shown[index] = Show(record[index]);
            _shown.Add(shown);
        }

        private static string Show(ReadOnlySpan<byte> value) =>
            ColumnSample.Shorten(Encoding.UTF8.GetString(value), ShownCharacters);
    }
}
