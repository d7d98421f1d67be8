using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MlService.Learning.Statistics;

/// <summary>
/// A uniform sample of rows without replacement: those with the smallest hashes of their positions. It depends on the data
/// only, not on how it was sharded. Each row is a cell per column (a number's bits, a hash, a marker) and
/// the word hashes of its texts.
/// </summary>
/// <remarks>Bottom-k sampling: Cohen and Kaplan, "Summarizing data using bottom-k sketches", PODC 2007.</remarks>
internal sealed class RowSample(int columns, int capacity)
{
    /// <summary>Cell of a missing value. Both markers are NaN payloads that no parsed number has.</summary>
    public const ulong Missing = 0x7FF8_0000_0000_0001;

    /// <summary>Cell of a value that its type does not allow.</summary>
    public const ulong Invalid = 0x7FF8_0000_0000_0002;

    private const int FirstRows = 64, Growth = 4;

    // Rows lie in the order in which they came; where one was cut off, the last one takes its place.
    private ulong[] _keys = [];
    private ulong[] _cells = [];
    private (int Start, int Length)[] _words = [];
    private uint[] _wordHashes = [];
    private int _wordsUsed;
    private int _held;
    private ulong _limit = ulong.MaxValue;
    private SampledColumns? _ordered;

    /// <summary>Whether a row with this key may belong to the sample as it stands.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Wants(ulong key) => key < _limit;

    /// <summary>Adds a row that is wanted.</summary>
    /// <param name="key">Hash of the row's position.</param>
    /// <param name="cells">One cell a column.</param>
    /// <param name="words">Word hashes of its texts; the columns' parts follow each other, each after its length.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(ulong key, ReadOnlySpan<ulong> cells, ReadOnlySpan<uint> words)
    {
        if (_held == _keys.Length)
            MakeRoom();
        if (!Wants(key))
            return; // any more
        if (_wordHashes.Length - _wordsUsed < words.Length)
            MakeRoomForWords(words.Length);
        _ordered = null;
        _keys[_held] = key;
        cells.CopyTo(_cells.AsSpan(_held * columns, columns));
        _words[_held++] = (_wordsUsed, words.Length);
        words.CopyTo(_wordHashes.AsSpan(_wordsUsed));
        _wordsUsed += words.Length;
    }

    public void Merge(RowSample other)
    {
        other.Cut();
        for (var row = 0; row < other._held; row++)
        {
            if (Wants(other._keys[row]))
                Add(other._keys[row], other.Row(row), other.Words(row));
        }
    }

    /// <summary>The rows in the order of their keys, which is a random order.</summary>
    public SampledColumns Ordered()
    {
        Cut();
        return _ordered ??= Order();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Write(SketchWriter writer)
    {
        Cut();
        writer.Int(_held);
        for (var row = 0; row < _held; row++)
        {
            var words = Words(row);
            writer.ULong(_keys[row]);
            writer.Bytes(MemoryMarshal.AsBytes(Row(row)));
            writer.Int(words.Length);
            writer.Bytes(MemoryMarshal.AsBytes(words));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static RowSample Read(SketchReader reader, int columns, int capacity)
    {
        var sample = new RowSample(columns, capacity);
        var rows = reader.Items(8 + columns * 8 + 4, capacity);
        for (var row = 0; row < rows; row++)
        {
            var key = reader.ULong();
            var cells = MemoryMarshal.Cast<byte, ulong>(reader.Bytes(columns * 8));
            sample.Add(key, cells, MemoryMarshal.Cast<byte, uint>(reader.Bytes(4 * reader.Items(4))));
        }
        return sample;
    }

    private ReadOnlySpan<ulong> Row(int row) => _cells.AsSpan(row * columns, columns);

    private ReadOnlySpan<uint> Words(int row) => _wordHashes.AsSpan(_words[row].Start, _words[row].Length);

    private void MakeRoom()
    {
        var most = SmallestKeys.Slack(capacity);
        if (_held == most)
        {
            Cut();
            return;
        }
        var size = Math.Max(FirstRows, _held * Growth);
        size = size > most / 2 ? most : size;
        Resize(ref _keys, _held, size);
        Resize(ref _cells, _held * columns, size * columns);
        Resize(ref _words, _held, size);
    }

    // Not cleared: what no row has been written to is not read.
    private static void Resize<T>(ref T[] array, int used, int size)
    {
        var larger = GC.AllocateUninitializedArray<T>(size);
        array.AsSpan(0, used).CopyTo(larger);
        array = larger;
    }

    /// <summary>Lets those rows go whose keys are not among the smallest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Cut()
    {
        if (_held <= capacity)
            return;
        _limit = SmallestKeys.Limit(_keys.AsSpan(0, _held), capacity);
        for (var row = 0; row < _held;)
        {
            if (_keys[row] < _limit)
            {
                row++;
                continue;
            }
            _held--;
            _keys[row] = _keys[_held];
            _words[row] = _words[_held];
            Row(_held).CopyTo(_cells.AsSpan(row * columns, columns));
        }
    }

    /// <summary>Makes room for the words of one more row, where those of rows that were cut off lay or in new memory.</summary>
    private void MakeRoomForWords(int length)
    {
        var live = 0;
        for (var row = 0; row < _held; row++)
            live += _words[row].Length;
        var old = _wordHashes;
        _wordHashes = ArrayPool<uint>.Shared.Rent(Math.Max(1024, 2 * (live + length)));
        _wordsUsed = 0;
        for (var row = 0; row < _held; row++)
        {
            var (start, words) = _words[row];
            old.AsSpan(start, words).CopyTo(_wordHashes.AsSpan(_wordsUsed));
            _words[row] = (_wordsUsed, words);
            _wordsUsed += words;
        }
        ArrayPool<uint>.Shared.Return(old);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private SampledColumns Order()
    {
        var rows = new int[_held];
        var starts = new int[_held + 1];
        for (var row = 0; row < rows.Length; row++)
        {
            rows[row] = row;
            starts[^1] += _words[row].Length;
        }
        Array.Sort(_keys.AsSpan(0, _held).ToArray(), rows);
        var cells = GC.AllocateUninitializedArray<ulong>(_held * columns);
        var words = new uint[starts[^1]];
        for (var place = 0; place < rows.Length; place++)
        {
            var ofRow = Words(rows[place]);
            starts[place + 1] = starts[place] + ofRow.Length;
            ofRow.CopyTo(words.AsSpan(starts[place]));
            var row = Row(rows[place]);
            for (var column = 0; column < row.Length; column++)
                cells[column * rows.Length + place] = row[column];
        }
        return new SampledColumns(rows.Length, cells, words, starts);
    }
}
