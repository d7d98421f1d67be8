using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MlService.Learning.Records;

namespace MlService.Learning.Csv;

/// <summary>
/// Reads the rows of one byte range of a CSV text, as views over its buffer: nothing is allocated per row.
/// </summary>
/// <remarks>
/// The dialect is Amazon ML's: UTF-8 (any bytes pass through), a row always ends at a line feed and one carriage return
/// before it is dropped. A value whose first byte that is neither blank nor tab is a quote is quoted: it ends at the next
/// quote that is not doubled, a doubled quote stands for one, and only blanks may follow. Line breaks inside quotes are not
/// allowed, so every line feed is a row's end and any byte range can be read alone: a row belongs to the range in which its
/// first byte lies. Other values are trimmed of blanks and tabs, and a quote inside them is literal. A malformed row is
/// delivered with its <see cref="Error"/> and without fields; a row of any length costs bounded memory.
/// </remarks>
public sealed class CsvReader : IDisposable
{
    /// <summary>The longest row in bytes, without its line end; Amazon ML's limit.</summary>
    public const int MaxRowBytes = 100 * 1024;

    private const int BufferBytes = 256 * 1024;

    // What is read beyond the end of the range at a time, to complete the last row.
    private const int ReadAhead = 4096;

    // Blanks and tabs are less; of all else that is, most texts have nothing.
    private const int AfterBlank = ' ' + 1;

    private byte _delimiter;
    private readonly bool _skipEmptyRows;
    private readonly ScannerWidth _width;
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(BufferBytes + 1 + Record.Padding);
    private readonly int[] _positions = GC.AllocateUninitializedArray<int>(BufferBytes + 1 + StructuralScanner.Slack);
    private FieldRange[] _fields = new FieldRange[128];

    private Stream _stream = Stream.Null;
    private long _begin;
    private long _end;
    private long _bufferOffset; // of the buffer's first byte in the text
    private int _filled;
    private bool _streamEnded;
    private int _next; // index in _positions of the first structural byte not consumed
    private int _found; // positions found: all rows up to the last line feed
    private int _nextRow; // index in the buffer
    private int _row;
    private int _rowLength;

    /// <summary>Creates a reader of rows whose first byte lies in [<paramref name="begin"/>, <paramref name="end"/>).</summary>
    /// <param name="stream">The plain text; the reader disposes it.</param>
    /// <param name="position">
    /// Offset of the stream's first byte in the text. If it equals <paramref name="begin"/>, a row starts there; if it is
    /// less, what lies before is skipped and the byte at begin - 1 decides.
    /// </param>
    /// <param name="begin">First offset of the range.</param>
    /// <param name="end">Offset after the range; the last row is read to its own end.</param>
    /// <param name="delimiter">The character between fields, ASCII.</param>
    /// <param name="skipEmptyRows">Whether lines without any byte are passed over; else each is a row of one empty field.</param>
    public CsvReader(Stream stream, long position, long begin, long end, char delimiter = ',', bool skipEmptyRows = true)
        : this(skipEmptyRows, StructuralScanner.Widest) => Open(stream, position, begin, end, delimiter);

    internal CsvReader(bool skipEmptyRows, ScannerWidth width)
    {
        _skipEmptyRows = skipEmptyRows;
        _width = width;
    }

    /// <summary>Number of fields of the current row; 0 if it is malformed.</summary>
    public int FieldCount { get; private set; }

    /// <summary>The fields of the current row, unquoted and trimmed: a view, valid until the next <see cref="Read"/>.</summary>
    public Record Record => Record.Padded(_buffer.AsSpan(_row, _rowLength + Record.Padding), _fields.AsSpan(0, FieldCount));

    /// <summary>Why the current row has no fields.</summary>
    public CsvRowError Error { get; private set; }

    /// <summary>Offset in the text of the current row's first byte.</summary>
    public long RowOffset { get; private set; }

    /// <summary>Number of lines of the range up to and including the current row's, empty ones too.</summary>
    public long Line { get; private set; }

    /// <summary>Bytes of the text from the begin of the range to the end of the current row.</summary>
    public long BytesRead => Math.Max(0, _bufferOffset + Math.Min(_nextRow, _filled) - _begin);

    /// <summary>Whether the stream ended before the end of the range did.</summary>
    internal bool IsTruncated => _streamEnded && _bufferOffset + _filled < _end;

