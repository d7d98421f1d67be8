using System.Buffers.Binary;
using System.Security.Cryptography;

namespace MlService.Learning.Models;

/// <summary>
/// The frame of a model's file: 8 bytes that name the format, 2 bytes version, then frames: length n of the content (int32, 1 to
/// 65,536; 0 for the end), SHA-256 over the digest before, the length and the content (32 bytes), content. The first frame's digest
/// before is SHA-256 of the file's first 10 bytes. A reader sees only bytes whose digest was right, a frame at a time; a file cut,
/// changed or reordered anywhere is noticed. Little-endian.
/// </summary>
internal static class ModelFile
{
    /// <summary>Version that is written; older ones are read, newer ones refused.</summary>
    public const ushort Version = 1;

    private const int FrameBytes = 1 << 16;
    private const int FrameHeaderBytes = 4 + SHA256.HashSizeInBytes;
    private const int HeaderBytes = 10;

    // The first byte is no text, CR LF shows whether a transfer "corrected" line ends.
    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'M', (byte)'L', (byte)'S', (byte)'V', (byte)'C', (byte)'\r', (byte)'\n'];

    /// <summary>Size of a file with so many bytes of content.</summary>
    public static long WithFrames(long contentBytes) =>
        HeaderBytes + contentBytes + FrameHeaderBytes * ((contentBytes + FrameBytes - 1) / FrameBytes + 1);

    /// <summary>Opens the content for writing; disposing it ends the file and leaves <paramref name="output"/> open.</summary>
    public static Stream Write(Stream output)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header[8..], Version);
        output.Write(header);
        return new FrameWriter(output, SHA256.HashData(header));
    }

    /// <summary>Opens the content for reading.</summary>
    /// <exception cref="InvalidInputException">Now or while reading: the file is no model, damaged, cut off or of a newer version.</exception>
    public static Stream Read(Stream input)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        var length = input.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false);
        if (length < HeaderBytes || !header.StartsWith(Magic))
            throw new InvalidInputException("The file is no MlService model: it does not begin like one. Check which file it is.");
        var version = BinaryPrimitives.ReadUInt16LittleEndian(header[8..]);
        if (version is 0 or > Version)
            throw new InvalidInputException(
                $"The model file has format version {version}; this program reads up to version {Version}. Use a newer program.");
        return new FrameReader(input, SHA256.HashData(header));
    }

    /// <summary>The error of a file whose content cannot be right.</summary>
    public static InvalidInputException Damaged(string what, Exception? inner = null) =>
        new($"The model file is damaged: {what}. Use an undamaged copy, or train the model again.", inner);

    private sealed class FrameWriter(Stream output, byte[] digest) : Stream
    {
        private readonly byte[] _frame = new byte[FrameHeaderBytes + FrameBytes];
        private int _count;
        private bool _isClosed;

        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            while (!buffer.IsEmpty)
            {
                var part = buffer[..Math.Min(buffer.Length, FrameBytes - _count)];
                part.CopyTo(_frame.AsSpan(FrameHeaderBytes + _count));
                _count += part.Length;
                buffer = buffer[part.Length..];
                if (_count == FrameBytes)
                    EndFrame();
            }
        }

        public override void Flush() { }
        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing && !_isClosed)
            {
                _isClosed = true;
                if (_count > 0)
                    EndFrame();
                EndFrame();
            }
            base.Dispose(disposing);
        }

        private void EndFrame()
        {
            BinaryPrimitives.WriteInt32LittleEndian(_frame, _count);
            Chain(digest, _frame.AsSpan(0, 4), _frame.AsSpan(FrameHeaderBytes, _count));
            digest.CopyTo(_frame.AsSpan(4));
            output.Write(_frame, 0, FrameHeaderBytes + _count);
            _count = 0;
        }
    }

    private sealed class FrameReader(Stream input, byte[] digest) : Stream
    {
        private readonly byte[] _frame = new byte[FrameBytes];
        private int _count;
        private int _position;
        private bool _isEnd;

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            if (_position == _count && !_isEnd)
                NextFrame();
            var length = Math.Min(buffer.Length, _count - _position);
            _frame.AsSpan(_position, length).CopyTo(buffer);
            _position += length;
            return length;
        }

        public override void Flush() { }
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        private void NextFrame()
        {
            Span<byte> header = stackalloc byte[FrameHeaderBytes];
            if (input.ReadAtLeast(header, FrameHeaderBytes, throwOnEndOfStream: false) < FrameHeaderBytes)
                throw Damaged("it ends too early");
            var length = BinaryPrimitives.ReadInt32LittleEndian(header);
            if (length is < 0 or > FrameBytes)
                throw Damaged("a length in it is impossible");
            if (input.ReadAtLeast(_frame.AsSpan(0, length), length, throwOnEndOfStream: false) < length)
                throw Damaged("it ends too early");
            Chain(digest, header[..4], _frame.AsSpan(0, length));
            if (!header[4..].SequenceEqual(digest))
                throw Damaged("its checksum is wrong");
            _position = 0;
            _count = length;
            _isEnd = length == 0;
        }
    }

    private static void Chain(byte[] digest, ReadOnlySpan<byte> length, ReadOnlySpan<byte> content)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(digest);
        hash.AppendData(length);
        hash.AppendData(content);
        hash.GetHashAndReset(digest);
    }
}
