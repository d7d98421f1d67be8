using MlService.Learning.Features;

namespace MlService.Learning.Training;

/// <summary>What a shard tells the coordinator when all its rows are encoded.</summary>
internal sealed class ShardSummary
{
    internal ShardSummary(FeatureVocabulary vocabulary, Dictionary<int, ValueMoments> numbers, ValueMoments target, long[] labelCounts, double[] labelWeights)
    {
        Vocabulary = vocabulary;
        Numbers = numbers;
        Target = target;
        LabelCounts = labelCounts;
        LabelWeights = labelWeights;
    }

    /// <summary>The shard's features with the number of examples that have them.</summary>
    public FeatureVocabulary Vocabulary { get; }

    /// <summary>Rows that became examples.</summary>
    public long Examples { get; internal init; }

    /// <summary>Rows without a valid target, or with a row weight that is none: left out.</summary>
    public long InvalidRows { get; internal init; }

    /// <summary>Rows that could not be read as records: left out.</summary>
    public long RejectedRows { get; internal init; }

    /// <summary>Features of all examples together.</summary>
    public long Occurrences { get; internal init; }

    /// <summary>Values of the features that are numbers, by the shard's feature id.</summary>
    internal Dictionary<int, ValueMoments> Numbers { get; }

    /// <summary>Labels of a regression.</summary>
    internal ValueMoments Target { get; }

    /// <summary>Examples by class; BINARY: 0 and 1.</summary>
    internal long[] LabelCounts { get; }

    /// <summary>Sums of the row weights, by class; one sum in a regression.</summary>
    internal double[] LabelWeights { get; }

    /// <summary>Writes the summary for a coordinator in another process.</summary>
    /// <param name="stream">Stays open.</param>
    public void Write(Stream stream) => ShardFormat.Write(stream, writer =>
    {
        Vocabulary.WriteWithIds(writer);
        writer.Write(Examples);
        writer.Write(InvalidRows);
        writer.Write(RejectedRows);
        writer.Write(Occurrences);
        ValueMoments.WriteById(writer, Numbers);
        Target.Write(writer);
        ShardFormat.WriteArray<long>(writer, LabelCounts);
        ShardFormat.WriteArray<double>(writer, LabelWeights);
    });

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="stream">Can seek; read to its end; stays open.</param>
    /// <param name="setup">The training that the shard belongs to.</param>
    /// <exception cref="InvalidInputException">The bytes are damaged, or of another training.</exception>
    public static ShardSummary Read(Stream stream, TrainingSetup setup)
    {
        ArgumentNullException.ThrowIfNull(setup);
        return ShardFormat.Read(stream, reader =>
        {
            var vocabulary = FeatureVocabulary.ReadWithIds(reader, setup.Plan.SlotCount);
            var (examples, invalid, rejected, occurrences) = (reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64());
            var numbers = ValueMoments.ReadById(reader);
            if (numbers.Keys.Any(id => !vocabulary.Contains(id)))
                throw ShardFormat.Damaged("numbers of features that it does not have");
            return new ShardSummary(vocabulary, numbers, ValueMoments.Read(reader), ShardFormat.ReadArray<long>(reader), ShardFormat.ReadArray<double>(reader))
            {
                Examples = examples,
                InvalidRows = invalid,
                RejectedRows = rejected,
                Occurrences = occurrences,
            };
        });
    }
}
