using MlService.Learning.Features;

namespace MlService.Learning.Training;

/// <summary>
/// What the tokens of <c>tfidf</c> outputs count while learning: their <see cref="TokenRarity"/> divided by the record's length, times the
/// root of the number of tokens that a record has on average. Steps then are as long as with tokens that count 1; the model has
/// this factor in its weights.
/// </summary>
internal sealed class TokenWeights
{
    private const byte NoGroup = byte.MaxValue;
    private const int MaxGroups = NoGroup;

    private readonly float[] _weights;  // by feature
    private readonly byte[] _groups;    // by feature: the output that it belongs to, or NoGroup
    private readonly float[] _scales;   // by output

    private TokenWeights(float[] weights, byte[] groups, float[] scales) => (_weights, _groups, _scales) = (weights, groups, scales);

    /// <summary>No output weighs its tokens.</summary>
    public static TokenWeights None { get; } = new([], [], []);

    /// <summary>Whether no output weighs its tokens.</summary>
    public bool IsEmpty => _scales.Length == 0;

    /// <summary>Number of features, of which some are such tokens.</summary>
    public int Features => _weights.Length;

    /// <summary>Number of outputs that weigh their tokens.</summary>
    public int Groups => _scales.Length;

    /// <summary>Weighs the tokens of a vocabulary.</summary>
    /// <param name="plan">Which outputs do.</param>
    /// <param name="vocabulary">All features.</param>
    /// <param name="examples">Number of examples.</param>
    /// <param name="scales">Whether the learner's steps depend on how large values are.</param>
    /// <exception cref="InvalidInputException">Too many outputs do.</exception>
    public static TokenWeights Of(FeaturePlan plan, FeatureVocabulary vocabulary, long examples, bool scales)
    {
        int[] slots = [.. Enumerable.Range(0, plan.SlotCount).Where(slot => plan.Slots[slot].Kind == PlanSlotKind.WeightedTokens)];
        if (slots.Length == 0)
            return None;
        if (slots.Length > MaxGroups)
            throw new InvalidInputException($"Recipe: outputs: {slots.Length} variables are tfidf(…); at most {MaxGroups} may be.");
        var groupOf = slots.Select((slot, group) => (slot, group)).ToDictionary(pair => pair.slot, pair => (byte)pair.group);
        var (weights, groups) = (new float[vocabulary.Count], new byte[vocabulary.Count]);
        var tokens = new long[slots.Length];
        for (var id = 0; id < weights.Length; id++)
        {
            groups[id] = groupOf.GetValueOrDefault(vocabulary.Slot(id), NoGroup);
            if (groups[id] == NoGroup)
                continue;
            weights[id] = TokenRarity.Of(vocabulary.Occurrences(id), examples);
            tokens[groups[id]] += vocabulary.Occurrences(id);
        }
        return new(weights, groups, [.. tokens.Select(count => scales ? MathF.Sqrt(Math.Max(1, (float)count / examples)) : 1)]);
    }

    /// <summary>Whether a feature is a token that is weighed.</summary>
    public bool Has(int id) => (uint)id < (uint)_groups.Length && _groups[id] != NoGroup;

    /// <summary>What the values of a feature are multiplied by while learning, beyond what a scorer does.</summary>
    public float ScaleOf(int id) => Has(id) ? _scales[_groups[id]] : 1;

    /// <summary>Weighs the tokens of one example.</summary>
    /// <param name="ids">Its features, among others those tokens.</param>
    /// <param name="values">Their values; replaced for those tokens.</param>
    /// <param name="squares">Working space, an element per group.</param>
    public void Apply(ReadOnlySpan<int> ids, Span<float> values, Span<float> squares)
    {
        squares.Clear();
        for (var i = 0; i < ids.Length; i++)
            if (Has(ids[i]))
            {
                values[i] = _weights[ids[i]];
                squares[_groups[ids[i]]] += values[i] * values[i];
            }
        for (var i = 0; i < ids.Length; i++)
            if (Has(ids[i]))
                values[i] *= _scales[_groups[ids[i]]] / MathF.Sqrt(squares[_groups[ids[i]]]);
    }

    /// <summary>Writes them for a shard in another process.</summary>
    public void Write(BinaryWriter writer)
    {
        ShardFormat.WriteArray<float>(writer, _weights);
        ShardFormat.WriteArray<byte>(writer, _groups);
        ShardFormat.WriteArray<float>(writer, _scales);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static TokenWeights Read(BinaryReader reader)
    {
        var weights = ShardFormat.ReadArray<float>(reader);
        var groups = ShardFormat.ReadArray<byte>(reader);
        var scales = ShardFormat.ReadArray<float>(reader);
        return groups.Length == weights.Length && groups.All(group => group == NoGroup || group < scales.Length)
            ? new(weights, groups, scales)
            : throw ShardFormat.Damaged("the weights of tokens do not belong together");
    }
}
