using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Microsoft.Win32.SafeHandles;

namespace MlService.Learning.Training;

/// <summary>
/// Some examples, each in one piece, so that they can be visited in any order: number of tokens, number of numbers, label, weight;
/// then the ids of the tokens (features of value 1), the ids of the numbers and their values. The room grows, and is reused from
/// block to block.
/// </summary>
internal sealed class ExampleBlock
{
    /// <summary>A block is full when it holds this many bytes or <see cref="MaxRows"/> rows.</summary>
    public const int TargetBytes = 1 << 20;

    /// <summary>Most rows of a block.</summary>
    public const int MaxRows = 1 << 14;

    private const int HeaderInts = 3;

    // What lies where in an example.
    private const int Label = 2;
    private const int Weight = 3;
    private const int Features = 4;

    private const int CacheLineInts = 16;

    private readonly ExampleMemory _memory;
    private int[] _content;     // the block's room in it begins at _start
    private int _start, _used, _end;
    private int[] _begins;      // of the examples in _content

    /// <summary>Creates an empty block.</summary>
    /// <param name="memory">Where it has its room; null for memory of its own.</param>
    /// <param name="bytes">Room to begin with.</param>
    public ExampleBlock(ExampleMemory? memory = null, int bytes = 1 << 12)
    {
        _memory = memory ?? new();
        _content = [];
        Take(bytes / sizeof(int));
        _begins = GC.AllocateUninitializedArray<int>(Math.Max(16, bytes / 128));
    }

    /// <summary>Room for a block of which so many bytes are expected.</summary>
    public static int RoomFor(long bytes) => (int)Math.Clamp(bytes, 1 << 12, TargetBytes + TargetBytes / 32);

    /// <summary>Number of examples.</summary>
    public int Rows { get; private set; }

    /// <summary>Number of features of all examples, as they were added.</summary>
    public long Occurrences { get; private set; }

    /// <summary>Number of the first example in its store.</summary>
    public long FirstRow { get; set; }

    /// <summary>Bytes of content.</summary>
    public int Bytes => (_used - _start + Rows) * sizeof(int);

    /// <summary>Whether no more rows should be added.</summary>
    public bool IsFull => Rows >= MaxRows || Bytes >= TargetBytes;

    /// <summary>Label of an example.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float LabelOf(int row) => BitConverter.Int32BitsToSingle(_content[_begins[row] + Label]);

    /// <summary>How much an example counts; 1 on average.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float WeightOf(int row) => BitConverter.Int32BitsToSingle(_content[_begins[row] + Weight]);

    /// <summary>Ids of the features of value 1 of one example.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<int> Tokens(int row)
    {
        var begin = _begins[row];
        return _content.AsSpan(begin + Features, _content[begin]);
    }

    /// <summary>Ids of the features of other values of one example.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<int> Numbers(int row)
    {
        var begin = _begins[row];
        return _content.AsSpan(begin + Features + _content[begin], _content[begin + 1]);
    }

    /// <summary>Values beside <see cref="Numbers"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<float> Values(int row)
    {
        var begin = _begins[row];
        return MemoryMarshal.Cast<int, float>(_content.AsSpan(begin + Features + _content[begin] + _content[begin + 1], _content[begin + 1]));
    }

    /// <summary>Asks the processor to fetch an example.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe void Prefetch(int row)
    {
        if (!Sse.IsSupported)
            return;
        var begin = (int*)Unsafe.AsPointer(ref _content[_begins[row]]);
        Sse.Prefetch0(begin);
        Sse.Prefetch0(begin + CacheLineInts);
        Sse.Prefetch0(begin + 2 * CacheLineInts);
    }

    /// <summary>Asks the processor to fetch where the next example goes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe void PrefetchEnd()
    {
        if (!Sse.IsSupported)
            return;
        // The last element, not one behind it, where the block is full.
        Sse.Prefetch0(Unsafe.AsPointer(ref _content[Math.Min(_used, _content.Length - 1)]));
        Sse.Prefetch0(Unsafe.AsPointer(ref _begins[Math.Min(Rows, _begins.Length - 1)]));
    }

