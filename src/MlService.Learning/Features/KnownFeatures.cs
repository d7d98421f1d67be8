using System.Runtime.CompilerServices;

namespace MlService.Learning.Features;

/// <summary>The features of a model, as in scoring: unknown ones are left out. Any number of encoders may share the index.</summary>
internal readonly struct KnownFeatures(FeatureIndex index) : IFeatureSpace<ulong>
{
    /// <inheritdoc/>
    public static bool HasApproach => false;

    /// <inheritdoc/>
    public int Generation => 0;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Begin(int slot, ReadOnlySpan<byte> token, int start, ref ulong begun)
    {
        begun = FeatureIndex.HashOf(TokenKey.OfPadded(slot, token));
        index.Prefetch(begun);
    }

    /// <inheritdoc/>
    public void Approach(in ulong token)
    {
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Place(in ulong token) => index.FindPlaceAtOnce(token);

    /// <inheritdoc/>
    public int FindPlace(in ulong token, ReadOnlySpan<byte> text) => index.FindPlace(token);

    /// <inheritdoc/>
    public int PlaceOf(int slot, ReadOnlySpan<byte> token) => index.FindPlace(slot, token);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int IdAt(int place) => index.IdAt(place);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Take(int place) => index.IdAt(place);

    /// <inheritdoc/>
    public void Weigh(ReadOnlySpan<int> ids, Span<float> values)
    {
        float squares = 0;
        for (var i = 0; i < ids.Length; i++)
        {
            values[i] = index.Rarity(ids[i]);
            squares += values[i] * values[i];
        }
        var length = MathF.Sqrt(squares);
        foreach (ref var value in values)
            value /= length;
    }
}
