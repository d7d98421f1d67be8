namespace MlService.Learning.Features;

/// <summary>
/// Bytes of all tokens of a vocabulary, one after another in chunks. A chunk never moves, and there may be any number of
/// them, so an arena may pass 2 GB and its growth copies nothing. A position is chunk × 2³² + offset.
/// </summary>
internal sealed class TokenArena
{
    private const int FirstChunk = 4 * 1024;
    private const int LargestChunk = 16 * 1024 * 1024;

    private readonly List<byte[]> _chunks = [];
    private int _used;

    /// <summary>Bytes of the chunks.</summary>
    public long Capacity { get; private set; }

    /// <summary>An arena that begins with the tokens of this one, in the same memory, and puts its own elsewhere.</summary>
    public TokenArena Fork()
    {
        var fork = new TokenArena { Capacity = Capacity, _used = _chunks.Count == 0 ? 0 : _chunks[^1].Length };
        fork._chunks.AddRange(_chunks);
        return fork;
    }

    /// <summary>Appends a token and returns its position.</summary>
    public long Add(ReadOnlySpan<byte> token)
    {
        if (_chunks.Count == 0 || _chunks[^1].Length - _used < token.Length)
            AddChunk(token.Length);
        token.CopyTo(_chunks[^1].AsSpan(_used));
        var position = (long)(_chunks.Count - 1) << 32 | (uint)_used;
        _used += token.Length;
        return position;
    }

    /// <summary>The bytes at a position that <see cref="Add"/> returned.</summary>
    public ReadOnlySpan<byte> Get(long position, int length) => _chunks[(int)(position >> 32)].AsSpan((int)position, length);

    private void AddChunk(int least)
    {
        var length = (int)Math.Clamp(Capacity, FirstChunk, LargestChunk);
        _chunks.Add(new byte[Math.Max(length, least)]);
        Capacity += _chunks[^1].Length;
        _used = 0;
    }
}
