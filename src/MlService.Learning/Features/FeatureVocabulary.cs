using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace MlService.Learning.Features;

/// <summary>
/// Numbers features exactly: (slot, token bytes) to an id, without collisions. A slot is an output of the recipe; a token is
/// a category, a word, a bin's range. Ids are given from 0 in the order in which features are first seen, and an id never
/// changes its meaning: <see cref="Prune"/> retires ids but does not give them anew.
/// </summary>
/// <remarks>
/// <para>Open addressing with linear probing over entries of 8 bytes (32 bits of hash, 32 bits of place), at most half full; a
/// place leads to 32 bytes that hold slot, length, id, count and the whole of a token of up to 16 bytes. A lookup of such a
/// token touches two cache lines. Longer tokens are compared byte for byte in the arena.</para>
/// <para>Finding is safe from many threads at once while nobody adds; adding is for one thread.</para>
/// </remarks>
internal sealed partial class FeatureVocabulary
{
    /// <summary>Greatest number of ids that one vocabulary gives.</summary>
    public const int MaxIds = 1 << 29;

    /// <summary>Greatest length of one token in bytes.</summary>
    public const int MaxTokenBytes = 1 << 20;

    private const int SmallestTable = 64;

    private struct Entry
    {
        public int Slot;
        public int Length;
        public ulong Low;
        public ulong High;
        public int Id;
        public uint Occurrences;

        public readonly TokenKey Key => new(Slot, Length, Low, High);
    }

    private ulong[] _table = [];         // high half: hash; low half: place + 1, or 0 for free; empty before EnsureIndexed
    private Entry[] _entries;
    private long[] _positions;           // of the tokens in the arena, by place
    private int[]? _places;              // by id, -1 for retired; null while id = place
    private TokenArena _arena = new();

    /// <summary>Creates an empty vocabulary.</summary>
    /// <param name="capacity">Number of features to make room for at once.</param>
    public FeatureVocabulary(int capacity = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        capacity = Math.Clamp(capacity, SmallestTable / 2, MaxIds);
        _table = new ulong[BitOperations.RoundUpToPowerOf2((uint)capacity * 2)];
        _entries = new Entry[capacity];
        _positions = new long[capacity];
    }

    private FeatureVocabulary(Entry[] entries, long[] positions, int count, TokenArena arena)
    {
        (_entries, _positions, _arena) = (entries, positions, arena);
        Count = NextId = count;
        for (var place = 0; place < count; place++)
            TokenBytes += entries[place].Length;
    }

    /// <summary>Number of features that have an id.</summary>
    public int Count { get; private set; }

    /// <summary>The id that the next new feature gets: <see cref="Count"/> plus the number of retired ids.</summary>
    public int NextId { get; private set; }

    /// <summary>Bytes of the tokens of all features.</summary>
    public long TokenBytes { get; private set; }

    /// <summary>Bytes of memory held.</summary>
    public long MemoryBytes => 8L * _table.Length + 40L * _entries.Length + 4L * (_places?.Length ?? 0) + _arena.Capacity;

    /// <summary>Goes up by one whenever ids are retired: a cache of ids is good while this stays.</summary>
    public int Generation { get; private set; }

    /// <summary>The id of a feature, or -1 where it has none.</summary>
    public int Find(int slot, ReadOnlySpan<byte> token)
    {
        EnsureIndexed();
        var place = FindPlace(slot, token, new TokenKey(slot, token, token.Length));
        return place < 0 ? -1 : _entries[place].Id;
    }

    /// <summary>The id of a feature; a new one where it has none.</summary>
    /// <exception cref="InvalidInputException">There are <see cref="MaxIds"/> ids, or the token is longer than
    /// <see cref="MaxTokenBytes"/>.</exception>
    public int GetOrAdd(int slot, ReadOnlySpan<byte> token)
    {
        EnsureIndexed();
        var place = GetOrAddPlace(slot, token, new TokenKey(slot, token, token.Length));     // may replace _entries
        return _entries[place].Id;
    }

    /// <summary>Whether an id was given and is not retired.</summary>
    public bool Contains(int id) => (uint)id < (uint)NextId && (_places is null || _places[id] >= 0);

    /// <summary>The slot of a feature.</summary>
    public int Slot(int id) => _entries[PlaceOf(id)].Slot;

