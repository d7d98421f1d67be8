using System.Collections.Concurrent;
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
}

/// <summary>
/// Encoded examples in blocks of about a megabyte: in memory up to a budget, the rest in a local file. Written from the front, then
/// read any number of times in any order, also by several threads at once.
/// </summary>
internal sealed class ExampleStore : IDisposable
{
    private readonly ExampleSpill _spill;
    private readonly List<ExampleBlock?> _blocks = [];
    private readonly List<long> _positions = [];    // in the file, or -1
    private readonly List<long> _firstRows = [];
    private readonly List<int> _groups = [];
    private SafeFileHandle? _file;

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
            return new ExampleBlock(ExampleBlock.RoomFor(block.Bytes * 33L / 32));
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

    /// <summary>A block: the one in memory, or <paramref name="buffer"/> filled from the file.</summary>
    public ExampleBlock Read(int number, ExampleBlock buffer)
    {
        if (_blocks[number] is { } block)
            return block;
        buffer.Read(_file!, _positions[number]);
        buffer.FirstRow = _firstRows[number];
        return buffer;
    }

    /// <summary>Changes the examples of all blocks, several at a time.</summary>
    /// <param name="change">Leaves a block its rows, each with at most the features that it had.</param>
    /// <param name="cancellation">Stops it.</param>
    public void Change(Action<ExampleBlock> change, CancellationToken cancellation)
    {
        // A parallel loop goes through many more tasks than threads: what each of them had for itself would soon be a heap.
        var buffers = new ConcurrentBag<ExampleBlock>();
        Parallel.For(0, BlockCount, TrainingShard.Parallelism(cancellation), number =>
        {
            if (_blocks[number] is { } block)
            {
                change(block);
                return;
            }
            var buffer = buffers.TryTake(out var used) ? used : new ExampleBlock();
            change(Read(number, buffer));
            buffer.Write(_file!, _positions[number]);
            buffers.Add(buffer);
        });
    }

    /// <summary>Number of examples of a block.</summary>
    public int RowsOf(int number) => (int)((number + 1 < _firstRows.Count ? _firstRows[number + 1] : Rows) - _firstRows[number]);

    /// <summary>Number of a block's first example.</summary>
    public long FirstRowOf(int number) => _firstRows[number];

    /// <summary>Closes and deletes the file.</summary>
    public void Dispose()
    {
        _file?.Dispose();
        _file = null;
        _blocks.Clear();
    }
}
