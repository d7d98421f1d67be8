using System.Buffers;
using System.Text;

namespace MlService.Databases;

/// <summary>
/// The rows of a query as a CSV file, made while it is read, so that no more than one piece is in memory. Values are quoted where they need
/// it; line breaks in them become blanks, since a row is a line; what is NULL is empty, which means missing.
/// </summary>
/// <param name="rows">The rows.</param>
/// <param name="header">Names for a first line; null for none.</param>
internal sealed class CsvRows(QueryRows rows, IReadOnlyList<string>? header) : Stream
{
    private const int PieceBytes = 64 << 10;

    private static readonly SearchValues<char> Special = SearchValues.Create(",\"\r\n");

    private readonly ArrayBufferWriter<byte> _piece = new(2 * PieceBytes);
    private IReadOnlyList<string>? _header = header;
    private int _read;
    private bool _isOver;
    private long _rows;

    /// <summary>Rows so far.</summary>
    public long Rows => Interlocked.Read(ref _rows);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_read == _piece.WrittenCount)
            await Fill(cancellationToken);
        var count = Math.Min(buffer.Length, _piece.WrittenCount - _read);
        _piece.WrittenMemory.Slice(_read, count).CopyTo(buffer);
        _read += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private async ValueTask Fill(CancellationToken cancellation)
    {
        _piece.ResetWrittenCount();
        _read = 0;
        if (_header is { } names)
        {
            Line(column => names[column]);
            _header = null;
        }
        while (!_isOver && _piece.WrittenCount < PieceBytes)
        {
            _isOver = !await rows.Read(cancellation);
            if (_isOver)
                return;
            Line(rows.Text);
            Interlocked.Increment(ref _rows);
        }
    }

    private void Line(Func<int, string?> text)
    {
        for (var column = 0; column < rows.Columns.Count; column++)
        {
            if (column > 0)
                _piece.Write(","u8);
            Value(text(column) ?? "");
        }
        _piece.Write("\n"u8);
    }

    private void Value(string text)
    {
        if (text.AsSpan().ContainsAny(Special))
            text = $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal).ReplaceLineEndings(" ").Replace('\r', ' ')}\"";
        Encoding.UTF8.GetBytes(text, _piece);
    }
}
