using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MlService.Learning.Features;

/// <summary>
/// Finds the features of a model, without knowing their names: (slot, token bytes) to an id, by a 64-bit hash alone. Made once, then shared by
/// threads.
/// </summary>
/// <remarks>
/// <para>Buckets of 64 bytes, a cache line each: five hashes, filled from the front, and their five ids; a bucket that is full leads on to the
/// next. With four features a bucket a feature takes 16 bytes, and nearly every lookup touches one line.</para>
/// <para>Where a feature has a single weight, that can stand in the place of its id (<see cref="PutWeights"/>): it is in the line that the lookup
/// has fetched, and needs no other memory. The id then is the place.</para>
/// <para>A token that the model does not know is taken for one of its n features with a probability of n / 2⁶⁴: once in 10¹⁴ for 100,000. The
/// hash is keyed by secrets of the process, so that nobody can prepare such a token.</para>
/// </remarks>
internal sealed unsafe class FeatureIndex
{
    private const int LineBytes = 64;
    private const int BucketWords = LineBytes / sizeof(ulong);
    private const int BucketFeatures = 5;
    private const int MeanFeatures = 4;

    // NaN, which is no weight: with the number's id it stands where a token has its weight.
    private const uint NumberMark = 0x7FC0_0000;
    private const int MaxNumbers = 1 << 22;

    // Room is made as features come: a false count in a file must not allocate what the file cannot fill.
    private const int FirstFeatures = 1 << 18;

    private readonly long? _examples;
    private readonly int _most;
    private int _capacity;
    private ulong[] _memory = [];       // pinned, and kept alive for the pointer into it
    private ulong* _buckets;            // at the begin of a cache line
    private int* _origin;               // places count from here
    private uint _bucketCount;
    private float[] _rarities = [];

    /// <summary>Creates an index without features.</summary>
    /// <param name="most">How many will be added.</param>
    /// <param name="room">For how many of them room is made at once.</param>
    /// <param name="examples">Records that the features were counted in, if their rarity is asked for; otherwise null.</param>
    private FeatureIndex(int most, int room, long? examples)
    {
        (_most, _examples) = (most, examples);
        MakeRoom(room);
    }

    /// <summary>Number of features.</summary>
    public int Count { get; private set; }

    /// <summary>An index of the features of a vocabulary whose ids have no gaps.</summary>
    /// <param name="vocabulary">The features.</param>
    /// <param name="examples">Records that the features were counted in, if their rarity is asked for; otherwise null.</param>
    public static FeatureIndex Of(FeatureVocabulary vocabulary, long? examples = null)
    {
        var index = new FeatureIndex(vocabulary.Count, vocabulary.Count, examples);
        for (var id = 0; id < vocabulary.Count; id++)
            index.Add(vocabulary.Slot(id), vocabulary.Token(id), vocabulary.Occurrences(id));
        return index;
    }

    /// <summary>Reads what <see cref="FeatureVocabulary.Write"/> wrote.</summary>
    /// <param name="reader">The file.</param>
    /// <param name="slotCount">Number of slots: a feature of another slot is an error.</param>
    /// <param name="examples">Records that the features were counted in, if their rarity is asked for; otherwise null.</param>
    /// <exception cref="InvalidInputException">The bytes are no vocabulary of that many slots.</exception>
    public static FeatureIndex Read(BinaryReader reader, int slotCount, long? examples = null)
    {
        FeatureIndex? index = null;
        VocabularyFile.Read(reader, slotCount, count => (index = new FeatureIndex(count, Math.Min(count, FirstFeatures), examples)).Add);
        return index!;
    }

    /// <summary>The hash of a feature by which it is found.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong HashOf(in TokenKey key) => Math.Max(key.Hash, 1);

    /// <summary>The id of a feature, or <see cref="FeaturePlace.None"/>.</summary>
    public int Find(int slot, ReadOnlySpan<byte> token)
    {
        var place = FindPlace(slot, token);
        return place < 0 ? place : IdAt(place);
    }

    /// <summary>The place of a feature, or <see cref="FeaturePlace.None"/>.</summary>
    public int FindPlace(int slot, ReadOnlySpan<byte> token)
    {
        var place = FindPlace(HashOf(TokenKey.Of(slot, token)));
        return place >= 0 && HoldsWeights && float.IsNaN(WeightOf(place)) ? (int)((uint)_origin[place] & ~NumberMark) : place;
    }

    /// <summary>The place of the feature with a hash, or <see cref="FeaturePlace.None"/>.</summary>
    public int FindPlace(ulong hash)
    {
        var bucket = BucketOf(hash);
        while (true)
        {
            var place = FindIn(bucket, hash);
            if (place != FeaturePlace.NotYetKnown)
                return place;
            bucket = After(bucket);
        }
    }

