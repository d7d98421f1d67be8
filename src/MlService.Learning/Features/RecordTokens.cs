using System.Buffers.Text;
using MlService.Learning.Records;
using MlService.Learning.Statistics;

namespace MlService.Learning.Features;

/// <summary>Tokens <paramref name="First"/> to <paramref name="First"/> + <paramref name="Count"/> - 1 of a record.</summary>
internal readonly record struct TokenRange(int First, int Count);

/// <summary>
/// The tokens of one record, of all its expressions, in one buffer that is used again for the next record. Memory is bounded,
/// whatever products and n-grams multiply to: over all expressions a record has at most <see cref="MaxTokens"/> tokens of
/// <see cref="MaxBytes"/> in sum. What would come after that, in the order of the recipe, is left out.
/// </summary>
/// <remarks>
/// Tokens that are added one by one lie side by side with one blank between, so that a run of words is itself a token: an
/// n-gram costs no copy.
/// </remarks>
internal sealed class RecordTokens
{
    public const int MaxTokens = 1 << 20;
    public const int MaxBytes = 1 << 26;

    private readonly record struct Token(int Start, int Length);

    private readonly FieldRange[] _words = new FieldRange[32];
    private byte[] _bytes = new byte[1024];
    private Token[] _tokens = new Token[64];
    private int _byteCount;
    private int _tokenCount;

    /// <summary>Number of tokens of all expressions.</summary>
    public int Count => _tokenCount;

    /// <summary>A token, padded (<see cref="Record.Padding"/>).</summary>
    public ReadOnlySpan<byte> this[int token] => _bytes.AsSpan(_tokens[token].Start, _tokens[token].Length);

    /// <summary>Forgets the last record.</summary>
    public void Clear() => _byteCount = _tokenCount = 0;

    public TokenRange Single(ReadOnlySpan<byte> token)
    {
        var first = _tokenCount;
        if (TryReserve(token.Length, out var room))
        {
            token.CopyTo(room);
            Commit(token.Length);
        }
        return Since(first);
    }

    /// <summary>The words of a padded text.</summary>
    public TokenRange Split(ReadOnlySpan<byte> text)
    {
        var first = _tokenCount;
        var position = 0;
        int count;
        do
        {
            count = TextTokenizer.Split(text, ref position, _words);
            foreach (var (start, length) in _words.AsSpan(0, count))
            {
                if (!TryReserve(length, out var room))
                    return Since(first);
                text.Slice(start, length).CopyTo(room);
                Commit(length);
            }
        }
        while (count == _words.Length);
        return Since(first);
    }

    /// <summary>The same tokens side by side.</summary>
    public TokenRange Copy(TokenRange source)
    {
        var first = _tokenCount;
        for (var i = source.First; i < source.First + source.Count && TryReserve(_tokens[i].Length, out var room); i++)
        {
            this[i].CopyTo(room);
            Commit(_tokens[i].Length);
        }
        return Since(first);
    }

    public TokenRange Lowercase(TokenRange source)
    {
        var first = _tokenCount;
        for (var i = source.First; i < source.First + source.Count; i++)
        {
            if (!TryReserve(TextTokenizer.MaxLowerLength(_tokens[i].Length), out var room))
                break;
            Commit(TextTokenizer.ToLower(this[i], room));
        }
        return Since(first);
    }

    /// <summary>The numbers of the groups of 2^<paramref name="bits"/> into which tokens fall by their hash, the same on every machine.</summary>
    public TokenRange Hash(TokenRange source, int bits)
    {
        const int mostDigits = 9;
        var first = _tokenCount;
        for (var i = source.First; i < source.First + source.Count && TryReserve(mostDigits, out var room); i++)
        {
            Utf8Formatter.TryFormat(Hash64.Of(this[i]) >> (64 - bits), room, out var length);
            Commit(length);
        }
        return Since(first);
    }

    public TokenRange LetterRuns(TokenRange source)
    {
        var first = _tokenCount;
        for (var i = source.First; i < source.First + source.Count; i++)
        {
            var position = 0;
            // The buffer may move while tokens are added: the word is looked up again each time.
            while (TextTokenizer.NextRun(this[i], ref position, out var run))
            {
                var start = position - run.Length;
                if (!TryReserve(run.Length, out var room))
                    return Since(first);
                this[i].Slice(start, room.Length).CopyTo(room);
                Commit(room.Length);
            }
        }
        return Since(first);
    }

