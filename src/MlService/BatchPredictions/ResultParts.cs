using MlService.Storage;

namespace MlService.BatchPredictions;

/// <summary>
/// Takes the gzip bytes of one piece of a result and uploads them as parts of the whole object. S3 demands that each part but
/// the object's last has 5 MiB, and pieces can be smaller; so the beginning is kept back, for the job to join with the
/// end of the piece before.
/// </summary>
/// <remarks>It is written to by a shard's own thread, which waits for each upload.</remarks>
internal sealed class ResultParts(
    IObjectStore objects, MultipartUpload upload, int firstNumber, int numbers, CancellationToken cancellation) : Stream
{
    /// <summary>Size of the parts; the last may be up to twice as large.</summary>
    public const int PartBytes = 8 << 20;

    private readonly List<UploadedPart> _parts = [];
    private readonly MemoryStream _current = new();
    private byte[]? _head;

    /// <summary>What was kept back, once the piece is complete: at least <see cref="PartBytes"/> if there are parts.</summary>
    public ReadOnlyMemory<byte> Head => _head;

    /// <summary>The parts that follow the head, numbered from the second of the piece's numbers on.</summary>
    public IReadOnlyList<UploadedPart> Parts => _parts;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _current.Write(buffer);
        // Twice the size: what stays behind after cutting one part off is then never too small to be a part itself.
        if (_current.Length >= 2 * PartBytes)
            CutPart(PartBytes);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush() { }

    /// <summary>Takes what is left as the last part, or as the head if there is none yet.</summary>
    public void Complete()
    {
        if (_current.Length > 0)
            CutPart((int)_current.Length);
        _head ??= [];
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private void CutPart(int length)
    {
        var bytes = _current.GetBuffer();
        if (_head is null)
        {
            _head = bytes[..length];
        }
        else
        {
            var number = firstNumber + 1 + _parts.Count;
            if (number >= firstNumber + numbers)
                throw new InvalidOperationException($"A piece of {upload.Target} needs more than its {numbers} part numbers.");
            using var content = new MemoryStream(bytes, 0, length, writable: false);
            _parts.Add(ResultUploads.Part(objects, upload, number, content, cancellation).WaitFor(cancellation));
        }

        var rest = bytes.AsSpan(length, (int)_current.Length - length);
        rest.CopyTo(bytes);
        _current.SetLength(rest.Length);
        _current.Position = rest.Length;
    }
}
