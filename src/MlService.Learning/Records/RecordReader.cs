using System.Runtime.CompilerServices;
using MlService.Learning.Csv;
using MlService.Learning.Schemas;

namespace MlService.Learning.Records;

/// <summary>
/// Reads the records of some segments of a data set, in order: the one way in which rows become records. Rows that are no
/// record (malformed, too long, wrong number of columns) are delivered too, as rejected, and counted.
/// </summary>
/// <remarks>
/// Lines without any byte are passed over, unless the schema has a single attribute: then each is a record with an empty value.
/// </remarks>
public sealed class RecordReader : IDisposable
{
    /// <summary>More rejected rows than this in a data set and all of it is refused; Amazon ML's limit.</summary>
    public const int MaxRejectedRows = 10_000;

    private const int MaxRejections = 10;

    private readonly int _columns;
    private readonly bool _hasHeader;
    private readonly IReadOnlyList<DataFile> _files;
    private readonly IReadOnlyList<DataSegment> _segments;
    private readonly DataSplit _split;
    private readonly bool _choosesRows;
    private readonly OpenDataFile _open;
    private readonly CsvReader _csv;
    private readonly long[] _before; // data bytes in the files before each file
    private readonly List<string> _rejections = [];
    private int _segment = -1;
    private long _bytesBefore; // of the segments already finished

    /// <summary>Creates a reader.</summary>
    /// <param name="schema">The columns.</param>
    /// <param name="files">All files of the data set, in order; positions of a random split count over all of them.</param>
    /// <param name="segments">What to read, for example a shard of <see cref="DataSet.Shards"/>.</param>
    /// <param name="split">The split from which the segments come; a random one still has to choose its rows.</param>
    /// <param name="open">Opens a file's stored bytes.</param>
    public RecordReader(
        DataSchema schema,
        IReadOnlyList<DataFile> files,
        IReadOnlyList<DataSegment> segments,
        DataSplit split,
        OpenDataFile open)
    {
        _columns = schema.Attributes.Count;
        _hasHeader = schema.HasHeader;
        _files = files;
        _segments = segments;
        _split = split;
        _choosesRows = split.ChoosesRows;
        _open = open;
        _csv = new CsvReader(skipEmptyRows: _columns > 1, StructuralScanner.Widest);
        _before = new long[files.Count];
        for (var index = 1; index < files.Count; index++)
            _before[index] = _before[index - 1] + files[index - 1].DataLength;
    }

    /// <summary>Whether the current row is no record; <see cref="Record"/> is then empty.</summary>
    public bool IsRejected { get; private set; }

    /// <summary>The current record, one field per attribute: a view, valid until the next <see cref="Read"/>.</summary>
    public Record Record => IsRejected ? default : _csv.Record;

    /// <summary>The file of the current row.</summary>
    public DataFile File => _files[FileIndex];

    /// <summary>Index of <see cref="File"/>.</summary>
    public int FileIndex { get; private set; }

    /// <summary>Offset in the file's plain text of the current row's first byte.</summary>
    public long RowOffset => _csv.RowOffset;

    /// <summary>Position of the current row in the data bytes of all files: unique and independent of the shards.</summary>
    public long RowPosition => _before[FileIndex] + _csv.RowOffset - File.DataStart;

    /// <summary>Rows delivered, rejected ones included.</summary>
    public long RowsRead { get; private set; }

    /// <summary>Rows rejected among <see cref="RowsRead"/>.</summary>
    public long RowsRejected { get; private set; }

    /// <summary>Bytes of plain text of all segments.</summary>
    internal long Length => _segments.Sum(segment => segment.Length);

    /// <summary>Bytes of plain text passed, for progress: of the total length of the segments.</summary>
    public long BytesRead => _bytesBefore + (_segment < 0 || _segment == _segments.Count ? 0 : _csv.BytesRead);

    /// <summary>The first ten rejections in words: file, line or offset, what is wrong and what to do; no values.</summary>
    public IReadOnlyList<string> Rejections => _rejections;

    /// <summary>Moves to the next row of the split, valid or rejected.</summary>
    /// <returns>False at the end of the last segment.</returns>
    /// <exception cref="InvalidInputException">
    /// More than <see cref="MaxRejectedRows"/> rows were rejected, a file is no CSV text or broken gzip, or it is shorter than
    /// when it was inspected.
    /// </exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool Read()
    {
        while (true)
        {
            if (_segment < 0 || !_csv.Read())
            {
                if (!OpenNext())
                    return false;
                continue;
            }
            if (_choosesRows && !_split.Takes(RowPosition))
                continue;
            RowsRead++;
            IsRejected = _csv.FieldCount != _columns;
            if (IsRejected)
                Reject();
            return true;
        }
    }

    /// <summary>Releases the open file.</summary>
    public void Dispose() => _csv.Dispose();

    private bool OpenNext()
    {
        if (_segment == _segments.Count)
            return false;
        if (_segment >= 0)
        {
            RequireWholeFile();
            _bytesBefore += _segments[_segment].End - _segments[_segment].Begin;
        }
        if (++_segment == _segments.Count)
            return false;
        var segment = _segments[_segment];
        FileIndex = segment.File;
        var file = File;
        // Where data starts a row starts; elsewhere the byte before tells, so one more is read.
        var isFirst = segment.Begin == file.DataStart;
        var position = isFirst ? segment.Begin : file.IsEncoded ? 0 : segment.Begin - 1;
        var text = file.IsEncoded ? OpenEncoded(file, position) : OpenPlain(file, segment, position);
        _csv.Open(text, position, segment.Begin, segment.End, file.Delimiter);
        return true;
    }

    private HeadStream OpenEncoded(DataFile file, long position)
    {
        var text = CsvText.Open(_open(file, 0, null), file.Uri, out _, out _);
        // A data start lies within the head, behind byte order mark and header.
        text.Skip((int)position);
        return text;
    }

    private Stream OpenPlain(DataFile file, DataSegment segment, long position)
    {
        var length = Math.Min(file.Length, segment.End + CsvReader.MaxRowBytes + 2) - position;
        var stream = _open(file, position, length);
        return segment.Begin == file.DataStart ? CsvText.OpenPlain(stream, file.Uri, length) : stream;
    }

    private void RequireWholeFile()
    {
        if (_csv.IsTruncated)
            throw new InvalidInputException(
                $"{File.Uri} ended before byte {_segments[_segment].End} of its text: it is shorter than when it was looked at. "
                + "Data must not change while it is used; create the datasource again.");
    }

    private void Reject()
    {
        RowsRejected++;
        if (_rejections.Count < MaxRejections)
            _rejections.Add(Describe());
        if (RowsRejected > MaxRejectedRows)
            throw new InvalidInputException(
                $"More than {MaxRejectedRows} rows are no valid records. The first: {_rejections[0]}");
    }

    private string Describe()
    {
        var segment = _segments[_segment];
        var place = segment.Begin == File.DataStart
            ? $"line {_csv.Line + (_hasHeader ? 1 : 0)}"
            : $"row at byte {_csv.RowOffset}";
        var reason = _csv.Error == CsvRowError.None
            ? $"{_csv.FieldCount} columns where the schema has {_columns} attributes; put values with {CsvDelimiter.NameOf(File.Delimiter)} in quotes"
            : CsvRowErrors.Describe(_csv.Error);
        return $"{File.Uri}, {place}: {reason}.";
    }
}
