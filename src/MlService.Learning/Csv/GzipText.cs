using System.IO.Compression;

namespace MlService.Learning.Csv;

/// <summary>
/// The plain text of a gzip file (RFC 1952), all of its members one after the other. What is broken in the file becomes an
/// error that names it.
/// </summary>
/// <remarks>
/// <see cref="GZipStream"/> checks each member's checksum, but takes the end of its input anywhere for the end of the text,
/// and stops without a word where a next member should begin and does not. So one more member, the seal, is appended to the
/// input: only if its text comes out at the very end was everything before it read, whole and to the last byte.
/// </remarks>
internal sealed class GzipText : Stream
{
    private const int WindowBytes = 64 * 1024;

    private static readonly byte[] Seal = Guid.Parse("5c0a6f1e-3b57-4d0f-9a43-7be2c1d84e96").ToByteArray();

    private static readonly byte[] SealMember = Compress(Seal);

    private readonly string _name;
    private readonly GZipStream _gzip;

    // Holds back as many bytes as the seal has, until it is known whether they are the seal.
    private readonly byte[] _window = new byte[WindowBytes];
    private int _start;
    private int _end;
    private bool _ended;

    public GzipText(Stream stored, string name)
    {
        _name = name;
        _gzip = new GZipStream(new SealedStream(stored), CompressionMode.Decompress);
    }

    /// <summary>The two bytes with which every gzip member begins.</summary>
    public static ReadOnlySpan<byte> Magic => [0x1f, 0x8b];

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
        while (_end - _start <= Seal.Length && !_ended)
            Fill();
        var count = Math.Min(buffer.Length, Math.Max(0, _end - _start - Seal.Length));
        _window.AsSpan(_start, count).CopyTo(buffer);
        _start += count;
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
            _gzip.Dispose();
        base.Dispose(disposing);
    }

    private void Fill()
    {
        _window.AsSpan(_start, _end - _start).CopyTo(_window);
        _end -= _start;
        _start = 0;
        try
        {
            var read = _gzip.Read(_window.AsSpan(_end));
            _end += read;
            _ended = read == 0;
        }
        catch (InvalidDataException error)
        {
            throw Broken(error);
        }
        if (_ended && !_window.AsSpan(_start, _end - _start).SequenceEqual(Seal))
            throw Broken(null);
    }

    private InvalidInputException Broken(InvalidDataException? cause) => new(
        $"{_name} begins like a gzip file but is broken: its compressed data is damaged, cut off, or followed by something else. "
        + "Check it with \"gzip -t\" and upload it again.", cause);

    private static byte[] Compress(byte[] bytes)
    {
        var stored = new MemoryStream();
        using (var gzip = new GZipStream(stored, CompressionLevel.Fastest))
            gzip.Write(bytes);
        return stored.ToArray();
    }

    /// <summary>The stored bytes, and the seal after them.</summary>
    private sealed class SealedStream(Stream stored) : Stream
    {
        private int _sealed = -1;

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
            if (_sealed < 0)
            {
                var read = stored.Read(buffer);
                if (read > 0 || buffer.IsEmpty)
                    return read;
                _sealed = 0;
            }
            var count = Math.Min(buffer.Length, SealMember.Length - _sealed);
            SealMember.AsSpan(_sealed, count).CopyTo(buffer);
            _sealed += count;
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
                stored.Dispose();
            base.Dispose(disposing);
        }
    }
}