    /// <summary>The place of the feature with a hash, <see cref="FeaturePlace.None"/>, or <see cref="FeaturePlace.NotYetKnown"/> after a look at one
    /// line.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int FindPlaceAtOnce(ulong hash) => FindIn(BucketOf(hash), hash);

    /// <summary>The id of the feature at a place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int IdAt(int place) => HoldsWeights ? place : _origin[place];

    /// <summary>Whether weights stand in the places of ids.</summary>
    public bool HoldsWeights { get; private set; }

    /// <summary>The weight of a token, if the index holds weights.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float WeightOf(int id) => ((float*)_origin)[id];

    /// <summary>
    /// Puts weights in the places of ids. Ids change by it: those of numbers are from 0 in the order given here, those of tokens tell where
    /// their weight stands.
    /// </summary>
    /// <param name="weights">By the ids until now.</param>
    /// <param name="numbers">Ids until now of features that are no tokens: their weights stay outside.</param>
    public void PutWeights(ReadOnlySpan<float> weights, ReadOnlySpan<int> numbers)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(numbers.Length, MaxNumbers);
        var marks = new Dictionary<int, int>(numbers.Length);
        for (var i = 0; i < numbers.Length; i++)
            marks.Add(numbers[i], (int)(NumberMark | (uint)i));
        for (var bucket = 0U; bucket < _bucketCount; bucket++)
        {
            var hashes = _buckets + bucket * BucketWords;
            for (var i = 0; i < BucketFeatures && hashes[i] != 0; i++)
            {
                ref var id = ref Ids(hashes)[i];
                id = marks.TryGetValue(id, out var mark) ? mark : BitConverter.SingleToInt32Bits(weights[id]);
            }
        }
        HoldsWeights = true;
        _origin -= numbers.Length;
    }

    /// <summary>Asks the processor to fetch the line of a hash.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(ulong hash)
    {
        if (Sse.IsSupported)
            Sse.Prefetch0(BucketOf(hash));
    }

    /// <summary>The weight of a feature of a <c>tfidf</c> output, before it is divided by its record's length.</summary>
    public float Rarity(int id) => _rarities[id];

    private static int* Ids(ulong* bucket) => (int*)(bucket + BucketFeatures);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong* BucketOf(ulong hash) => _buckets + ((ulong)(uint)hash * _bucketCount >> 32) * BucketWords;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int FindIn(ulong* bucket, ulong hash)
    {
        var found = Vector256.Equals(Vector256.Load(bucket), Vector256.Create(hash)).ExtractMostSignificantBits();
        return found != 0 ? Place(bucket, BitOperations.TrailingZeroCount(found))
            : bucket[BucketFeatures - 1] == 0 ? FeaturePlace.None
            : bucket[BucketFeatures - 1] == hash ? Place(bucket, BucketFeatures - 1)
            : FeaturePlace.NotYetKnown;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Place(ulong* bucket, int feature) => (int)(Ids(bucket) + feature - _origin);

    private ulong* After(ulong* bucket) => bucket + BucketWords < _buckets + _bucketCount * (ulong)BucketWords ? bucket + BucketWords : _buckets;

    private void Add(int slot, ReadOnlySpan<byte> token, long occurrences)
    {
        if (Count == _capacity)
            MakeRoom((int)Math.Min(_most, 2L * _capacity));
        var hash = HashOf(TokenKey.Of(slot, token));
        if (FindPlace(hash) >= 0)
            throw VocabularyFile.Twice();
        if (_examples is { } examples)
            _rarities[Count] = TokenRarity.Of(occurrences, examples);
        Put(hash, Count++);
    }

    private void Put(ulong hash, int id)
    {
        var bucket = BucketOf(hash);
        while (bucket[BucketFeatures - 1] != 0)
            bucket = After(bucket);
        var place = 0;
        while (bucket[place] != 0)
            place++;
        bucket[place] = hash;
        Ids(bucket)[place] = id;
    }

    private void MakeRoom(int features)
    {
        var before = _memory;
        var buckets = new ReadOnlySpan<ulong>(_buckets, checked((int)(_bucketCount * BucketWords)));
        _capacity = features;
        _bucketCount = (uint)(features / MeanFeatures) + 1;
        _memory = GC.AllocateArray<ulong>(checked((int)((_bucketCount + 1) * BucketWords)), pinned: true);
        var address = (nuint)Unsafe.AsPointer(ref _memory[0]);
        _buckets = (ulong*)((address + LineBytes - 1) / LineBytes * LineBytes);
        _origin = (int*)_buckets;
        for (var at = 0; at < buckets.Length; at += BucketWords)
            for (var i = 0; i < BucketFeatures && buckets[at + i] != 0; i++)
                Put(buckets[at + i], (int)(buckets[at + BucketFeatures + i / 2] >> (32 * (i % 2))));
        GC.KeepAlive(before);
        if (_examples is not null)
            Array.Resize(ref _rarities, features);
    }
}
