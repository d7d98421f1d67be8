using System.Runtime.CompilerServices;

namespace MlService.Learning.Features;

/// <summary>
/// Some tokens of one output on their way to the vocabulary, in three steps: <see cref="Add"/> hashes a token and asks for its line of
/// the table, <see cref="Approach"/> for its entry, <see cref="Place"/> compares. Other work between the steps hides how long memory takes.
/// </summary>
internal sealed class TokenLookup(int slot, FeatureVocabulary vocabulary, int capacity)
{
    private struct Token
    {
        public TokenKey Key;
        public int Start;
        public int Length;
    }

    private readonly Token[] _tokens = new Token[capacity];

    /// <summary>Number of tokens.</summary>
    public int Count { get; private set; }

    /// <summary>Whether no token can be added.</summary>
    public bool IsFull => Count == _tokens.Length;

    /// <summary>Removes all tokens.</summary>
    public void Clear() => Count = 0;

    /// <summary>Adds a token.</summary>
    /// <param name="token">The token.</param>
    /// <param name="readable">Bytes that may be read from its begin.</param>
    /// <param name="start">Where it begins in its text.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(ReadOnlySpan<byte> token, int readable, int start = 0)
    {
        ref var added = ref _tokens[Count++];
        added.Key = new TokenKey(slot, token, readable);
        added.Start = start;
        added.Length = token.Length;
        vocabulary.Prefetch(added.Key);
    }

    /// <summary>Asks for the entries of all tokens.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Approach()
    {
        for (var i = 0; i < Count; i++)
            vocabulary.PrefetchEntry(_tokens[i].Key);
    }

    /// <summary>The place of a token in the vocabulary, or -1.</summary>
    /// <param name="index">Which token.</param>
    /// <param name="text">The text that it came from.</param>
    /// <param name="grow">Whether an unknown token gets a place.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Place(int index, ReadOnlySpan<byte> text, bool grow)
    {
        ref readonly var token = ref _tokens[index];
        var place = vocabulary.PlaceAtOnce(token.Key);
        return place >= 0 ? place : PlaceSlowly(token, text.Slice(token.Start, token.Length), grow);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int PlaceSlowly(in Token token, ReadOnlySpan<byte> text, bool grow) =>
        !grow ? vocabulary.FindPlace(text, token.Key)
        : text.Length <= FeatureVocabulary.MaxTokenBytes ? vocabulary.GetOrAddPlace(text, token.Key)
        : -1;
}
