using System.Runtime.CompilerServices;
using MlService.Learning.Features;
using MlService.Learning.Models;
using MlService.Learning.Records;
using MlService.Learning.Schemas;

namespace MlService.Learning.Training;

/// <summary>
/// Turns records into stored examples and keeps the sums that the coordinator needs. Examples go to the store's groups and, if they
/// are to be shuffled, to one of many open blocks at random: a block is then a sample of a long stretch and not a run of neighbours.
/// </summary>
internal sealed class ExampleCollector
{
    private const int CheckEvery = 1024;
    private const int MostOpenBlocks = 64;
    private const int AsideShare = 20;  // of the largest group
    private const long LeastVocabularyBytes = 64L << 20;

    private readonly TargetEncoder _target;
    private readonly FeatureVocabulary _vocabulary = new();
    private readonly FeatureEncoder _encoder;
    private readonly FeatureVector _features = new();
    private readonly ExampleStore _store;
    private readonly ulong _seed;
    private readonly bool _shuffles;
    private readonly ExampleBlock[] _open;          // of the last group
    private readonly ExampleBlock[] _aside;         // one for each other group
    private readonly long _mostVocabularyBytes;
    private readonly Dictionary<int, int> _numberIndexes = [];
    private ShiftedMoments[] _numbers = new ShiftedMoments[16];
    private int[] _numberOf = [];       // by feature id: index of its moments + 1
    private ValueMoments _targets;
    private long _rows;
    private readonly long[] _labelCounts;
    private readonly double[] _labelWeights;
    private readonly int _weightIndex;
    private long _invalid;
    private long _pruneBelow = 2;

    /// <summary>Begins.</summary>
    /// <param name="setup">What all shards share.</param>
    /// <param name="shard">Place of the shard among all, from 0.</param>
    /// <param name="store">Receives the examples.</param>
    /// <param name="spill">Of the store.</param>
    /// <param name="bytes">Text to come, about: encoded it is about as much.</param>
    public ExampleCollector(TrainingSetup setup, int shard, ExampleStore store, ExampleSpill spill, long bytes)
    {
        _target = setup.Target;
        _encoder = setup.Plan.CreateEncoder(setup.Plan.Schema, _vocabulary);
        _store = store;
        _seed = Permutation.Mix((ulong)setup.Parameters.Seed, (ulong)shard);
        _shuffles = setup.Parameters.ShuffleType == ShuffleType.Auto;
        var most = _shuffles ? MostOpenBlocks : 1;
        var count = (int)Math.Max(1, Math.Min(most, Math.Min(bytes, spill.MemoryBytes / 8) / ExampleBlock.TargetBytes));
        _open = [.. Enumerable.Range(0, count).Select(_ => store.NewBlock(bytes / count))];
        _aside = [.. Enumerable.Range(0, HoldOut.Groups - 1).Select(_ => store.NewBlock(bytes / AsideShare))];
        _labelCounts = new long[setup.Target.Type == ModelType.Regression ? 0 : Math.Max(2, setup.Target.Classes.Count)];
        _labelWeights = new double[Math.Max(1, _labelCounts.Length)];
        _weightIndex = setup.Plan.Schema.RowWeightIndex;
        // A model of the greatest size has features of at least some 12 bytes; three times that in memory is room enough to
        // know the frequent ones from the rare.
        _mostVocabularyBytes = Math.Max(LeastVocabularyBytes, 3 * setup.Parameters.MaxModelSizeInBytes);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(in Record record, int targetIndex)
    {
        var weight = 1f;
        if (!_target.TryEncode(record[targetIndex], out var label) || (_weightIndex >= 0 && !TryWeight(record[_weightIndex], out weight)))
        {
            _invalid++;
            return;
        }
        if (_labelCounts.Length == 0)
            _targets.Add(label);
        else
            _labelCounts[(int)label]++;
        _labelWeights[_labelCounts.Length == 0 ? 0 : (int)label] += weight;
        var random = Permutation.Mix(_seed, (ulong)_rows++);
        // Apart from the others they could not keep the order of the file.
        var group = _shuffles ? HoldOut.GroupOf(random) : HoldOut.Groups - 1;
        ref var block = ref group < _aside.Length ? ref _aside[group] : ref _open[(int)(((random >> 32) * (ulong)_open.Length) >> 32)];
        block.PrefetchEnd();
        _encoder.Encode(record, _features);
        var numbers = _features.Numbers;
        var values = _features.Values;
        for (var i = 0; i < numbers.Length; i++)
            if (!float.IsNaN(values[i]))
                MomentsOf(numbers[i]).Add(values[i]);
        block.Add(label, weight, _features.Tokens, numbers, values);
        if (block.IsFull)
            block = _store.Append(block, group);
        if (_rows % CheckEvery == 0 && _vocabulary.MemoryBytes > _mostVocabularyBytes)
            PruneVocabulary();
    }

    public ShardSummary Finish(long rejected)
    {
        foreach (var block in _open)
            _store.Append(block, HoldOut.Groups - 1);
        for (var group = 0; group < _aside.Length; group++)
            _store.Append(_aside[group], group);
        var numbers = _numberIndexes.Where(pair => _vocabulary.Contains(pair.Key))
            .ToDictionary(pair => pair.Key, pair => _numbers[pair.Value].ToMoments());
        return new ShardSummary(_vocabulary, numbers, _targets, _labelCounts, _labelWeights)
        {
            Examples = _store.Rows,
            InvalidRows = _invalid,
            RejectedRows = rejected,
            Occurrences = _store.Occurrences,
        };
    }

    /// <summary>Reads a row's weight: a number from 0.</summary>
    private static bool TryWeight(ReadOnlySpan<byte> text, out float weight)
    {
        var isNumber = FieldValue.TryParseNumber(text, out var number);
        weight = (float)number;
        return isNumber && weight >= 0 && float.IsFinite(weight);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref ShiftedMoments MomentsOf(int id)
    {
        var numberOf = _numberOf;
        if ((uint)id >= (uint)numberOf.Length || numberOf[id] == 0)
            AddMoments(id);
        return ref _numbers[_numberOf[id] - 1];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void AddMoments(int id)
    {
        if (id >= _numberOf.Length)
            Array.Resize(ref _numberOf, Math.Max(id + 1, _numberOf.Length * 2));
        _numberIndexes.Add(id, _numberIndexes.Count);
        _numberOf[id] = _numberIndexes.Count;
        if (_numberIndexes.Count > _numbers.Length)
            Array.Resize(ref _numbers, _numbers.Length * 2);
    }

    // The rarest features go, more of them each time: a vocabulary stays within its memory whatever the data.
    private void PruneVocabulary()
    {
        while (_vocabulary.MemoryBytes > _mostVocabularyBytes / 2 && _vocabulary.Count > 0)
        {
            _vocabulary.Prune(_pruneBelow);
            _pruneBelow *= 2;
        }
        _pruneBelow = Math.Max(2, _pruneBelow / 2);
    }
}
