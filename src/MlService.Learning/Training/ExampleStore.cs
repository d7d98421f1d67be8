using Microsoft.Win32.SafeHandles;

namespace MlService.Learning.Training;

/// <summary>
/// Encoded examples in blocks of about a megabyte: in memory up to a budget, the rest in a local file. Written once from the
/// front, then read any number of times in any order, also by several threads at once.
/// </summary>
internal sealed class ExampleStore : IDisposable
{
    private readonly ExampleSpill _spill;
    private readonly List<ExampleBlock?> _blocks = [];
    private readonly List<long> _positions = [];    // in the file, or -1
    private readonly List<long> _firstRows = [];
    private SafeFileHandle? _file;
    private long _fileLength;
    private long _memory;

    public ExampleStore(ExampleSpill spill) => _spill = spill;

    /// <summary>Number of blocks.</summary>
    public int BlockCount => _blocks.Count;

    /// <summary>Number of examples.</summary>
    public long Rows { get; private set; }

    /// <summary>Number of features of all examples.</summary>
    public long Occurrences { get; private set; }

    /// <summary>Bytes of blocks held in memory.</summary>
    public long MemoryBytes => _memory;

    /// <summary>Bytes of blocks in the file.</summary>
    public long SpilledBytes => _fileLength;

    /// <summary>
    /// Takes a block over. Gives back one to fill next: the same one, empty, where it went to the file; else a spare or a new one.
    /// </summary>
    /// <param name="block">A block that the caller does not touch any more.</param>
    /// <param name="spare">Empty blocks that may be used.</param>
    public ExampleBlock Append(ExampleBlock block, Stack<ExampleBlock>? spare = null)
    {
        if (block.Rows == 0)
            return block;
        block.FirstRow = Rows;
        _firstRows.Add(Rows);
        Rows += block.Rows;
        Occurrences += block.TokenCount + block.NumberCount;
        if (_memory + block.Bytes <= _spill.MemoryBytes)
        {
            block.Trim();
            _memory += block.MemoryBytes;
            _blocks.Add(block);
            _positions.Add(-1);
            return spare is { Count: > 0 } ? spare.Pop() : new ExampleBlock(block);
        }
        _file ??= File.OpenHandle(
            Path.Combine(_spill.Directory, $"examples-{Guid.NewGuid():N}.tmp"),
            FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, FileOptions.DeleteOnClose);
        block.Write(_file, _fileLength);
        _blocks.Add(null);
        _positions.Add(_fileLength);
        _fileLength += block.StoredBytes;
        block.Clear();
        return block;
    }

    /// <summary>A block: the one in memory, or <paramref name="buffer"/> filled from the file.</summary>
    public ExampleBlock Read(int index, ExampleBlock buffer)
    {
        if (_blocks[index] is { } block)
            return block;
        buffer.Read(_file!, _positions[index]);
        buffer.FirstRow = _firstRows[index];
        return buffer;
    }

    /// <summary>Number of examples of a block.</summary>
    public int RowsOf(int index) => (int)((index + 1 < _firstRows.Count ? _firstRows[index + 1] : Rows) - _firstRows[index]);

    /// <summary>Number of a block's first example.</summary>
    public long FirstRowOf(int index) => _firstRows[index];

    /// <summary>Gives a block in memory away, empty: it is not in this store any more.</summary>
    public void Release(int index, Stack<ExampleBlock> spare)
    {
        if (_blocks[index] is not { } block)
            return;
        _memory -= block.MemoryBytes;
        _blocks[index] = null;
        block.Clear();
        spare.Push(block);
    }

    /// <summary>Closes and deletes the file.</summary>
    public void Dispose()
    {
        _file?.Dispose();
        _file = null;
        _blocks.Clear();
    }
}
