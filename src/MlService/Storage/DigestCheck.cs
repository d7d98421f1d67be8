using System.Security.Cryptography;
using MlService.Learning;

namespace MlService.Storage;

/// <summary>
/// Passes a body through and fails at its end if it is not what the Content-MD5 header promised (RFC 1864): before the
/// store publishes it.
/// </summary>
internal sealed class DigestCheck : Stream
{
    private readonly Stream _body;
    private readonly byte[] _promised;

    // MD5 guards against broken transfers here, as S3's protocol has it, and not against forgery.
#pragma warning disable CA5351
    private readonly IncrementalHash _digest = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
#pragma warning restore CA5351

    public DigestCheck(Stream body, string contentMd5)
    {
        _body = body;
        _promised = new byte[MD5.HashSizeInBytes];
        if (!Convert.TryFromBase64String(contentMd5, _promised, out var length) || length != _promised.Length)
            throw new InvalidInputException("The header Content-MD5 is not the base64 of 16 bytes. Correct it or leave it out.");
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException("The body's length is known at its end.");

    public override long Position
    {
        get => throw new NotSupportedException("A body has no position.");
        set => throw new NotSupportedException("A body is read forward.");
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await _body.ReadAsync(buffer, cancellationToken);
        if (read > 0)
            _digest.AppendData(buffer.Span[..read]);
        else if (buffer.Length > 0 && !_digest.GetCurrentHash().AsSpan().SequenceEqual(_promised))
            throw new InvalidInputException("The body does not have the digest of its Content-MD5 header: it was damaged on its way. Send it again.");
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("A body is read asynchronously.");

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("A body is read forward.");

    public override void SetLength(long value) => throw new NotSupportedException("A body is read-only.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("A body is read-only.");

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _digest.Dispose();
        base.Dispose(disposing);
    }
}
