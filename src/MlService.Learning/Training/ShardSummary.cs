using MlService.Learning.Features;

namespace MlService.Learning.Training;

/// <summary>What a shard tells the coordinator when all its rows are encoded.</summary>
public sealed class ShardSummary
{
    internal ShardSummary(FeatureVocabulary vocabulary, Dictionary<int, ValueMoments> numbers, ValueMoments target, long[] labelCounts)
    {
        Vocabulary = vocabulary;
        Numbers = numbers;
        Target = target;
        LabelCounts = labelCounts;
    }

    /// <summary>The shard's features with the number of examples that have them.</summary>
    public FeatureVocabulary Vocabulary { get; }

    /// <summary>Rows that became examples.</summary>
    public long Examples { get; internal init; }

    /// <summary>Rows without a valid target: left out.</summary>
    public long InvalidRows { get; internal init; }

    /// <summary>Rows that could not be read as records: left out.</summary>
    public long RejectedRows { get; internal init; }

    /// <summary>Features of all examples together.</summary>
    public long Occurrences { get; internal init; }

    /// <summary>Values other than 1, by the shard's feature id.</summary>
    internal Dictionary<int, ValueMoments> Numbers { get; }

    /// <summary>Labels of a regression.</summary>
    internal ValueMoments Target { get; }

    /// <summary>Examples by class; BINARY: 0 and 1.</summary>
    internal long[] LabelCounts { get; }
}
