namespace MlService.Learning.Features;

/// <summary>
/// Where an encoder has the ids of features from. Implemented by structs, so that encoding is compiled for each of them. A token is looked up in
/// three steps: <see cref="Begin"/> hashes it and asks for the memory where it may be, <see cref="Approach"/> for what that leads to,
/// <see cref="Place"/> compares. Other work between them hides how long memory takes.
/// </summary>
/// <typeparam name="TToken">A token on its way.</typeparam>
internal interface IFeatureSpace<TToken> where TToken : struct
{
    /// <summary>Whether <see cref="Approach"/> does anything.</summary>
    static abstract bool HasApproach { get; }

    /// <summary>Goes up when places lose their meaning.</summary>
    int Generation { get; }

    /// <summary>Begins to look up a token.</summary>
    /// <param name="slot">Slot of the feature.</param>
    /// <param name="token">The token, padded (<see cref="Records.Record.Padding"/>).</param>
    /// <param name="start">Where it begins in its text.</param>
    /// <param name="begun">Becomes the token on its way; written in place, for it may be large.</param>
    void Begin(int slot, ReadOnlySpan<byte> token, int start, ref TToken begun);

    /// <summary>Asks for the memory that the token leads to.</summary>
    void Approach(in TToken token);

    /// <summary>The place of a token where that is soon known, <see cref="FeaturePlace.None"/>, or <see cref="FeaturePlace.NotYetKnown"/>.</summary>
    int Place(in TToken token);

    /// <summary>The place of a token, or <see cref="FeaturePlace.None"/> where it has none and gets none.</summary>
    /// <param name="token">The token.</param>
    /// <param name="text">The text that it came from.</param>
    int FindPlace(in TToken token, ReadOnlySpan<byte> text);

    /// <summary>The place of a feature, looked up at once, or -1.</summary>
    int PlaceOf(int slot, ReadOnlySpan<byte> token);

    /// <summary>The id of the feature at a place.</summary>
    int IdAt(int place);

    /// <summary>The id of the feature at a place, which a record has: once for each record.</summary>
    int Take(int place);

    /// <summary>Weighs the tokens of a <c>tfidf</c> output by <see cref="TokenRarity"/>; leaves NaN where that is not known yet.</summary>
    void Weigh(ReadOnlySpan<int> ids, Span<float> values);
}
