using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace MlService.Learning.Features;

/// <content>Several vocabularies as one.</content>
internal sealed partial class FeatureVocabulary
{
    // Features whose lines of a table are on their way from memory.
    private const int Batch = 32;

    /// <summary>
    /// The most frequent features of several vocabularies as one, numbered from 0 by falling number of occurrences, so that hot weights
    /// share cache lines. Equally frequent ones keep the order in which they were first seen: rare features that come in neighbouring
    /// records then lie close together too.
    /// </summary>
    /// <param name="vocabularies">The vocabularies, in the order of the data; they stay as they are.</param>
    /// <param name="most">Greatest number of features to keep.</param>
    /// <param name="newIds">For each vocabulary and each of its ids the id here; -1 where it was retired or is not kept.</param>
    /// <param name="seen">Number of different features.</param>
    /// <exception cref="InvalidInputException">There are more than <see cref="MaxIds"/> features.</exception>
    public static FeatureVocabulary ByFrequency(
        IReadOnlyList<FeatureVocabulary> vocabularies, int most, out IReadOnlyList<int[]> newIds, out int seen)
    {
        ArgumentNullException.ThrowIfNull(vocabularies);
        ArgumentOutOfRangeException.ThrowIfNegative(most);
        var join = new Join(vocabularies);
        var order = join.FirstsByFrequency();
        seen = order.Length;
        var kept = Math.Min(most, seen);
        var numbers = GC.AllocateUninitializedArray<int>(join.Count);
        for (var i = 0; i < order.Length; i++)
            numbers[(uint)order[i]] = i < kept ? i : -1;
        var maps = new int[vocabularies.Count][];
        FeatureVocabulary? result = null;
        Parallel.Invoke(
            () => Parallel.For(0, maps.Length, v => maps[v] = join.NewIds(v, numbers)),
            () => result = join.Gather(order.AsSpan(0, kept)));
        newIds = maps;
        return result!;
    }

    /// <summary>The places of several vocabularies, one after the other, and which of them are the same feature.</summary>
    private sealed class Join
    {
        private readonly IReadOnlyList<FeatureVocabulary> _vocabularies;
        private readonly int[] _begins;     // of each vocabulary's places among all
        private readonly int[] _firsts;     // by place among all: the first place with the same feature
        private readonly uint[] _counts;    // by such a first place: occurrences in all vocabularies

        public Join(IReadOnlyList<FeatureVocabulary> vocabularies)
        {
            _vocabularies = vocabularies;
            _begins = new int[vocabularies.Count + 1];
            for (var v = 0; v < vocabularies.Count; v++)
            {
                if ((long)_begins[v] + vocabularies[v].Count > Array.MaxLength / 2)
                    throw TooManyFeatures();
                _begins[v + 1] = _begins[v] + vocabularies[v].Count;
            }
            _firsts = GC.AllocateUninitializedArray<int>(Count);
            _counts = GC.AllocateUninitializedArray<uint>(Count);
            // Features meet only their own kind: so many parts of them, told by their hash, are joined side by side.
            var parts = vocabularies.Count == 1 ? 1 : (int)BitOperations.RoundUpToPowerOf2((uint)Environment.ProcessorCount);
            Parallel.For(0, parts, part => JoinPart((uint)part, (uint)parts));
        }

        /// <summary>Number of places.</summary>
        public int Count => _begins[^1];

        /// <summary>The first places of all features by falling number of occurrences, then in their order; in the low half of each number.</summary>
        public ulong[] FirstsByFrequency()
        {
            var keys = GC.AllocateUninitializedArray<ulong>(Count);
            var features = 0;
            for (var place = 0; place < _firsts.Length; place++)
            {
                keys[features] = (ulong)~_counts[place] << 32 | (uint)place;
                features += _firsts[place] == place ? 1 : 0;
            }
            if (features > MaxIds)
                throw TooManyFeatures();
            Array.Resize(ref keys, features);
            return SortByHighHalf(keys);
        }

        /// <summary>For each id of a vocabulary the number of its feature.</summary>
        /// <param name="vocabulary">Index of the vocabulary.</param>
        /// <param name="numbers">By first place: the number, or -1.</param>
        public int[] NewIds(int vocabulary, int[] numbers)
        {
            var source = _vocabularies[vocabulary];
            var ids = GC.AllocateUninitializedArray<int>(source.NextId);
            if (source.Count < ids.Length)
                Array.Fill(ids, -1);
            var firsts = _firsts.AsSpan(_begins[vocabulary], source.Count);
            for (var place = 0; place < firsts.Length; place++)
                ids[source.IdAt(place)] = numbers[firsts[place]];
            return ids;
        }

