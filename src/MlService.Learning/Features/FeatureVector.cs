using System.Runtime.CompilerServices;

namespace MlService.Learning.Features;

/// <summary>
/// The active features of one record: tokens, which have the value 1, and numbers; each in the order in which the recipe's outputs
/// produced them. Reused from record to record, so that nothing is allocated per row.
/// </summary>
internal sealed class FeatureVector
{
    private int[] _tokens = new int[64];
    private int[] _numbers = new int[16];
    private float[] _values = new float[16];
    private int _tokenCount;
    private int _numberCount;

    /// <summary>Number of active features.</summary>
    public int Count => _tokenCount + _numberCount;

    /// <summary>Ids of the tokens.</summary>
    public ReadOnlySpan<int> Tokens => _tokens.AsSpan(0, _tokenCount);

    /// <summary>Ids of the numbers.</summary>
    public ReadOnlySpan<int> Numbers => _numbers.AsSpan(0, _numberCount);

    /// <summary>Values of the numbers, beside <see cref="Numbers"/>; NaN for a token of which it is not known yet how much it weighs.</summary>
    public ReadOnlySpan<float> Values => _values.AsSpan(0, _numberCount);

    /// <summary>Id and value of all features in the order of the recipe's outputs.</summary>
    /// <param name="slotOf">Tells the slot of an id.</param>
    public IReadOnlyList<(int Id, float Value)> InOrder(Func<int, int> slotOf)
    {
        var all = new List<(int Id, float Value)>(Count);
        for (var i = 0; i < _numberCount; i++)
            all.Add((_numbers[i], _values[i]));
        foreach (var id in Tokens)
            all.Add((id, 1));
        return [.. all.OrderBy(feature => slotOf(feature.Id))];
    }

    /// <summary>Turns tokens into numbers.</summary>
    /// <param name="first">The first of them; all after it too.</param>
    /// <param name="value">The value of each, which the caller may replace in what is returned.</param>
    /// <returns>Their ids and values, which may be changed.</returns>
    public (ReadOnlyMemory<int> Ids, Memory<float> Values) TokensToNumbers(int first, float value)
    {
        var begin = _numberCount;
        for (var i = first; i < _tokenCount; i++)
            AddNumber(_tokens[i], value);
        _tokenCount = first;
        return (_numbers.AsMemory(begin, _numberCount - begin), _values.AsMemory(begin, _numberCount - begin));
    }

    /// <summary>Forgets all features.</summary>
    public void Clear() => _tokenCount = _numberCount = 0;

    /// <summary>Adds a token.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddToken(int id)
    {
        var count = _tokenCount;
        if (count >= _tokens.Length)
            Array.Resize(ref _tokens, count * 2);
        _tokens[count] = id;
        _tokenCount = count + 1;
    }

    /// <summary>Adds a number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddNumber(int id, float value)
    {
        var count = _numberCount;
        if (count >= _values.Length)
            GrowNumbers();
        _numbers[count] = id;
        _values[count] = value;
        _numberCount = count + 1;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void GrowNumbers()
    {
        Array.Resize(ref _numbers, _numberCount * 2);
        Array.Resize(ref _values, _numberCount * 2);
    }
}
