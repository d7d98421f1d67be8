using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MlService.Learning.Training;

/// <summary>
/// Some examples, features of a row side by side (compressed sparse rows). Features of value 1 (tokens) are ids alone; others
/// (numbers) are ids with values. Arrays grow and are reused from block to block.
/// </summary>
internal sealed class ExampleBlock
{
    /// <summary>A block is full when it holds this many bytes or <see cref="MaxRows"/> rows.</summary>
    public const int TargetBytes = 1 << 20;

    /// <summary>Most rows of a block.</summary>
    public const int MaxRows = 1 << 14;

    private const int HeaderInts = 4;

    private float[] _labels;
    private float[] _weights;
    private int[] _tokenEnds;
    private int[] _numberEnds;
    private int[] _tokens;
    private int[] _numbers;
    private float[] _values;
    private int _tokenCount;
    private int _numberCount;

    /// <summary>Creates an empty block.</summary>
    /// <param name="like">A block whose content tells how much room to begin with.</param>
    public ExampleBlock(ExampleBlock? like = null)
    {
        var rows = RoomLike(like?.Rows ?? 0);
        _labels = GC.AllocateUninitializedArray<float>(rows);
        _weights = GC.AllocateUninitializedArray<float>(rows);
        _tokenEnds = GC.AllocateUninitializedArray<int>(rows);
        _numberEnds = GC.AllocateUninitializedArray<int>(rows);
        _tokens = GC.AllocateUninitializedArray<int>(RoomLike(like?._tokenCount ?? 0));
        _numbers = GC.AllocateUninitializedArray<int>(RoomLike(like?._numberCount ?? 0));
        _values = GC.AllocateUninitializedArray<float>(_numbers.Length);
    }

    /// <summary>Number of examples.</summary>
    public int Rows { get; private set; }

    /// <summary>Number of the first example in its store.</summary>
    public long FirstRow { get; set; }

    /// <summary>Label of each example.</summary>
    public ReadOnlySpan<float> Labels => _labels.AsSpan(0, Rows);

    /// <summary>How much each example counts; 1 on average.</summary>
    public ReadOnlySpan<float> Weights => _weights.AsSpan(0, Rows);

    /// <summary>Number of tokens of all examples.</summary>
    public int TokenCount => _tokenCount;

    /// <summary>Number of numbers of all examples.</summary>
    public int NumberCount => _numberCount;

    /// <summary>Bytes of content.</summary>
    public int Bytes => Rows * 16 + _tokenCount * 4 + _numberCount * 8;

    /// <summary>Bytes of memory held, used or not.</summary>
    public int MemoryBytes => _labels.Length * 16 + _tokens.Length * 4 + _numbers.Length * 8;

    /// <summary>Whether no more rows should be added.</summary>
    public bool IsFull => Rows >= MaxRows || Bytes >= TargetBytes;

    /// <summary>Ids of the features of value 1 of one example.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<int> Tokens(int row) => Slice(_tokens, _tokenEnds, row);

    /// <summary>Ids of the features of other values of one example.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<int> Numbers(int row) => Slice(_numbers, _numberEnds, row);

    /// <summary>Values beside <see cref="Numbers"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<float> Values(int row) => Slice(_values, _numberEnds, row);

    /// <summary>Room for the features of value 1 of the example that <see cref="EndRow"/> will end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<int> RoomForTokens(int count)
    {
        if (_tokens.Length - _tokenCount < count)
            Grow(ref _tokens, _tokenCount, count);
        return _tokens.AsSpan(_tokenCount);
    }

    /// <summary>Room for the features of other values of the example that <see cref="EndRow"/> will end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<int> RoomForNumbers(int count, out Span<float> values)
    {
        if (_numbers.Length - _numberCount < count)
        {
            Grow(ref _numbers, _numberCount, count);
            Grow(ref _values, _numberCount, count);
        }
        values = _values.AsSpan(_numberCount);
        return _numbers.AsSpan(_numberCount);
    }

    /// <summary>Ends an example whose features are in the rooms given.</summary>
    /// <param name="label">Its label.</param>
    /// <param name="weight">How much it counts.</param>
    /// <param name="tokens">Number of its features of value 1.</param>
    /// <param name="numbers">Number of its features of other values.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void EndRow(float label, float weight, int tokens, int numbers)
    {
        var row = Rows;
        if (row == _labels.Length)
            GrowRows();
        _labels[row] = label;
        _weights[row] = weight;
        _tokenEnds[row] = _tokenCount += tokens;
        _numberEnds[row] = _numberCount += numbers;
        Rows = row + 1;
    }

    /// <summary>Empties the block, keeping its memory.</summary>
    public void Clear() => Rows = _tokenCount = _numberCount = 0;

