using System.Runtime.CompilerServices;

namespace MlService.Learning.Statistics;

/// <summary>The row that columns take in: its cells, and its words where the row sample wants it. Reused from row to row.</summary>
internal sealed class SampledRow(int columns)
{
    private uint[] _words = new uint[256];
    private int _used;
    private int _textStart;

    public ulong[] Cells { get; } = new ulong[columns];

    /// <summary>Differs from row to row; never 0.</summary>
    public uint Stamp { get; private set; }

    /// <summary>Whether the row sample wants this row, and so its words.</summary>
    public bool IsWanted { get; private set; }

    /// <summary>For each text column in order, the number of its words and their hashes.</summary>
    public ReadOnlySpan<uint> Words => _words.AsSpan(0, _used);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Begin(bool isWanted)
    {
        if (++Stamp == 0)
            Stamp = 1;
        IsWanted = isWanted;
        _used = 0;
    }

    public void BeginText()
    {
        _textStart = _used;
        Push(0);
    }

    public void AddWord(ulong hash, int most)
    {
        if (_words[_textStart] == most)
            return;
        _words[_textStart]++;
        Push(Short(hash));
    }

    /// <summary>The part of a word's hash that the sample keeps.</summary>
    public static uint Short(ulong hash) => (uint)(hash >> 32);

    private void Push(uint value)
    {
        if (_used == _words.Length)
            Array.Resize(ref _words, _used * 2);
        _words[_used++] = value;
    }
}
