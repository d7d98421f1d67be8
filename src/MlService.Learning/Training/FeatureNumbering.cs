using MlService.Learning.Features;

namespace MlService.Learning.Training;

/// <summary>
/// The one numbering of all shards' features, by falling frequency, and how numbers are centred and scaled. Goes from the
/// coordinator to every shard.
/// </summary>
public sealed class FeatureNumbering
{
    internal FeatureNumbering(FeatureVocabulary vocabulary, IReadOnlyList<int[]> maps, Dictionary<int, ValueMoments> numbers, ValueMoments target)
    {
        Vocabulary = vocabulary;
        Maps = maps;
        Numbers = numbers;
        Target = target;
    }

    /// <summary>All kept features.</summary>
    public FeatureVocabulary Vocabulary { get; }

    /// <summary>By shard: for each of its ids the id here, or −1 for a feature that is not kept.</summary>
    internal IReadOnlyList<int[]> Maps { get; }

    /// <summary>Features that are numbers, not tokens.</summary>
    internal Dictionary<int, ValueMoments> Numbers { get; }

    /// <summary>Labels of a regression: learned as (label − mean) / scale.</summary>
    internal ValueMoments Target { get; }

    /// <summary>One of so many examples is held out; 0 for none.</summary>
    public int HeldOutPeriod { get; internal init; }
}
