namespace MlService.Learning.Csv;

/// <summary>A forward-only stream whose first bytes can be looked at before they are read.</summary>
internal sealed class HeadStream : Stream
{
    private readonly Stream _stream;
    private readonly byte[] _head;
    private readonly int _length;
    private int _position;

    /// <summary>Reads up to <paramref name="headBytes"/> bytes ahead; disposes <paramref name="stream"/> in the end.</summary>
    public HeadStream(Stream stream, int headBytes)
    {
        _stream = stream;
        _head = new byte[headBytes];
        _length = stream.ReadAtLeast(_head, headBytes, throwOnEndOfStream: false);
    }

    /// <summary>The first bytes; fewer than asked for only if the stream has no more.</summary>
    public ReadOnlySpan<byte> Head => _head.AsSpan(0, _length);

    /// <summary>Passes over bytes of the head.</summary>
    public void Skip(int count) => _position = Math.Min(_length, _position + count);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        if (_position == _length)
            return _stream.Read(buffer);
        var count = Math.Min(buffer.Length, _length - _position);
        _head.AsSpan(_position, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _stream.Dispose();
        base.Dispose(disposing);
    }
}
