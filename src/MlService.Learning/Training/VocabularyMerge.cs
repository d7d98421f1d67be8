using MlService.Learning.Features;

namespace MlService.Learning.Training;

/// <summary>The vocabularies of all shards as one, numbered by falling frequency.</summary>
internal sealed class VocabularyMerge
{
    /// <summary>Merges.</summary>
    /// <param name="shards">One summary per shard, in their order.</param>
    /// <param name="most">Greatest number of features to learn about, at least 0: the rarest beyond are left out.</param>
    public VocabularyMerge(IReadOnlyList<ShardSummary> shards, int most)
    {
        // Of a single shard the ids are already the common ones.
        var all = shards.Count == 1 ? shards[0].Vocabulary : shards[0].Vocabulary.Copy();
        int[]?[] common = [null, .. shards.Skip(1).Select(shard => all.Merge(shard.Vocabulary))];
        FeaturesSeen = all.Count;
        Vocabulary = all.ByFrequency(most, out var ids);
        Maps = [.. shards.Zip(common, (shard, map) => ToNumbering(shard.Vocabulary.NextId, map, ids))];
        for (var shard = 0; shard < shards.Count; shard++)
            foreach (var (local, moments) in shards[shard].Numbers)
                if (Maps[shard][local] is >= 0 and var id)
                {
                    var sum = Numbers.GetValueOrDefault(id);
                    sum.Merge(moments);
                    Numbers[id] = sum;
                }
        var target = new ValueMoments();
        foreach (var shard in shards)
            target.Merge(shard.Target);
        Target = target;
    }

    public FeatureVocabulary Vocabulary { get; }

    public int FeaturesSeen { get; }

    public IReadOnlyList<int[]> Maps { get; }

    public Dictionary<int, ValueMoments> Numbers { get; } = [];

    public ValueMoments Target { get; }

    // From a shard's ids by the common ones to those by frequency.
    private static int[] ToNumbering(int count, int[]? common, int[] ids)
    {
        if (common is null)
            return ids[..count];
        for (var local = 0; local < count; local++)
            common[local] = common[local] < 0 ? -1 : ids[common[local]];
        return common;
    }
}
