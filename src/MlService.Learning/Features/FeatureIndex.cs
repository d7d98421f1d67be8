using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MlService.Learning.Features;

/// <summary>
/// Finds the features of a model, without knowing their names: (slot, token bytes) to an id, by a hash alone. Made once, then shared by threads.
/// </summary>
/// <remarks>
/// <para>Buckets of 64 bytes, a cache line each, hold six features: 48 bits of their hashes, filled from the front, and their ids; a bucket that
/// is full leads on to the next. With five features a bucket on average a feature takes 12.8 bytes, and nearly every lookup touches one line.</para>
/// <para>Where a feature has a single weight, that can stand in the place of its id (<see cref="PutWeights"/>): it is in the line that the lookup
/// has fetched, and needs no other memory. The id then is the place.</para>
/// <para>A token that the model does not know is taken for a feature with a probability of 5 / 2⁴⁸: once in 5 · 10¹³ times. The hash is keyed by
/// secrets of the process, so that nobody can prepare such a token.</para>
/// </remarks>
internal sealed unsafe class FeatureIndex
{
    private const int LineBytes = 64;
    private const int BucketFeatures = 6;
    private const int MeanFeatures = 5;

    // NaN, which is no weight: with the number's id it stands where a token has its weight.
    private const uint NumberMark = 0x7FC0_0000;
    private const int MaxNumbers = 1 << 22;

    // Room is made as features come: a false count in a file must not allocate what the file cannot fill.
    private const int FirstFeatures = 1 << 16;

    // Features whose buckets are fetched side by side.
    private const int Ahead = 16;

    [StructLayout(LayoutKind.Sequential, Size = LineBytes)]
    private struct Bucket
    {
        public fixed uint High[BucketFeatures];     // of the hash; 0 for free
        public fixed ushort Low[BucketFeatures];    // of the hash
        public fixed int Ids[BucketFeatures];
    }

    private readonly byte[] _memory;    // pinned, and kept alive for the pointer into it
    private readonly Bucket* _buckets;  // at the begin of a cache line
    private readonly uint _bucketCount;
    private readonly float[] _rarities;
    private int* _origin;               // places count from here

    /// <summary>Creates an index of features with the ids from 0.</summary>
    private FeatureIndex(ReadOnlySpan<ulong> hashes, float[] rarities)
    {
        (Count, _rarities) = (hashes.Length, rarities);
        _bucketCount = (uint)(Count / MeanFeatures) + 1;
        _memory = GC.AllocateArray<byte>(checked((int)((_bucketCount + 1) * LineBytes)), pinned: true);
        var address = (nuint)Unsafe.AsPointer(ref _memory[0]);
        _buckets = (Bucket*)((address + LineBytes - 1) / LineBytes * LineBytes);
        _origin = (int*)_buckets;
        for (var id = 0; id < hashes.Length; id++)
        {
            Prefetch(hashes[Math.Min(id + Ahead, hashes.Length - 1)]);
            if (FindPlace(hashes[id]) >= 0)
                throw VocabularyFile.Twice();
            Put(hashes[id], id);
        }
    }

    /// <summary>Number of features.</summary>
    public int Count { get; }

    /// <summary>Whether weights stand in the places of ids.</summary>
    public bool HoldsWeights { get; private set; }

    /// <summary>An index of the features of a vocabulary whose ids have no gaps.</summary>
    /// <param name="vocabulary">The features.</param>
    /// <param name="examples">Records that the features were counted in, if their rarity is asked for; otherwise null.</param>
    public static FeatureIndex Of(FeatureVocabulary vocabulary, long? examples = null)
    {
        using var features = new Features(vocabulary.Count, examples);
        for (var id = 0; id < vocabulary.Count; id++)
            features.Add(vocabulary.Slot(id), vocabulary.Token(id), vocabulary.Occurrences(id));
        return features.ToIndex();
    }

    /// <summary>Reads what <see cref="FeatureVocabulary.Write"/> wrote.</summary>
    /// <param name="reader">The file.</param>
    /// <param name="slotCount">Number of slots: a feature of another slot is an error.</param>
    /// <param name="examples">Records that the features were counted in, if their rarity is asked for; otherwise null.</param>
    /// <exception cref="InvalidInputException">The bytes are no vocabulary of that many slots.</exception>
    public static FeatureIndex Read(BinaryReader reader, int slotCount, long? examples = null)
    {
        using var features = new Features(FirstFeatures, examples);
        VocabularyFile.Read(reader, slotCount, _ => features.Add);
        return features.ToIndex();
    }

