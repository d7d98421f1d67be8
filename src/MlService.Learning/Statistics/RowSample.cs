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

    // A max-heap: the first key is the greatest of the sample, the next one to leave.
    private ulong[] _keys = [];
    private int[] _slots = [];
    private ulong[] _cells = [];
    private (int Start, int Length)[] _words = [];
    private uint[] _wordHashes = [];
    private int _wordsUsed;
    private int _wordsLive;
    private bool _isOrdered;

    public int Count { get; private set; }

    /// <summary>Bytes that <see cref="Write"/> writes after the number of rows.</summary>
    public int WrittenBytes => Count * (sizeof(ulong) * (1 + columns) + sizeof(int)) + _wordsLive * sizeof(uint);

    /// <summary>Whether a row with this key belongs to the sample as it stands.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Wants(ulong key) => Count < capacity || key < _keys[0];

    /// <summary>Adds a row that is wanted.</summary>
    /// <param name="key">Hash of the row's position.</param>
    /// <param name="cells">One cell a column.</param>
    /// <param name="words">Word hashes of its texts; the columns' parts follow each other, each after its length.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(ulong key, ReadOnlySpan<ulong> cells, ReadOnlySpan<uint> words)
    {
        _isOrdered = false;
        int slot;
        if (Count < capacity)
        {
            if (Count == _keys.Length)
                Grow();
            slot = Count;
            SiftUp(Count++, key, slot);
        }
        else
        {
            slot = _slots[0];
            SiftDown(key, slot);
        }
        cells.CopyTo(_cells.AsSpan(slot * columns, columns));
        StoreWords(slot, words);
    }

    public void Merge(RowSample other)
    {
        for (var i = 0; i < other.Count; i++)
        {
            if (Wants(other._keys[i]))
                Add(other._keys[i], other.Row(other._slots[i]), other.Words(other._slots[i]));
        }
    }

    /// <summary>
    /// The rows' slots in the order of their keys, which is a random order of the rows. They are moved so that they lie in this order:
    /// then a column is read forwards through memory, which is several times as fast as at random.
    /// </summary>
    public int[] OrderedSlots()
    {
        if (!_isOrdered)
            Order();
        return [.. Enumerable.Range(0, Count)];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Order()
    {
        var order = _slots[..Count];
        Array.Sort(_keys, order, 0, Count);
        var (cells, words) = (new ulong[_cells.Length], new (int Start, int Length)[_words.Length]);
        for (var i = 0; i < Count; i++)
        {
            Row(order[i]).CopyTo(cells.AsSpan(i * columns, columns));
            words[i] = _words[order[i]];
        }
        (_cells, _words) = (cells, words);
        // Falling keys are a max-heap.
        Array.Reverse(_keys, 0, Count);
        for (var i = 0; i < Count; i++)
            _slots[i] = Count - 1 - i;
        _isOrdered = true;
    }

    public ReadOnlySpan<ulong> Row(int slot) => _cells.AsSpan(slot * columns, columns);

    public ReadOnlySpan<uint> Words(int slot) => _wordHashes.AsSpan(_words[slot].Start, _words[slot].Length);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Write(BinaryWriter writer)
    {
        writer.Write(Count);
        for (var i = 0; i < Count; i++)
        {
            writer.Write(_keys[i]);
            writer.Write(MemoryMarshal.AsBytes(Row(_slots[i])));
            var words = Words(_slots[i]);
            writer.Write(words.Length);
            writer.Write(MemoryMarshal.AsBytes(words));
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

    private void Grow()
    {
        var size = Math.Min(capacity, Math.Max(64, Count * 2));
        Array.Resize(ref _keys, size);
        Array.Resize(ref _slots, size);
        Array.Resize(ref _cells, size * columns);
        Array.Resize(ref _words, size);
    }

    private void StoreWords(int slot, ReadOnlySpan<uint> words)
    {
        _wordsLive += words.Length - _words[slot].Length;
        _words[slot] = default;
        if (_wordHashes.Length - _wordsUsed < words.Length)
        {
            var old = _wordHashes;
            _wordHashes = new uint[Math.Max(1024, _wordsLive * 2)];
            _wordsUsed = 0;
            for (var i = 0; i < Count; i++)
            {
                var (start, length) = _words[i];
                old.AsSpan(start, length).CopyTo(_wordHashes.AsSpan(_wordsUsed));
                _words[i] = (_wordsUsed, length);
                _wordsUsed += length;
            }
        }
        words.CopyTo(_wordHashes.AsSpan(_wordsUsed));
        _words[slot] = (_wordsUsed, words.Length);
        _wordsUsed += words.Length;
    }

    private void SiftUp(int at, ulong key, int slot)
    {
        while (at > 0 && _keys[at - 1 >> 1] < key)
        {
            (_keys[at], _slots[at]) = (_keys[at - 1 >> 1], _slots[at - 1 >> 1]);
            at = at - 1 >> 1;
        }
        (_keys[at], _slots[at]) = (key, slot);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void SiftDown(ulong key, int slot)
    {
        var at = 0;
        for (var child = 1; child < Count; child = 2 * at + 1)
        {
            if (child + 1 < Count && _keys[child + 1] > _keys[child])
                child++;
            if (_keys[child] <= key)
                break;
            (_keys[at], _slots[at]) = (_keys[child], _slots[child]);
            at = child;
        }
        (_keys[at], _slots[at]) = (key, slot);
    }
}