    public TokenRange NoPunct(TokenRange source)
    {
        var first = _tokenCount;
        for (var i = source.First; i < source.First + source.Count && TryReserve(_tokens[i].Length, out var room); i++)
        {
            var word = TextTokenizer.TrimPunctuation(this[i]);
            if (word.IsEmpty)
                continue;
            word.CopyTo(room);
            Commit(word.Length);
        }
        return Since(first);
    }

    /// <summary>All runs of 1 to n tokens that lie side by side; the shorter runs first.</summary>
    public TokenRange Ngram(TokenRange source, int n)
    {
        var first = _tokenCount;
        var end = source.First + source.Count;
        for (var length = 1; length <= n; length++)
        {
            for (var i = source.First; i + length <= end; i++)
            {
                var last = _tokens[i + length - 1];
                if (!TryAdd(new Token(_tokens[i].Start, last.Start + last.Length - _tokens[i].Start)))
                    return Since(first);
            }
        }
        return Since(first);
    }

    /// <summary>Each token with each of the n - 1 that follow it, and as many underscores as it is steps away.</summary>
    public TokenRange Osb(TokenRange source, int n)
    {
        var first = _tokenCount;
        var end = source.First + source.Count;
        for (var i = source.First; i < end; i++)
        {
            for (var distance = 1; distance < n && i + distance < end; distance++)
            {
                var length = _tokens[i].Length + distance + _tokens[i + distance].Length;
                if (!TryReserve(length, out var room))
                    return Since(first);
                this[i].CopyTo(room);
                room.Slice(_tokens[i].Length, distance).Fill((byte)'_');
                this[i + distance].CopyTo(room[(_tokens[i].Length + distance)..]);
                Commit(length);
            }
        }
        return Since(first);
    }

    /// <summary>
    /// A token for each combination of the factors' tokens, joined by underscores. They end before the first one that is
    /// longer than a vocabulary takes.
    /// </summary>
    /// <param name="factors">The factors; where one has no token, there is no combination.</param>
    /// <param name="odometer">Working space, an element per factor.</param>
    public TokenRange Product(ReadOnlySpan<TokenRange> factors, Span<int> odometer)
    {
        var first = _tokenCount;
        foreach (var factor in factors)
            if (factor.Count == 0)
                return Since(first);
        odometer.Clear();
        do
        {
            long length = factors.Length - 1;
            for (var i = 0; i < factors.Length; i++)
                length += _tokens[factors[i].First + odometer[i]].Length;
            if (length > FeatureVocabulary.MaxTokenBytes || !TryReserve((int)length, out var room))
                return Since(first);
            for (var i = 0; i < factors.Length; i++)
            {
                var token = this[factors[i].First + odometer[i]];
                token.CopyTo(room);
                room = room[token.Length..];
                if (i < factors.Length - 1)
                {
                    room[0] = (byte)'_';
                    room = room[1..];
                }
            }
            Commit((int)length);
        }
        while (Advance(factors, odometer));
        return Since(first);
    }

    private static bool Advance(ReadOnlySpan<TokenRange> factors, Span<int> odometer)
    {
        for (var i = factors.Length - 1; i >= 0; i--)
        {
            if (++odometer[i] < factors[i].Count)
                return true;
            odometer[i] = 0;
        }
        return false;
    }

    private TokenRange Since(int first) => new(first, _tokenCount - first);

    /// <summary>Makes room for one more token of up to <paramref name="length"/> bytes, behind a blank.</summary>
    private bool TryReserve(int length, out Span<byte> room)
    {
        var needed = (long)_byteCount + length + 1;
        if (needed > MaxBytes || _tokenCount == MaxTokens)
        {
            room = default;
            return false;
        }
        if (needed + Record.Padding > _bytes.Length)
            Array.Resize(ref _bytes, (int)Math.Min(Math.Max(needed, _bytes.Length * 2L), MaxBytes) + Record.Padding);
        room = _bytes.AsSpan(_byteCount, length);
        return true;
    }

    private void Commit(int length)
    {
        TryAdd(new Token(_byteCount, length));
        _byteCount += length;
        _bytes[_byteCount++] = (byte)' ';
    }

    private bool TryAdd(Token token)
    {
        if (_tokenCount == MaxTokens)
            return false;
        if (_tokenCount == _tokens.Length)
            Array.Resize(ref _tokens, _tokenCount * 2);
        _tokens[_tokenCount++] = token;
        return true;
    }
}
