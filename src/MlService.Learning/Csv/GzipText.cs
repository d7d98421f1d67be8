using System.IO.Compression;

namespace MlService.Learning.Csv;

/// <summary>
/// The plain text of a gzip file (RFC 1952), all of its members one after the other. What is broken in the file becomes an
/// error that names it.
/// </summary>
internal sealed class GzipText : Stream
{
    private readonly string _name;
    private readonly GZipStream _gzip;

    public GzipText(Stream stored, string name)
    {
        _name = name;
        _gzip = new GZipStream(stored, CompressionMode.Decompress);
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
        try
        {
            return _gzip.Read(buffer);
        }
        catch (InvalidDataException error)
        {
            throw new InvalidInputException(
                $"{_name} begins like a gzip file but is broken: its compressed data is damaged or cut off. "
                + "Check it with \"gzip -t\" and upload it again.", error);
        }
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
}
