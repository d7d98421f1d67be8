namespace MlService.Learning.Training;

/// <summary>Room for the blocks of one store, cut from large arrays.</summary>
internal sealed class ExampleMemory
{
    // The first ones are smaller, for small data.
    private const int LeastChunk = 1 << 19, MostChunk = 1 << 22;

    // Smaller room is not worth a place among large arrays.
    private const int LeastPart = 1 << 14;

    private ArraySegment<int> _chunk = [];   // what is left of it
    private int _length = LeastChunk / 2;

    /// <summary>Room for so many integers, not cleared.</summary>
    public ArraySegment<int> Take(int length)
    {
        if (length < LeastPart)
            return GC.AllocateUninitializedArray<int>(length);
        if (_chunk.Count < length)
        {
            // The more large arrays are in use, the more garbage of that kind the collector lets lie; so these have a heap of their own.
            _length = Math.Max(length, Math.Min(2 * _length, MostChunk));
            _chunk = LargeArray.AllocateAligned<int>(_length);
        }
        var room = _chunk[..length];
        _chunk = _chunk[length..];
        return room;
    }
}
