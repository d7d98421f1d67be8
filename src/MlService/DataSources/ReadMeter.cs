namespace MlService.DataSources;

/// <summary>Counts what is read from streams by code that knows nothing of progress and cancellation, and stops it there.</summary>
internal sealed class ReadMeter(CancellationToken cancellation)
{
    private long _bytes;

    /// <summary>Bytes read so far, over all streams.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>The same stream, metered; disposing it disposes the other.</summary>
    public Stream Over(Stream stream) => new Metered(stream, this);

    private void Count(int bytes)
    {
        cancellation.ThrowIfCancellationRequested();
        Interlocked.Add(ref _bytes, bytes);
    }

    private sealed class Metered(Stream inner, ReadMeter meter) : Stream
    {
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
            var read = inner.Read(buffer);
            meter.Count(read);
            return read;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
