using System.Buffers;

namespace MlService.Storage;

/// <summary>
/// A range of one version of an object, read forward. Who reads on gets the next ranges fetched ahead, side by side: first
/// little, for many readers look at a beginning only, then ever more, up to <see cref="MaxAhead"/> ranges of
/// <see cref="MaxRangeBytes"/>.
/// </summary>
internal sealed class S3Content : Stream
{
    /// <summary>Bytes of the first range: a small object, a header and some rows, the foot of a model.</summary>
    public const int FirstRangeBytes = 256 << 10;

    private const int MaxRangeBytes = 4 << 20;
    private const int MaxAhead = 4;
    private const int Growth = 4;

    private readonly Func<long, int, CancellationToken, Task<S3Range>> _fetch;
    private readonly CancellationTokenSource _closed = new();
    private readonly Queue<Task<S3Range>> _ahead = new();
    private readonly long _begin;
    private readonly long _end;
    private S3Range _current;
    private int _used;
    private long _position;
    private long _nextOffset;
    private int _nextBytes = FirstRangeBytes * Growth;
    private int _allowedAhead;
    private bool _disposed;

    /// <summary>Goes on behind a first range.</summary>
    /// <param name="first">The bytes from <paramref name="begin"/> on.</param>
    /// <param name="begin">Offset in the object.</param>
    /// <param name="end">Offset of the first byte that is no more wanted.</param>
    /// <param name="fetch">Reads a range of the same version of the object.</param>
    public S3Content(S3Range first, long begin, long end, Func<long, int, CancellationToken, Task<S3Range>> fetch)
    {
        _current = first;
        _fetch = fetch;
        _begin = _position = begin;
        _end = end;
        _nextOffset = begin + first.Length;
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    /// <summary>Bytes of the range, known beforehand.</summary>
    public override long Length => _end - _begin;

    public override long Position
    {
        get => _position - _begin;
        set => throw new NotSupportedException("The content of an object is read forward.");
    }

    public override int Read(Span<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (buffer.Length == 0 || _position >= _end)
            return 0;
        if (_used == _current.Length)
            Advance(Next().WaitFor(_closed.Token));
        return Take(buffer);
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (buffer.Length == 0 || _position >= _end)
            return 0;
        if (_used == _current.Length)
            Advance(await Next().WaitAsync(cancellationToken));
        return Take(buffer.Span);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("The content of an object is read forward.");

    public override void SetLength(long value) => throw new NotSupportedException("The content of an object is read-only.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("The content of an object is read-only.");

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            _disposed = true;
            _closed.Cancel();
            Return(_current);
            _current = default;
            while (_ahead.TryDequeue(out var fetching))
                _ = fetching.ContinueWith(
                    static done => Return(done.Result), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            _closed.Dispose();
        }

        base.Dispose(disposing);
    }

    private static void Return(S3Range range)
    {
        if (range.Buffer is { } buffer)
            ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>The range behind the current one. It stays in the queue until it has arrived, so that a cancelled reading can be taken up again.</summary>
    private Task<S3Range> Next()
    {
        if (_ahead.Count == 0)
            FetchAhead(1);
        return _ahead.Peek();
    }

    private void Advance(S3Range arrived)
    {
        _ahead.Dequeue();
        Return(_current);
        _current = arrived;
        _used = 0;
        _allowedAhead = Math.Min(_allowedAhead + 1, MaxAhead);
    }

    private int Take(Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, _current.Length - _used);
        _current.Buffer.AsSpan(_used, count).CopyTo(buffer);
        _used += count;
        _position += count;
        if (_allowedAhead == 0 && _used > _current.Length / 2)
            _allowedAhead = 1; // no mere glance
        FetchAhead(_allowedAhead);
        return count;
    }

    private void FetchAhead(int ranges)
    {
        while (_ahead.Count < ranges && _nextOffset < _end)
        {
            var length = (int)Math.Min(_nextBytes, _end - _nextOffset);
            _ahead.Enqueue(_fetch(_nextOffset, length, _closed.Token));
            _nextOffset += length;
            _nextBytes = Math.Min(_nextBytes * Growth, MaxRangeBytes);
        }
    }
}