    /// <summary>Gives memory beyond the content back, where it is worth a copy.</summary>
    public void Trim()
    {
        if (MemoryBytes <= Bytes + Bytes / 8)
            return;
        Array.Resize(ref _labels, Math.Max(Rows, 1));
        Array.Resize(ref _weights, _labels.Length);
        Array.Resize(ref _tokenEnds, _labels.Length);
        Array.Resize(ref _numberEnds, _labels.Length);
        Array.Resize(ref _tokens, Math.Max(_tokenCount, 1));
        Array.Resize(ref _numbers, Math.Max(_numberCount, 1));
        Array.Resize(ref _values, _numbers.Length);
    }

    /// <summary>Length of the stored form.</summary>
    public int StoredBytes => HeaderInts * 4 + Bytes;

    /// <summary>Writes the stored form: counts, then the arrays as they lie in memory (a file of this process only).</summary>
    public void Write(SafeFileHandle file, long position)
    {
        Span<int> header = [Rows, _tokenCount, _numberCount, 0];
        Put(file, MemoryMarshal.AsBytes(header), ref position);
        Put(file, MemoryMarshal.AsBytes(_labels.AsSpan(0, Rows)), ref position);
        Put(file, MemoryMarshal.AsBytes(_weights.AsSpan(0, Rows)), ref position);
        Put(file, MemoryMarshal.AsBytes(_tokenEnds.AsSpan(0, Rows)), ref position);
        Put(file, MemoryMarshal.AsBytes(_numberEnds.AsSpan(0, Rows)), ref position);
        Put(file, MemoryMarshal.AsBytes(_tokens.AsSpan(0, _tokenCount)), ref position);
        Put(file, MemoryMarshal.AsBytes(_numbers.AsSpan(0, _numberCount)), ref position);
        Put(file, MemoryMarshal.AsBytes(_values.AsSpan(0, _numberCount)), ref position);
    }

    /// <summary>Reads the stored form.</summary>
    public void Read(SafeFileHandle file, long position)
    {
        Span<int> header = stackalloc int[HeaderInts];
        Get(file, MemoryMarshal.AsBytes(header), ref position);
        (Rows, _tokenCount, _numberCount) = (header[0], header[1], header[2]);
        Debug.Assert(Rows >= 0 && _tokenCount >= 0 && _numberCount >= 0);
        if (_labels.Length < Rows)
        {
            _labels = new float[Rows];
            _weights = new float[Rows];
            _tokenEnds = new int[Rows];
            _numberEnds = new int[Rows];
        }
        if (_tokens.Length < _tokenCount)
            _tokens = new int[_tokenCount];
        if (_numbers.Length < _numberCount)
        {
            _numbers = new int[_numberCount];
            _values = new float[_numberCount];
        }
        Get(file, MemoryMarshal.AsBytes(_labels.AsSpan(0, Rows)), ref position);
        Get(file, MemoryMarshal.AsBytes(_weights.AsSpan(0, Rows)), ref position);
        Get(file, MemoryMarshal.AsBytes(_tokenEnds.AsSpan(0, Rows)), ref position);
        Get(file, MemoryMarshal.AsBytes(_numberEnds.AsSpan(0, Rows)), ref position);
        Get(file, MemoryMarshal.AsBytes(_tokens.AsSpan(0, _tokenCount)), ref position);
        Get(file, MemoryMarshal.AsBytes(_numbers.AsSpan(0, _numberCount)), ref position);
        Get(file, MemoryMarshal.AsBytes(_values.AsSpan(0, _numberCount)), ref position);
    }

    // What is like a full block has about as much, not exactly as much.
    private static int RoomLike(int count) => count + count / 32 + 16;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Grow<T>(ref T[] items, int count, int more) => Array.Resize(ref items, Math.Max(items.Length * 2, count + more));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void GrowRows()
    {
        Array.Resize(ref _labels, Rows * 2);
        Array.Resize(ref _weights, Rows * 2);
        Array.Resize(ref _tokenEnds, Rows * 2);
        Array.Resize(ref _numberEnds, Rows * 2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ReadOnlySpan<T> Slice<T>(T[] items, int[] ends, int row)
    {
        var begin = row == 0 ? 0 : ends[row - 1];
        return items.AsSpan(begin, ends[row] - begin);
    }

    private static void Put(SafeFileHandle file, ReadOnlySpan<byte> bytes, ref long position)
    {
        RandomAccess.Write(file, bytes, position);
        position += bytes.Length;
    }

    private static void Get(SafeFileHandle file, Span<byte> bytes, ref long position)
    {
        while (!bytes.IsEmpty)
        {
            var read = RandomAccess.Read(file, bytes, position);
            if (read == 0)
                throw new IOException("The file of spilled examples is shorter than it was written. Was the disk full?");
            position += read;
            bytes = bytes[read..];
        }
    }
}
