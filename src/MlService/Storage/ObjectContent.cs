using Microsoft.Win32.SafeHandles;

namespace MlService.Storage;

/// <summary>The bytes of one version of an object, or a range of them, read forward.</summary>
internal sealed class ObjectContent(SafeFileHandle file, ObjectInfo info, long offset, long length) : Stream
{
    private readonly long _end = offset + length;
    private long _position = offset;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    /// <summary>Bytes of the range, known beforehand.</summary>
    public override long Length => length;

    public override long Position
    {
        get => length - (_end - _position);
        set => throw new NotSupportedException("The content of an object is read forward.");
    }

    public override int Read(Span<byte> buffer)
    {
        var wanted = (int)Math.Min(buffer.Length, _end - _position);
        return wanted == 0 ? 0 : Advance(RandomAccess.Read(file, buffer[..wanted], _position));
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var wanted = (int)Math.Min(buffer.Length, _end - _position);
        return wanted == 0 ? 0 : Advance(await RandomAccess.ReadAsync(file, buffer[..wanted], _position, cancellationToken));
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("The content of an object is read forward.");

    public override void SetLength(long value) => throw new NotSupportedException("An object is read-only.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("An object is read-only.");

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            file.Dispose();
        base.Dispose(disposing);
    }

    // The store replaces files and never changes them, but people who edit one in place do.
    private int Advance(int read)
    {
        _position += read;
        if (read == 0 || (_position == _end && File.GetLastWriteTimeUtc(file) != info.LastModified))
            throw ObjectChangedException.Of(info.Uri, info.ETag);
        return read;
    }
}
