using System.Runtime.CompilerServices;
using MlService.Learning.Features;
using MlService.Learning.Models;
using MlService.Learning.Records;
using MlService.Learning.Schemas;

namespace MlService.Learning.Training;

/// <summary>Turns records into stored examples and keeps the sums that the coordinator needs.</summary>
internal sealed class ExampleCollector
{
    private const int CheckEvery = 1024;
    private const long LeastVocabularyBytes = 64L << 20;

    private readonly TargetEncoder _target;
    private readonly FeatureVocabulary _vocabulary = new();
    private readonly FeatureEncoder _encoder;
    private readonly FeatureVector _features = new();
    private readonly ExampleStore _store;
    private readonly long _mostVocabularyBytes;
    private readonly Dictionary<int, int> _numberIndexes = [];
    private ValueMoments[] _numbers = new ValueMoments[16];
    private int[] _numberOf = [];       // by feature id: index of its moments + 1
    private ExampleBlock _block = new();
    private ValueMoments _targets;
    private readonly long[] _labelCounts;
    private readonly double[] _labelWeights;
    private readonly int _weightIndex;
    private long _invalid;
    private long _pruneBelow = 2;

    public ExampleCollector(TrainingSetup setup, ExampleStore store)
    {
        _target = setup.Target;
        _encoder = setup.Plan.CreateEncoder(setup.Plan.Schema, _vocabulary, grow: true);
        _store = store;
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
        _encoder.Encode(record, _features);
        var ids = _features.Ids;
        var values = _features.Values;
        var tokens = _block.RoomForTokens(ids.Length);
        var numbers = _block.RoomForNumbers(ids.Length, out var numberValues);
        int tokenCount = 0, numberCount = 0;
        for (var i = 0; i < ids.Length; i++)
        {
            if (values[i] == 1)
            {
                tokens[tokenCount++] = ids[i];
                continue;
            }
            MomentsOf(ids[i]).Add(values[i]);
            numbers[numberCount] = ids[i];
            numberValues[numberCount++] = values[i];
        }
        _block.EndRow(label, weight, tokenCount, numberCount);
        if (_block.IsFull)
            _block = _store.Append(_block);
        if ((_store.Rows + _block.Rows) % CheckEvery == 0 && _vocabulary.MemoryBytes > _mostVocabularyBytes)
            PruneVocabulary();
    }

    public ShardSummary Finish(long rejected)
    {
        _store.Append(_block);
        var numbers = _numberIndexes.Where(pair => _vocabulary.Contains(pair.Key)).ToDictionary(pair => pair.Key, pair => _numbers[pair.Value]);
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
    private ref ValueMoments MomentsOf(int id)
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
