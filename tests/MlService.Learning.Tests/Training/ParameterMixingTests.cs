using MlService.Learning.Features;
using MlService.Learning.Training;

namespace MlService.Learning.Tests.Training;

public class ParameterMixingTests
{
    [Fact]
    public void AWeightIsAveragedByHowOftenEachShardHasItsFeature()
    {
        // "both" comes 3 times in the first shard and once in the second, "rare" in the second only.
        var shards = new[] { Summary(10, ("both", 3)), Summary(30, ("both", 1), ("rare", 2)) };
        var merge = new VocabularyMerge(shards, most: 10);
        Assert.Equal("both", System.Text.Encoding.UTF8.GetString(merge.Vocabulary.Token(0)));
        var learner = new LearnerState(0, 0.1, 2, 1, new float[2]);
        var parts = new[] { learner.Copy(), learner.Copy() };
        SetWeights(parts[0], 8, 0, 1);
        SetWeights(parts[1], 4, 6, 5);
        parts[0].Cells[1] = 3;
        parts[1].Cells[1] = 2.5f;

        new ParameterMixing(shards, merge).Mix([learner], [new PassResult([parts[0]], []), new PassResult([parts[1]], [])]);

        Assert.Equal((3 * 8 + 1 * 4) / 4f, learner.Cells[0], 1e-6f);
        Assert.Equal(6, learner.Cells[4], 1e-6f);
        Assert.Equal((10 * 1 + 30 * 5) / 40f, learner.Cells[8], 1e-6f);
        Assert.Equal(7, learner.Average[0], 1e-6f);
        // Squared gradients start at 1; the shards gained 2 and 1.5.
        Assert.Equal(1 + (3 * 2 + 1 * 1.5f) / 4, learner.Cells[1], 1e-6f);
    }

    private static void SetWeights(LearnerState learner, params float[] weights)
    {
        for (var feature = 0; feature < weights.Length; feature++)
            learner.Cells[feature * learner.Stride] = learner.Average[feature] = weights[feature];
    }

    private static ShardSummary Summary(long examples, params (string Token, int Occurrences)[] features)
    {
        var vocabulary = new FeatureVocabulary();
        foreach (var (token, occurrences) in features)
            vocabulary.AddOccurrences(vocabulary.GetOrAdd(0, System.Text.Encoding.UTF8.GetBytes(token)), occurrences);
        return new ShardSummary(vocabulary, [], default, [], []) { Examples = examples };
    }
}