    /// <summary>Starts on another range, keeping the buffers.</summary>
    internal void Open(Stream stream, long position, long begin, long end, char delimiter = ',')
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(delimiter, (char)127);
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(position, begin);
        ArgumentOutOfRangeException.ThrowIfLessThan(end, begin);
        _stream.Dispose();
        _stream = stream;
        _delimiter = (byte)delimiter;
        _begin = begin;
        _end = end;
        _bufferOffset = position;
        _filled = _next = _found = _nextRow = _row = _rowLength = FieldCount = 0;
        _streamEnded = false;
        Error = CsvRowError.None;
        Line = 0;
        if (position < begin)
            SkipPastLineFeed(begin - 1);
    }

    /// <summary>Moves to the next row, malformed ones included.</summary>
    /// <returns>False at the end of the range.</returns>
    public bool Read()
    {
        while (true)
        {
            if (_bufferOffset + _nextRow >= _end)
                return false;
            if (_next == _found)
            {
                switch (Refill())
                {
                    case Filling.End: return false;
                    case Filling.RowTooLong: return true;
                }
            }
            RowOffset = _bufferOffset + _nextRow;
            Line++;
            var isEmpty = ReadRow();
            if (!isEmpty || !_skipEmptyRows)
                return true;
        }
    }

    /// <summary>Releases the stream.</summary>
    public void Dispose() => _stream.Dispose();

    // Splits the row at _nextRow, all of whose structural bytes are in _positions. Returns whether it has no byte.
    // Optimized from its first call: a small file would be read before the runtime finds the method hot. No call stands in the loop, so that
    // all it needs stays in registers; blanks, which are rare, are trimmed afterwards.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool ReadRow()
    {
        ref var text = ref MemoryMarshal.GetArrayDataReference(_buffer);
        ref var position = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_positions), _next);
        ref var fields = ref MemoryMarshal.GetArrayDataReference(_fields);
        var room = _fields.Length - 1;
        var delimiter = _delimiter;
        var row = _nextRow;
        var start = row;
        var count = 0;
        var mayHaveBlanks = 0; // below 0: a value begins or ends with a blank or something even less
        byte structural;
        int end;
        while ((structural = Unsafe.Add(ref text, end = position)) == delimiter)
        {
            if (count == room)
                return ReadWiderRow();
            mayHaveBlanks |= (Unsafe.Add(ref text, start) - AfterBlank) | (Unsafe.Add(ref text, Math.Max(start, end - 1)) - AfterBlank);
            Unsafe.Add(ref fields, count++) = new FieldRange(start - row, end - start);
            start = end + 1;
            position = ref Unsafe.Add(ref position, 1);
        }
        if (structural == '"')
            return ReadQuotedRow();
        var rowEnd = end > row && Unsafe.Add(ref text, end - 1) == '\r' ? end - 1 : end;
        Unsafe.Add(ref fields, count++) = Trim(ref text, row, start, rowEnd);
        if (mayHaveBlanks < 0)
            TrimAll(count - 1);
        _next += count;
        EndRow(row, rowEnd, end, count, CsvRowError.None);
        return rowEnd == row;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool ReadWiderRow()
    {
        GrowFields();
        return ReadRow();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void TrimAll(int count)
    {
        foreach (ref var field in _fields.AsSpan(0, count))
        {
            var start = _nextRow + field.Start;
            field = Trim(ref MemoryMarshal.GetArrayDataReference(_buffer), _nextRow, start, start + field.Length);
        }
    }

    private static FieldRange Trim(ref byte text, int row, int start, int end)
    {
        if (start < end && (IsBlank(Unsafe.Add(ref text, start)) | IsBlank(Unsafe.Add(ref text, end - 1))))
            TrimBlanks(ref text, ref start, ref end);
        return new FieldRange(start - row, end - start);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void TrimBlanks(ref byte text, ref int start, ref int end)
    {
        while (start < end && IsBlank(Unsafe.Add(ref text, start)))
            start++;
        while (start < end && IsBlank(Unsafe.Add(ref text, end - 1)))
            end--;
    }

    private static bool IsBlank(byte value) => value == ' ' | value == '\t';

    // The same as ReadRow for a row with a quote somewhere.
    private bool ReadQuotedRow()
    {
        var row = _nextRow;
        var next = _next;
        var lineFeedIndex = next;
        while (_buffer[_positions[lineFeedIndex]] != '\n')
            lineFeedIndex++;
        var lineFeed = _positions[lineFeedIndex];
        var rowEnd = lineFeed > row && _buffer[lineFeed - 1] == '\r' ? lineFeed - 1 : lineFeed;
        _next = lineFeedIndex + 1;

        var count = 0;
        var start = row;
        while (true)
        {
            if (count == _fields.Length)
                GrowFields();
            var first = start;
            while (first < rowEnd && IsBlank(_buffer[first]) && _buffer[first] != _delimiter)
                first++;
            int end;
            if (first < rowEnd && _buffer[first] == '"')
            {
                var error = ReadQuotedField(row, first, rowEnd, ref next, out end, out _fields[count]);
                if (error != CsvRowError.None)
                {
                    EndRow(row, rowEnd, lineFeed, 0, error);
                    return false;
                }
            }
            else
            {
                // Quotes inside an unquoted value are literal.
                while (_buffer[_positions[next]] == '"')
                    next++;
                end = _positions[next] == lineFeed ? rowEnd : _positions[next];
                _fields[count] = Trim(ref MemoryMarshal.GetArrayDataReference(_buffer), row, start, end);
            }
            count++;
            if (end == rowEnd)
                break;
            start = end + 1;
            next++;
        }
        EndRow(row, rowEnd, lineFeed, count, CsvRowError.None);
        return false;
    }

    // On success, next is the position of the delimiter or line feed after the field, and end its place (or the row's end).
    private CsvRowError ReadQuotedField(int row, int open, int rowEnd, ref int next, out int end, out FieldRange field)
    {
        field = default;
        end = open;
        next++;
        var from = open + 1;
        var to = from; // where unescaped text is written; trails behind what is read once a doubled quote was met
        while (true)
        {
            int quote;
            while (_buffer[quote = _positions[next]] != '"')
            {
                if (quote >= rowEnd)
                    return CsvRowError.UnclosedQuote;
                next++;
            }
            var isDoubled = quote + 1 < rowEnd && _buffer[quote + 1] == '"';
            var length = quote - from + (isDoubled ? 1 : 0);
            if (to != from)
                _buffer.AsSpan(from, length).CopyTo(_buffer.AsSpan(to));
            to += length;
            if (!isDoubled)
            {
                field = new FieldRange(open + 1 - row, to - open - 1);
                return EndQuotedField(quote + 1, rowEnd, ref next, out end);
            }
            from = quote + 2;
            next += 2;
        }
    }

    private CsvRowError EndQuotedField(int afterQuote, int rowEnd, ref int next, out int end)
    {
        end = afterQuote;
        while (end < rowEnd && IsBlank(_buffer[end]) && _buffer[end] != _delimiter)
            end++;
        next++;
        return end == rowEnd || _buffer[end] == _delimiter ? CsvRowError.None : CsvRowError.TextAfterQuote;
    }

    private void EndRow(int row, int rowEnd, int lineFeed, int count, CsvRowError error)
    {
        var isTooLong = rowEnd - row > MaxRowBytes;
        _row = row;
        _rowLength = rowEnd - row;
        _nextRow = lineFeed + 1;
        FieldCount = isTooLong ? 0 : count;
        Error = isTooLong ? CsvRowError.TooLong : error;
    }

    private void GrowFields() => Array.Resize(ref _fields, _fields.Length * 2);

    private enum Filling
    {
        Rows,
        RowTooLong,
        End,
    }

    // Reads until the buffer holds at least one whole row, and indexes all whole rows.
    private Filling Refill()
    {
        MoveRestToFront();
        var searched = 0;
        int lastLineFeed;
        while ((lastLineFeed = _buffer.AsSpan(searched, _filled - searched).LastIndexOf((byte)'\n')) < 0)
        {
            searched = _filled;
            if (_filled == BufferBytes)
                return SkipLongRow();
            if (_streamEnded)
            {
                if (_filled == 0)
                    return Filling.End;
                // The last row lacks its line feed: the buffer has room for one.
                _buffer[_filled] = (byte)'\n';
                lastLineFeed = _filled - searched;
                break;
            }
            Fill();
        }
        var length = searched + lastLineFeed + 1;
        _found = StructuralScanner.Scan(_buffer.AsSpan(0, length), 0, _delimiter, _positions, _width);
        _next = 0;
        return Filling.Rows;
    }

    private void MoveRestToFront()
    {
        var rest = Math.Max(0, _filled - _nextRow);
        _buffer.AsSpan(_filled - rest, rest).CopyTo(_buffer);
        _bufferOffset += _filled - rest;
        _filled = rest;
        _nextRow = 0;
    }

    private void Fill()
    {
        var position = _bufferOffset + _filled;
        var wanted = (int)Math.Min(BufferBytes - _filled, Math.Max(0, _end - position) + ReadAhead);
        var read = _stream.ReadAtLeast(_buffer.AsSpan(_filled, wanted), wanted, throwOnEndOfStream: false);
        _streamEnded = read < wanted;
        _filled += read;
    }

    private Filling SkipLongRow()
    {
        RowOffset = _bufferOffset;
        Line++;
        SkipPastLineFeed(_bufferOffset + _filled);
        _row = _rowLength = FieldCount = 0;
        Error = CsvRowError.TooLong;
        return Filling.RowTooLong;
    }

    // Drops everything up to and including the first line feed at or after an offset; stops early at the end of the range,
    // since no row of the range can start beyond it.
    private void SkipPastLineFeed(long offset)
    {
        _next = _found = 0;
        while (true)
        {
            var from = (int)Math.Clamp(offset - _bufferOffset, 0, _filled);
            var lineFeed = _buffer.AsSpan(from, _filled - from).IndexOf((byte)'\n');
            if (lineFeed >= 0)
            {
                _nextRow = from + lineFeed + 1;
                return;
            }
            _bufferOffset += _filled;
            _filled = _nextRow = 0;
            if (_streamEnded || _bufferOffset >= _end)
                return;
            Fill();
        }
    }
}