        /// <summary>A vocabulary of the features with the given first places, numbered in that order.</summary>
        public FeatureVocabulary Gather(ReadOnlySpan<ulong> firsts)
        {
            var entries = RoomFor(firsts.Length);
            var chunks = new int[_vocabularies.Count];
            for (var v = 1; v < chunks.Length; v++)
                chunks[v] = chunks[v - 1] + _vocabularies[v - 1]._arena.Chunks;
            for (var id = 0; id < firsts.Length; id++)
            {
                var first = (int)(uint)firsts[id];
                var (source, place, v) = At(first);
                ref var entry = ref entries[id];
                entry = source._entries[place];
                entry.Occurrences = _counts[first];
                if (!entry.IsWhole)
                    entry.High = (ulong)TokenArena.Moved((long)entry.High, chunks[v]);
            }
            return new(entries, firsts.Length, TokenArena.Joined(_vocabularies.Select(vocabulary => vocabulary._arena)));
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void JoinPart(uint part, uint parts)
        {
            if (_vocabularies.Count == 1)
            {
                var entries = _vocabularies[0]._entries;
                for (var place = 0; place < Count; place++)
                    (_firsts[place], _counts[place]) = (place, entries[place].Occurrences);
                return;
            }
            // Hashes are even, and nobody knows them before: no part is twice as large as the mean of many.
            var table = new ulong[BitOperations.RoundUpToPowerOf2(2 * ((uint)Count / parts + SmallestTable))];
            Span<(int Place, ulong Hash)> batch = stackalloc (int, ulong)[Batch];
            for (var v = 0; v < _vocabularies.Count; v++)
            {
                var entries = _vocabularies[v]._entries;
                var count = _vocabularies[v].Count;
                var waiting = 0;
                for (var place = 0; place < count; place++)
                {
                    var hash = entries[place].Hash;
                    if ((hash >> 32 & (parts - 1)) != part)
                        continue;
                    Prefetch(ref table[hash & (uint)(table.Length - 1)]);
                    batch[waiting++] = (place, hash);
                    if (waiting < Batch)
                        continue;
                    JoinBatch(table, v, batch);
                    waiting = 0;
                }
                JoinBatch(table, v, batch[..waiting]);
            }
        }

        // A table's elements hold a place among all and half of the hash.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void JoinBatch(ulong[] table, int vocabulary, ReadOnlySpan<(int Place, ulong Hash)> batch)
        {
            var entries = _vocabularies[vocabulary]._entries;
            foreach (var (place, hash) in batch)
            {
                ref var entry = ref entries[place];
                var own = _begins[vocabulary] + place;
                var index = hash & (uint)(table.Length - 1);
                while (true)
                {
                    var candidate = table[index];
                    if (candidate == 0)
                    {
                        table[index] = hash & 0xFFFF_FFFF_0000_0000 | (uint)(own + 1);
                        (_firsts[own], _counts[own]) = (own, entry.Occurrences);
                        break;
                    }
                    if (candidate >> 32 == hash >> 32 && IsSame((int)(uint)candidate - 1, entry, vocabulary, place))
                    {
                        var first = (int)(uint)candidate - 1;
                        _firsts[own] = first;
                        _counts[first] = (uint)Math.Min((ulong)_counts[first] + entry.Occurrences, uint.MaxValue);
                        break;
                    }
                    index = (index + 1) & (uint)(table.Length - 1);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private bool IsSame(int first, in Entry entry, int vocabulary, int place)
        {
            var (source, other, _) = At(first);
            ref var its = ref source._entries[other];
            return its.Low == entry.Low && its.SlotAndLength == entry.SlotAndLength
                && (entry.IsWhole ? its.High == entry.High : source.TokenAt(other).SequenceEqual(_vocabularies[vocabulary].TokenAt(place)));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private (FeatureVocabulary Vocabulary, int Place, int Index) At(int place)
        {
            var v = 0;
            if (_begins.Length > 8)
            {
                v = Array.BinarySearch(_begins, place);
                v = v < 0 ? ~v - 1 : v;
            }
            // Of vocabularies without features several begin at one place: the last of them has it.
            while (place >= _begins[v + 1])
                v++;
            return (_vocabularies[v], place - _begins[v], v);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static unsafe void Prefetch(ref ulong element)
        {
            if (Sse.IsSupported)
                Sse.Prefetch0(Unsafe.AsPointer(ref element));
        }
    }

    /// <summary>Sorts by the high halves; equal ones keep their order. Radix sort from the lowest digit on; digits that all share cost one look.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static ulong[] SortByHighHalf(ulong[] keys)
    {
        const int digitBits = 11, radix = 1 << digitBits;
        var sorted = GC.AllocateUninitializedArray<ulong>(keys.Length);
        var starts = new int[radix];
        for (var shift = 32; shift < 64; shift += digitBits)
        {
            Array.Clear(starts);
            foreach (var key in keys)
                starts[(key >> shift) & (radix - 1)]++;
            if (starts.Contains(keys.Length))
                continue;
            var start = 0;
            foreach (ref var count in starts.AsSpan())
                (count, start) = (start, start + count);
            foreach (var key in keys)
                sorted[starts[(key >> shift) & (radix - 1)]++] = key;
            (keys, sorted) = (sorted, keys);
        }
        return keys;
    }
}