    /// <summary>The hash of a feature by which it is found.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong HashOf(in TokenKey key) => Math.Max(key.Hash, 1UL << 32);

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
        for (var bucket = BucketOf(hash); ; bucket = After(bucket))
        {
            for (var i = 0; i < BucketFeatures; i++)
                if (bucket->High[i] == High(hash) && bucket->Low[i] == (ushort)hash)
                    return Place(bucket, i);
            if (!IsFull(bucket))
                return FeaturePlace.None;
        }
    }

    /// <summary>The place of the feature with a hash, <see cref="FeaturePlace.None"/>, or <see cref="FeaturePlace.NotYetKnown"/> after a look at one
    /// line.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int FindPlaceAtOnce(ulong hash)
    {
        var bucket = BucketOf(hash);
        var found = Vector256.Equals(Vector256.Load(bucket->High), Vector256.Create(High(hash))).ExtractMostSignificantBits() & ((1u << BucketFeatures) - 1);
        if (found == 0)
            return IsFull(bucket) ? FeaturePlace.NotYetKnown : FeaturePlace.None;
        var feature = BitOperations.TrailingZeroCount(found);
        return bucket->Low[feature] == (ushort)hash ? Place(bucket, feature) : FeaturePlace.NotYetKnown;
    }

    /// <summary>Asks the processor to fetch the line of a hash.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(ulong hash)
    {
        if (Sse.IsSupported)
            Sse.Prefetch0(BucketOf(hash));
    }

    /// <summary>The id of the feature at a place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int IdAt(int place) => HoldsWeights ? place : _origin[place];

    /// <summary>The weight of a token, if the index holds weights.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float WeightOf(int id) => ((float*)_origin)[id];

    /// <summary>The weight of a feature of a <c>tfidf</c> output, before it is divided by its record's length.</summary>
    public float Rarity(int id) => _rarities[id];

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
        for (var bucket = _buckets; bucket < _buckets + _bucketCount; bucket++)
            for (var i = 0; i < BucketFeatures && bucket->High[i] != 0; i++)
                bucket->Ids[i] = marks.TryGetValue(bucket->Ids[i], out var mark) ? mark : BitConverter.SingleToInt32Bits(weights[bucket->Ids[i]]);
        HoldsWeights = true;
        _origin -= numbers.Length;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint High(ulong hash) => (uint)(hash >> 32);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsFull(Bucket* bucket) => bucket->High[BucketFeatures - 1] != 0;

    // The 32 bits that choose a bucket overlap with those that it keeps only where there are more than 65,536 buckets.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Bucket* BucketOf(ulong hash) => _buckets + ((ulong)(uint)hash * _bucketCount >> 32);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Place(Bucket* bucket, int feature) => (int)((nint)(bucket->Ids + feature) - (nint)_origin >> 2);

    private Bucket* After(Bucket* bucket) => bucket + 1 < _buckets + _bucketCount ? bucket + 1 : _buckets;

    private void Put(ulong hash, int id)
    {
        var bucket = BucketOf(hash);
        while (IsFull(bucket))
            bucket = After(bucket);
        var place = 0;
        while (bucket->High[place] != 0)
            place++;
        (bucket->High[place], bucket->Low[place], bucket->Ids[place]) = (High(hash), (ushort)hash, id);
    }

    /// <summary>Features on their way into an index, by their ids.</summary>
    private sealed class Features(int room, long? examples) : IDisposable
    {
        private readonly List<float> _rarities = [];
        private ulong[] _hashes = ArrayPool<ulong>.Shared.Rent(Math.Max(room, 1));
        private int _count;

        public void Add(int slot, ReadOnlySpan<byte> token, long occurrences)
        {
            if (_count == _hashes.Length)
                Grow();
            _hashes[_count++] = HashOf(TokenKey.Of(slot, token));
            if (examples is { } records)
                _rarities.Add(TokenRarity.Of(occurrences, records));
        }

        public FeatureIndex ToIndex() => new(_hashes.AsSpan(0, _count), [.. _rarities]);

        public void Dispose() => ArrayPool<ulong>.Shared.Return(_hashes);

        private void Grow()
        {
            var longer = ArrayPool<ulong>.Shared.Rent(2 * _count);
            _hashes.CopyTo(longer, 0);
            ArrayPool<ulong>.Shared.Return(_hashes);
            _hashes = longer;
        }
    }
}