    /// <summary>Adds an example.</summary>
    /// <param name="label">Its label.</param>
    /// <param name="weight">How much it counts.</param>
    /// <param name="tokens">Ids of its features of value 1.</param>
    /// <param name="numbers">Ids of its features of other values.</param>
    /// <param name="values">Their values.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(float label, float weight, ReadOnlySpan<int> tokens, ReadOnlySpan<int> numbers, ReadOnlySpan<float> values)
    {
        var length = Features + tokens.Length + 2 * numbers.Length;
        if (Rows == _begins.Length)
            Array.Resize(ref _begins, Rows * 2);
        if (_end - _used < length)
            Grow(length);
        _begins[Rows++] = _used;
        var example = _content.AsSpan(_used, length);
        example[0] = tokens.Length;
        example[1] = numbers.Length;
        example[Label] = BitConverter.SingleToInt32Bits(label);
        example[Weight] = BitConverter.SingleToInt32Bits(weight);
        tokens.CopyTo(example[Features..]);
        numbers.CopyTo(example[(Features + tokens.Length)..]);
        MemoryMarshal.Cast<float, int>(values).CopyTo(example[(Features + tokens.Length + numbers.Length)..]);
        _used += length;
        Occurrences += tokens.Length + numbers.Length;
    }

    /// <summary>Changes label and weight of an example.</summary>
    public void SetTarget(int row, float label, float weight)
    {
        _content[_begins[row] + Label] = BitConverter.SingleToInt32Bits(label);
        _content[_begins[row] + Weight] = BitConverter.SingleToInt32Bits(weight);
    }

    /// <summary>Leaves an example its first features of either kind.</summary>
    public void Shorten(int row, int tokens, int numbers)
    {
        var keptNumbers = Numbers(row)[..numbers];
        var keptValues = Values(row)[..numbers];
        var example = _content.AsSpan(_begins[row]);
        (example[0], example[1]) = (tokens, numbers);
        keptNumbers.CopyTo(Numbers(row));
        keptValues.CopyTo(Values(row));
    }

    /// <summary>Empties the block, keeping its memory.</summary>
    public void Clear()
    {
        Rows = 0;
        Occurrences = 0;
        _used = _start;
    }

    /// <summary>Length of the stored form.</summary>
    public int StoredBytes => HeaderInts * sizeof(int) + Bytes;

    /// <summary>Writes the stored form: counts, then the arrays as they lie in memory (a file of this process only).</summary>
    public void Write(SafeFileHandle file, long position)
    {
        Span<int> header = [Rows, _start, _used];
        Put(file, header, ref position);
        Put(file, _begins.AsSpan(0, Rows), ref position);
        Put(file, _content.AsSpan(_start, _used - _start), ref position);
    }

    /// <summary>Reads the stored form.</summary>
    public void Read(SafeFileHandle file, long position)
    {
        Span<int> header = stackalloc int[HeaderInts];
        Get(file, header, ref position);
        var (start, length) = (header[1], header[2] - header[1]);
        Rows = header[0];
        Debug.Assert(Rows >= 0 && length >= 0);
        // At once enough for the blocks that follow, which are full ones too.
        if (_begins.Length < Rows)
            _begins = GC.AllocateUninitializedArray<int>(MaxRows);
        if (_end - _start < length)
            Take(Math.Max(length, RoomFor(TargetBytes * 2L) / sizeof(int)));
        _used = _start + length;
        var begins = _begins.AsSpan(0, Rows);
        Get(file, begins, ref position);
        Move(begins, _start - start);
        Get(file, _content.AsSpan(_start, length), ref position);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(int length)
    {
        var (old, start, held) = (_content, _start, _used - _start);
        Take(Math.Max(2 * (_end - _start), held + length));
        old.AsSpan(start, held).CopyTo(_content.AsSpan(_start));
        Move(_begins.AsSpan(0, Rows), _start - start);
        _used += held;
    }

    private void Take(int length)
    {
        var room = _memory.Take(length);
        (_content, _start, _end) = (room.Array!, room.Offset, room.Offset + room.Count);
        _used = _start;
    }

    private static void Move(Span<int> begins, int by)
    {
        foreach (ref var begin in begins)
            begin += by;
    }

    private static void Put(SafeFileHandle file, ReadOnlySpan<int> items, ref long position)
    {
        RandomAccess.Write(file, MemoryMarshal.AsBytes(items), position);
        position += items.Length * sizeof(int);
    }

    private static void Get(SafeFileHandle file, Span<int> items, ref long position)
    {
        for (var bytes = MemoryMarshal.AsBytes(items); !bytes.IsEmpty;)
        {
            var read = RandomAccess.Read(file, bytes, position);
            if (read == 0)
                throw new IOException("The file of spilled examples is shorter than it was written. Was the disk full?");
            position += read;
            bytes = bytes[read..];
        }
    }
}
