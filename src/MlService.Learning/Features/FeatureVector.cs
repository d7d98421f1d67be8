using System.Runtime.CompilerServices;

namespace MlService.Learning.Features;

/// <summary>
/// The active features of one record: ids and values side by side, in the order in which the recipe's outputs
/// produced them. Reused from record to record, so that nothing is allocated per row.
/// </summary>
internal sealed class FeatureVector
{
    private int[] _ids = new int[64];
    private float[] _values = new float[64];

    /// <summary>Number of active features.</summary>
    public int Count { get; private set; }

    /// <summary>Ids of the active features.</summary>
    public ReadOnlySpan<int> Ids => _ids.AsSpan(0, Count);

    /// <summary>Values of the active features, beside <see cref="Ids"/>; 1 for a token.</summary>
    public ReadOnlySpan<float> Values => _values.AsSpan(0, Count);

    /// <summary>Forgets all features.</summary>
    public void Clear() => Count = 0;

    /// <summary>Adds one active feature.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(int id, float value)
    {
        var count = Count;
        if (count >= _values.Length)
            Grow();
        _ids[count] = id;
        _values[count] = value;
        Count = count + 1;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow()
    {
        Array.Resize(ref _ids, Count * 2);
        Array.Resize(ref _values, Count * 2);
    }
}
