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
        Vocabulary = FeatureVocabulary.ByFrequency([.. shards.Select(shard => shard.Vocabulary)], most, out var maps, out var seen);
        (Maps, FeaturesSeen) = (maps, seen);
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
}
