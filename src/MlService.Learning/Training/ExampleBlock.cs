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

    private float[] _labels = new float[16];
    private float[] _weights = new float[16];
    private int[] _tokenEnds = new int[16];
    private int[] _numberEnds = new int[16];
    private int[] _tokens = new int[256];
    private int[] _numbers = new int[16];
    private float[] _values = new float[16];
    private int _tokenCount;
    private int _numberCount;

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

    /// <summary>Adds a feature to the example that <see cref="EndRow"/> will end.</summary>
    public void AddToken(int id)
    {
        if (_tokenCount == _tokens.Length)
            Array.Resize(ref _tokens, _tokenCount * 2);
        _tokens[_tokenCount++] = id;
    }

    /// <summary>Adds a feature with a value to the example that <see cref="EndRow"/> will end.</summary>
    public void AddNumber(int id, float value)
    {
        if (_numberCount == _numbers.Length)
        {
            Array.Resize(ref _numbers, _numberCount * 2);
            Array.Resize(ref _values, _numberCount * 2);
        }
        _numbers[_numberCount] = id;
        _values[_numberCount++] = value;
    }

    /// <summary>Ends an example.</summary>
    public void EndRow(float label, float weight)
    {
        if (Rows == _labels.Length)
        {
            Array.Resize(ref _labels, Rows * 2);
            Array.Resize(ref _weights, Rows * 2);
            Array.Resize(ref _tokenEnds, Rows * 2);
            Array.Resize(ref _numberEnds, Rows * 2);
        }
        _labels[Rows] = label;
        _weights[Rows] = weight;
        _tokenEnds[Rows] = _tokenCount;
        _numberEnds[Rows++] = _numberCount;
    }

    /// <summary>Empties the block, keeping its memory.</summary>
    public void Clear() => Rows = _tokenCount = _numberCount = 0;

    /// <summary>Gives memory beyond the content back.</summary>
    public void Trim()
    {
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
