using MlService.Learning.Features;

namespace MlService.Learning.Training;

/// <summary>
/// The one numbering of all shards' features, by falling frequency, and how numbers are centred and scaled. Goes from the
/// coordinator to every shard.
/// </summary>
internal sealed class FeatureNumbering
{
    private const int MaxShards = 1 << 20;

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

    /// <summary>What an example's row weight is multiplied by, by class (one factor in a regression): the products are 1 on average.</summary>
    internal float[] WeightFactors { get; init; } = [1];

    /// <summary>What the tokens of <c>tfidf</c> outputs count.</summary>
    internal TokenWeights TokenWeights { get; init; } = TokenWeights.None;

    /// <summary>So many of the first groups of examples (<see cref="HoldOut"/>) are held out; 0 for none.</summary>
    public int HeldOutGroups { get; internal init; }

    /// <summary>Writes for one shard in another process what it needs to know: not the vocabulary, and not the other shards' ids.</summary>
    /// <param name="stream">Stays open.</param>
    /// <param name="shard">Place of the shard among all, from 0.</param>
    public void Write(Stream stream, int shard) => ShardFormat.Write(stream, writer =>
    {
        writer.Write(shard);
        ShardFormat.WriteArray<int>(writer, Maps[shard]);
        ValueMoments.WriteById(writer, Numbers);
        Target.Write(writer);
        ShardFormat.WriteArray<float>(writer, WeightFactors);
        TokenWeights.Write(writer);
        writer.Write(HeldOutGroups);
    });

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="stream">Can seek; read to its end; stays open.</param>
    /// <returns>A numbering for <see cref="TrainingShard.Remap"/> of that shard; its vocabulary is empty.</returns>
    /// <exception cref="InvalidInputException">The bytes are damaged.</exception>
    public static FeatureNumbering Read(Stream stream) => ShardFormat.Read(stream, reader =>
    {
        var shard = reader.ReadInt32();
        if (shard is < 0 or > MaxShards)
            throw ShardFormat.Damaged($"shard {shard}");
        var maps = new int[shard + 1][];
        Array.Fill(maps, []);
        maps[shard] = ShardFormat.ReadArray<int>(reader);
        var numbers = ValueMoments.ReadById(reader);
        if (numbers.Keys.Any(id => id is < 0 or >= FeatureVocabulary.MaxIds))
            throw ShardFormat.Damaged("a number's feature is out of range");
        return new FeatureNumbering(new FeatureVocabulary(), maps, numbers, ValueMoments.Read(reader))
        {
            WeightFactors = ShardFormat.ReadArray<float>(reader),
            TokenWeights = TokenWeights.Read(reader),
            HeldOutGroups = reader.ReadInt32(),
        };
    });
}
