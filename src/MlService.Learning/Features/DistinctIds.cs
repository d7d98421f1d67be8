using System.Numerics;

namespace MlService.Learning.Features;

/// <summary>
/// A set of ids that is filled and emptied for each output of a record and keeps its memory. Open addressing; an element
/// counts only while it bears the present round, so emptying costs nothing.
/// </summary>
internal sealed class DistinctIds
{
    private ulong[] _table = new ulong[256];     // high half: round, low half: id
    private int _count;
    private uint _round = 1;

    /// <summary>Removes all ids.</summary>
    public void Clear()
    {
        _count = 0;
        if (++_round != 0)
            return;
        Array.Clear(_table);
        _round = 1;
    }

    /// <summary>Adds an id, and tells whether it is new.</summary>
    public bool Add(int id)
    {
        if (_count * 2 >= _table.Length)
            Grow();
        if (!TryInsert((uint)id))
            return false;
        _count++;
        return true;
    }

    private bool TryInsert(uint id)
    {
        var wanted = (ulong)_round << 32 | id;
        // Fibonacci hashing: the golden ratio's multiples spread neighbouring ids evenly (Knuth, TAOCP 3, 6.4).
        var index = id * 0x9E37_79B1u >> (32 - BitOperations.Log2((uint)_table.Length));
        for (; ; index = (index + 1) & (uint)(_table.Length - 1))
        {
            if (_table[index] == wanted)
                return false;
            if ((uint)(_table[index] >> 32) == _round)
                continue;
            _table[index] = wanted;
            return true;
        }
    }

    private void Grow()
    {
        var old = _table;
        _table = new ulong[old.Length * 2];
        foreach (var stored in old)
            if ((uint)(stored >> 32) == _round)
                TryInsert((uint)stored);
    }
}
