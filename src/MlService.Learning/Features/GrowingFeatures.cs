using System.Runtime.CompilerServices;

namespace MlService.Learning.Features;

/// <summary>A vocabulary that grows, as in training: unknown features get an id, and occurrences are counted.</summary>
internal readonly struct GrowingFeatures : IFeatureSpace<GrowingFeatures.Token>
{
    private readonly FeatureVocabulary _vocabulary;

    /// <summary>Grows a vocabulary, which is for this thread alone then.</summary>
    public GrowingFeatures(FeatureVocabulary vocabulary)
    {
        vocabulary.EnsureIndexed();
        _vocabulary = vocabulary;
    }

    /// <summary>A token with its key and where it stands in its text.</summary>
    internal struct Token
    {
        public TokenKey Key;
        public int Start;
        public int Length;
    }

    /// <inheritdoc/>
    public static bool HasApproach => true;

    /// <inheritdoc/>
    public int Generation => _vocabulary.Generation;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Begin(int slot, ReadOnlySpan<byte> token, int start, ref Token begun)
    {
        begun.Key = TokenKey.OfPadded(slot, token);
        begun.Start = start;
        begun.Length = token.Length;
        _vocabulary.Prefetch(begun.Key);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Approach(in Token token) => _vocabulary.PrefetchEntry(token.Key);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Place(in Token token) => _vocabulary.PlaceAtOnce(token.Key);

    /// <inheritdoc/>
    public int FindPlace(in Token token, ReadOnlySpan<byte> text) => token.Length <= FeatureVocabulary.MaxTokenBytes
        ? _vocabulary.GetOrAddPlace(text.Slice(token.Start, token.Length), token.Key)
        : FeaturePlace.None;

    /// <inheritdoc/>
    public int PlaceOf(int slot, ReadOnlySpan<byte> token) => _vocabulary.PlaceOf(_vocabulary.GetOrAdd(slot, token));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int IdAt(int place) => _vocabulary.IdAt(place);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Take(int place) => _vocabulary.CountAt(place);

    /// <inheritdoc/>
    public void Weigh(ReadOnlySpan<int> ids, Span<float> values)
    {
    }
}