    /// <summary>The token of a feature; valid until the next <see cref="Prune"/>.</summary>
    public ReadOnlySpan<byte> Token(int id) => TokenAt(PlaceOf(id));

    /// <summary>In how many records the feature was seen; stays at 4,294,967,295 once it got there.</summary>
    public long Occurrences(int id) => _entries[PlaceOf(id)].Occurrences;

    /// <summary>Counts records with the feature.</summary>
    /// <param name="id">The feature.</param>
    /// <param name="records">Number of records, at least 0.</param>
    public void AddOccurrences(int id, long records)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(records);
        ref var entry = ref _entries[PlaceOf(id)];
        entry.Occurrences = (uint)Math.Min(entry.Occurrences + Math.Min(records, uint.MaxValue), uint.MaxValue);
    }

    /// <summary>
    /// Retires the features seen in fewer than <paramref name="minOccurrences"/> records, to bound memory while a vocabulary
    /// grows. A retired feature that comes again gets a new id and counts from 0; per retired id 4 bytes stay in use.
    /// </summary>
    /// <returns>Number of retired features.</returns>
    public int Prune(long minOccurrences)
    {
        var before = Count;
        var kept = 0;
        for (var place = 0; place < before; place++)
            kept += _entries[place].Occurrences >= minOccurrences ? 1 : 0;
        if (kept == before)
            return 0;

        var entries = _entries;
        var positions = _positions;
        var arena = _arena;
        Reset(kept);
        var places = new int[BitOperations.RoundUpToPowerOf2((uint)Math.Max(NextId, 1))];
        Array.Fill(places, -1);
        for (var place = 0; place < before; place++)
        {
            ref var entry = ref entries[place];
            if (entry.Occurrences < minOccurrences)
                continue;
            places[entry.Id] = Count;
            Append(entry, _arena.Add(arena.Get(positions[place], entry.Length)));
        }
        _places = places;
        Generation++;
        return before - kept;
    }

    /// <summary>A vocabulary of some of the features with their counts, numbered from 0 in the order given.</summary>
    public FeatureVocabulary Select(ReadOnlySpan<int> ids)
    {
        var (entries, positions) = Room(ids.Length);
        for (var id = 0; id < ids.Length; id++)
        {
            var place = PlaceOf(ids[id]);
            entries[id] = _entries[place];
            entries[id].Id = id;
            positions[id] = _positions[place];
        }
        return new(entries, positions, ids.Length, TokenArena.Joined([_arena]));
    }

    /// <summary>
    /// Makes it ready to be asked by <see cref="FindPlace"/> and its like, if it was made of other vocabularies: many of those are
    /// only learned with and written, and never asked. Safe from many threads.
    /// </summary>
    internal void EnsureIndexed()
    {
        if (_table.Length == 0)
            Volatile.Write(ref _table, TableOf(BitOperations.RoundUpToPowerOf2((uint)_entries.Length * 2)));
    }

    /// <summary>The place of a feature whose key is known, or -1; places move with <see cref="Prune"/> only.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int FindPlace(int slot, ReadOnlySpan<byte> token, in TokenKey key) => Probe(slot, token, key, out _);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int GetOrAddPlace(int slot, ReadOnlySpan<byte> token, in TokenKey key)
    {
        var place = Probe(slot, token, key, out var index);
        return place >= 0 ? place : Add(slot, token, key, index);
    }

    /// <summary>Asks the processor to fetch the table's line of a key.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal unsafe void Prefetch(in TokenKey key)
    {
        if (Sse.IsSupported)
            Sse.Prefetch0(Unsafe.AsPointer(ref _table[(uint)key.Hash & (uint)(_table.Length - 1)]));
    }

    /// <summary>Asks the processor to fetch the entry that a key is most likely to lead to.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal unsafe void PrefetchEntry(in TokenKey key)
    {
        if (Sse.IsSupported)
            Sse.Prefetch0((Entry*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_entries))
                + ((nint)(uint)_table[(uint)key.Hash & (uint)(_table.Length - 1)] - 1));
    }

    /// <summary>
    /// The place of a token of up to 16 bytes if it is where it is looked for first, otherwise -1, which tells nothing.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int PlaceAtOnce(int slot, int length, in TokenKey key)
    {
        var place = (int)(uint)_table[(uint)key.Hash & (uint)(_table.Length - 1)] - 1;
        ref var entry = ref _entries[Math.Max(place, 0)];
        var difference = entry.Low ^ key.Low | entry.High ^ key.High | (uint)(entry.Slot ^ slot | entry.Length ^ length);
        return difference == 0 & length <= TokenKey.InlineBytes ? place : -1;
    }

    /// <summary>The place of an id that was given.</summary>
    internal int PlaceOf(int id) => _places is null ? id : _places[id];

    internal int IdAt(int place) => _entries[place].Id;

    /// <summary>Counts one record with the feature at a place, and returns its id.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int CountAt(int place)
    {
        ref var entry = ref _entries[place];
        if (entry.Occurrences != uint.MaxValue)
            entry.Occurrences++;
        return entry.Id;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Probe(int slot, ReadOnlySpan<byte> token, in TokenKey key, out uint index)
    {
        var mask = (uint)_table.Length - 1;
        ref var table = ref MemoryMarshal.GetArrayDataReference(_table);
        for (index = (uint)key.Hash & mask; ; index = (index + 1) & mask)
        {
            var candidate = Unsafe.Add(ref table, index);
            if (candidate == 0)
                return -1;
            if ((uint)(candidate >> 32) != (uint)(key.Hash >> 32))
                continue;
            var place = (int)(uint)candidate - 1;
            ref var entry = ref _entries[place];
            if (entry.Low == key.Low && entry.High == key.High && entry.Slot == slot && entry.Length == token.Length
                && (token.Length <= TokenKey.InlineBytes || TokenAt(place).SequenceEqual(token)))
                return place;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int Add(int slot, ReadOnlySpan<byte> token, in TokenKey key, uint index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(slot);
        if (token.Length > MaxTokenBytes)
            throw new InvalidInputException($"A feature's token has {token.Length} bytes; at most {MaxTokenBytes} are allowed.");
        if (NextId == MaxIds)
            throw TooManyFeatures();
        var id = NextId++;
        if (_places is not null)
        {
            if (id == _places.Length)
                Array.Resize(ref _places, id * 2);
            _places[id] = Count;
        }
        return Append(new Entry { Slot = slot, Length = token.Length, Low = key.Low, High = key.High, Id = id },
            _arena.Add(token), key.Hash, index);
    }

    private void Append(in Entry entry, long position)
    {
        var hash = entry.Key.Hash;
        Append(entry, position, hash, FreeIndex(_table, hash));
    }

    private int Append(in Entry entry, long position, ulong hash, uint freeIndex)
    {
        if (Count == _entries.Length)
        {
            Array.Resize(ref _entries, Count * 2);
            Array.Resize(ref _positions, Count * 2);
        }
        var place = Count++;
        _entries[place] = entry;
        _positions[place] = position;
        TokenBytes += entry.Length;
        _table[freeIndex] = hash & 0xFFFF_FFFF_0000_0000 | (uint)(place + 1);
        if (Count * 2L > _table.Length)
            _table = TableOf(_table.Length * 2L);
        return place;
    }

    private ulong[] TableOf(long length)
    {
        var table = new ulong[length];
        for (var place = 0; place < Count; place++)
        {
            var hash = _entries[place].Key.Hash;
            table[FreeIndex(table, hash)] = hash & 0xFFFF_FFFF_0000_0000 | (uint)(place + 1);
        }
        return table;
    }

    private static uint FreeIndex(ulong[] table, ulong hash)
    {
        var mask = (uint)table.Length - 1;
        var index = (uint)hash & mask;
        while (table[index] != 0)
            index = (index + 1) & mask;
        return index;
    }

    private static InvalidInputException TooManyFeatures() => new(
        $"The data has more than {MaxIds} different features. Exclude attributes that differ in nearly every row, or use fewer products and "
        + "n-grams in the recipe.");

    private static (Entry[] Entries, long[] Positions) Room(int features)
    {
        var capacity = Math.Max(features, SmallestTable / 2);
        return (new Entry[capacity], new long[capacity]);
    }

    private void Reset(int capacity)
    {
        (_entries, _positions) = Room(capacity);
        _table = new ulong[BitOperations.RoundUpToPowerOf2((uint)_entries.Length * 2)];
        _arena = new TokenArena();
        _places = null;
        Count = 0;
        TokenBytes = 0;
    }

    private ReadOnlySpan<byte> TokenAt(int place) => _arena.Get(_positions[place], _entries[place].Length);
}
