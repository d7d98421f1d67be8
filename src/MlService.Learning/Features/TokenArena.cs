using System.Buffers.Binary;

namespace MlService.Learning.Features;

/// <summary>
/// Long tokens of a vocabulary, each its length (int32) and its bytes, one after another in chunks. A chunk never moves, and there may be any number of
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

    /// <summary>Number of chunks.</summary>
    public int Chunks => _chunks.Count;

    /// <summary>
    /// An arena that begins with the chunks of others, in the same memory, and puts its own tokens elsewhere. A position in one of them moves up
    /// by the chunks of those before it (<see cref="Moved"/>).
    /// </summary>
    public static TokenArena Joined(IEnumerable<TokenArena> arenas)
    {
        var joined = new TokenArena();
        foreach (var arena in arenas)
        {
            joined._chunks.AddRange(arena._chunks);
            joined.Capacity += arena.Capacity;
        }
        // What is left of the last chunk is its owner's.
        joined._used = joined._chunks.Count == 0 ? 0 : joined._chunks[^1].Length;
        return joined;
    }

    /// <summary>A position after so many chunks were put before its own.</summary>
    public static long Moved(long position, int chunks) => position + ((long)chunks << 32);

    /// <summary>Appends a token and returns its position.</summary>
    public long Add(ReadOnlySpan<byte> token)
    {
        var bytes = sizeof(int) + token.Length;
        if (_chunks.Count == 0 || _chunks[^1].Length - _used < bytes)
            AddChunk(bytes);
        var room = _chunks[^1].AsSpan(_used, bytes);
        BinaryPrimitives.WriteInt32LittleEndian(room, token.Length);
        token.CopyTo(room[sizeof(int)..]);
        var position = (long)(_chunks.Count - 1) << 32 | (uint)_used;
        _used += bytes;
        return position;
    }

    /// <summary>The token at a position that <see cref="Add"/> returned.</summary>
    public ReadOnlySpan<byte> Get(long position)
    {
        var rest = _chunks[(int)(position >> 32)].AsSpan((int)position);
        return rest.Slice(sizeof(int), BinaryPrimitives.ReadInt32LittleEndian(rest));
    }

    private void AddChunk(int least)
    {
        var length = (int)Math.Clamp(Capacity, FirstChunk, LargestChunk);
        _chunks.Add(new byte[Math.Max(length, least)]);
        Capacity += _chunks[^1].Length;
        _used = 0;
    }
}
