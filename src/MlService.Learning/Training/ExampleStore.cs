using Microsoft.Win32.SafeHandles;

namespace MlService.Learning.Training;

/// <summary>A block of a store.</summary>
/// <param name="Store">The store.</param>
/// <param name="Number">Its number there.</param>
internal readonly record struct StoredBlock(ExampleStore Store, int Number)
{
    /// <summary>Number of examples.</summary>
    public int Rows => Store.RowsOf(Number);

    /// <summary>Number of the first example in its store.</summary>
    public long FirstRow => Store.FirstRowOf(Number);

    /// <summary>The block in memory, or <paramref name="buffer"/> filled from the file.</summary>
    public ExampleBlock Read(ExampleBlock buffer) => Store.Read(Number, buffer);

    /// <summary>Whether it can be read without changing it first.</summary>
    public bool IsReady => Store.IsReady(Number);

    /// <summary>Does what would keep the next reader waiting, unless another thread is at it.</summary>
    public void ChangeAhead(ExampleBlock buffer) => Store.ChangeAhead(Number, buffer);
}

/// <summary>
/// Encoded examples in blocks of about a megabyte: in memory up to a budget, the rest in a local file. Written from the front, then
/// read any number of times in any order, also by several threads at once.
/// </summary>
internal sealed class ExampleStore : IDisposable
{
    private const int Unchanged = 0, Changing = 1, Changed = 2;

    private readonly ExampleSpill _spill;
    private readonly ExampleMemory _memory = new();
    private readonly List<ExampleBlock?> _blocks = [];
    private readonly List<long> _positions = [];    // in the file, or -1
    private readonly List<long> _firstRows = [];
    private readonly List<int> _groups = [];
    private SafeFileHandle? _file;
    private volatile Action<ExampleBlock>? _change;
    private int[] _states = [];     // by block: whether it was changed
    private int _unchanged;

    public ExampleStore(ExampleSpill spill) => _spill = spill;

    /// <summary>Number of blocks.</summary>
    public int BlockCount => _blocks.Count;

    /// <summary>Number of examples.</summary>
    public long Rows { get; private set; }

    /// <summary>Number of features of all examples, as they were added.</summary>
    public long Occurrences { get; private set; }

    /// <summary>Bytes of blocks held in memory.</summary>
    public long MemoryBytes { get; private set; }

    /// <summary>Bytes of blocks in the file.</summary>
    public long SpilledBytes { get; private set; }

    /// <summary>The blocks whose group is in a range.</summary>
    public IEnumerable<StoredBlock> Blocks(Range groups)
    {
        var (from, length) = groups.GetOffsetAndLength(HoldOut.Groups);
        return Enumerable.Range(0, BlockCount).Where(number => _groups[number] - from is >= 0 and var place && place < length)
            .Select(number => new StoredBlock(this, number));
    }

    /// <summary>An empty block, to be filled and appended.</summary>
    /// <param name="bytes">How many bytes are expected in it.</param>
    public ExampleBlock NewBlock(long bytes) => new(_memory, ExampleBlock.RoomFor(bytes));

    /// <summary>Takes a block over, and gives one to fill next: the same, empty, if its content went to the file.</summary>
    /// <param name="block">A block that the caller does not touch any more.</param>
    /// <param name="group">The group of its examples.</param>
    public ExampleBlock Append(ExampleBlock block, int group)
    {
        if (block.Rows == 0)
            return block;
        block.FirstRow = Rows;
        _firstRows.Add(Rows);
        _groups.Add(group);
        Rows += block.Rows;
        Occurrences += block.Occurrences;
        if (MemoryBytes + block.Bytes <= _spill.MemoryBytes)
        {
            MemoryBytes += block.Bytes;
            _blocks.Add(block);
            _positions.Add(-1);
            return NewBlock(block.Bytes * 33L / 32);
        }
        _file ??= File.OpenHandle(
            Path.Combine(_spill.Directory, $"examples-{Guid.NewGuid():N}.tmp"),
            FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, FileOptions.DeleteOnClose);
        block.Write(_file, SpilledBytes);
        _blocks.Add(null);
        _positions.Add(SpilledBytes);
        SpilledBytes += block.StoredBytes;
        block.Clear();
        return block;
    }

    /// <summary>Changes the examples of every block once, before it is read for the first time.</summary>
    /// <param name="change">Leaves a block its rows, each with at most the features that it had; may be called by several threads.</param>
    public void ChangeWhenRead(Action<ExampleBlock> change)
    {
        _states = new int[BlockCount];
        _unchanged = BlockCount;
        _change = BlockCount == 0 ? null : change;
    }

    /// <summary>Whether a block can be read without changing it first.</summary>
    public bool IsReady(int number) => _change is null || Volatile.Read(ref _states[number]) == Changed;

    /// <summary>Changes a block as <see cref="ChangeWhenRead"/> said, unless that is done or another thread is at it.</summary>
    public void ChangeAhead(int number, ExampleBlock buffer)
    {
        if (_change is not { } change || Interlocked.CompareExchange(ref _states[number], Changing, Unchanged) != Unchanged)
            return;
        var state = Unchanged;
        try
        {
            var block = Load(number, buffer);
            change(block);
            if (block == buffer)
                block.Write(_file!, _positions[number]);
            state = Changed;
        }
        finally
        {
            Volatile.Write(ref _states[number], state);
        }
        // What the change holds on to is needed no longer.
        if (Interlocked.Decrement(ref _unchanged) == 0)
            _change = null;
    }

    /// <summary>A block: the one in memory, or <paramref name="buffer"/> filled from the file.</summary>
    public ExampleBlock Read(int number, ExampleBlock buffer)
    {
        // Another thread that is at it needs less than a millisecond, and has a core.
        for (var wait = new SpinWait(); !IsReady(number); wait.SpinOnce(sleep1Threshold: -1))
            ChangeAhead(number, buffer);
        return Load(number, buffer);
    }

    /// <summary>Number of examples of a block.</summary>
    public int RowsOf(int number) => (int)((number + 1 < _firstRows.Count ? _firstRows[number + 1] : Rows) - _firstRows[number]);

    /// <summary>Number of a block's first example.</summary>
    public long FirstRowOf(int number) => _firstRows[number];

    private ExampleBlock Load(int number, ExampleBlock buffer)
    {
        if (_blocks[number] is { } block)
            return block;
        buffer.Read(_file!, _positions[number]);
        buffer.FirstRow = _firstRows[number];
        return buffer;
    }

    /// <summary>Closes and deletes the file.</summary>
    public void Dispose()
    {
        _file?.Dispose();
        _file = null;
        _blocks.Clear();
    }
}
