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
/// <para>Open addressing with linear probing over elements of 4 bytes (3 bits of hash, 29 bits of place), at most half full; a
/// place leads to 24 bytes that hold slot, length, count and the whole of a token of up to 16 bytes. A lookup of such a
/// token touches two cache lines, sometimes three. Longer tokens are compared byte for byte in the arena.</para>
/// <para>Finding is safe from many threads at once while nobody adds; adding is for one thread.</para>
/// </remarks>
internal sealed partial class FeatureVocabulary
{
    /// <summary>Greatest number of ids that one vocabulary gives.</summary>
    public const int MaxIds = (1 << PlaceBits) - 1;

    /// <summary>Greatest length of one token in bytes.</summary>
    public const int MaxTokenBytes = 1 << 20;

    private const int SmallestTable = 64;
    private const int PlaceBits = 29;
    private const uint PlaceMask = (1U << PlaceBits) - 1;

    // What a TokenKey holds, but where that is not the token: High then is the token's position in the arena.
    private struct Entry
    {
        public ulong Low;
        public ulong High;
        public uint SlotAndLength;
        public uint Occurrences;

        public Entry(in TokenKey key, TokenArena arena, ReadOnlySpan<byte> token) =>
            (Low, High, SlotAndLength) = (key.Low, key.IsWhole ? key.High : (ulong)arena.Add(token), key.SlotAndLength);

        public readonly bool IsWhole => TokenKey.HoldsToken(SlotAndLength);

        public readonly int Slot => TokenKey.SlotOf(SlotAndLength);

        public readonly ulong Hash => TokenKey.HashOf(SlotAndLength, Low, IsWhole ? High : 0);
    }

    private uint[] _table;               // high bits: of the hash; low bits: place + 1, or 0 for free; empty before EnsureIndexed
    private Entry[] _entries;
    private int[]? _ids;                 // by place; null while id = place
    private int[]? _places;              // by id, -1 for retired; null while id = place
    private TokenArena _arena = new();

    /// <summary>Creates an empty vocabulary.</summary>
    /// <param name="capacity">Number of features to make room for at once.</param>
    public FeatureVocabulary(int capacity = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        capacity = Math.Clamp(capacity, SmallestTable / 2, MaxIds);
        _table = TableFor(capacity);
        _entries = new Entry[capacity];
    }

    private FeatureVocabulary(Entry[] entries, int count, TokenArena arena)
    {
        (_table, _entries, _arena) = ([], entries, arena);
        Count = NextId = count;
        for (var place = 0; place < count; place++)
            TokenBytes += TokenAt(place).Length;
    }

    /// <summary>Number of features that have an id.</summary>
    public int Count { get; private set; }

    /// <summary>The id that the next new feature gets: <see cref="Count"/> plus the number of retired ids.</summary>
    public int NextId { get; private set; }

    /// <summary>Bytes of the tokens of all features.</summary>
    public long TokenBytes { get; private set; }

    /// <summary>Bytes of memory held.</summary>
    public long MemoryBytes =>
        4L * _table.Length + (long)Unsafe.SizeOf<Entry>() * _entries.Length + 4L * (_ids?.Length ?? 0) + 4L * (_places?.Length ?? 0) + _arena.Capacity;

    /// <summary>Goes up by one whenever ids are retired: a cache of ids is good while this stays.</summary>
    public int Generation { get; private set; }

    /// <summary>The id of a feature, or -1 where it has none.</summary>
    public int Find(int slot, ReadOnlySpan<byte> token)
    {
        EnsureIndexed();
        var place = FindPlace(token, TokenKey.Of(slot, token));
        return place < 0 ? -1 : IdAt(place);
    }

    /// <summary>The id of a feature; a new one where it has none.</summary>
    /// <exception cref="InvalidInputException">There are <see cref="MaxIds"/> ids, or the token is longer than
    /// <see cref="MaxTokenBytes"/>.</exception>
    public int GetOrAdd(int slot, ReadOnlySpan<byte> token)
    {
        EnsureIndexed();
        ArgumentOutOfRangeException.ThrowIfNegative(slot);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(slot, TokenKey.MaxSlots);
        return IdAt(GetOrAddPlace(token, TokenKey.Of(slot, token)));
    }

    /// <summary>Whether an id was given and is not retired.</summary>
    public bool Contains(int id) => (uint)id < (uint)NextId && (_places is null || _places[id] >= 0);

    /// <summary>The slot of a feature.</summary>
    public int Slot(int id) => _entries[PlaceOf(id)].Slot;

    /// <summary>The token of a feature; it lies in the vocabulary.</summary>
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

        var arena = new TokenArena();
        var entries = RoomFor(kept);
        var ids = new int[entries.Length];
        TokenBytes = 0;
        Count = 0;
        for (var place = 0; place < before; place++)
        {
            var entry = _entries[place];
            if (entry.Occurrences < minOccurrences)
                continue;
            var token = TokenAt(place);
            TokenBytes += token.Length;
            if (!entry.IsWhole)
                entry.High = (ulong)arena.Add(token);
            ids[Count] = IdAt(place);
            entries[Count++] = entry;
        }
        (_entries, _arena) = (entries, arena);
        TakeIds(ids);
        _table = IndexedTable(TableFor(_entries.Length));
        Generation++;
        return before - kept;
    }

    /// <summary>A vocabulary of some of the features with their counts, numbered from 0 in the order given.</summary>
    public FeatureVocabulary Select(ReadOnlySpan<int> ids)
    {
        var entries = RoomFor(ids.Length);
        for (var id = 0; id < ids.Length; id++)
            entries[id] = _entries[PlaceOf(ids[id])];
        return new(entries, ids.Length, TokenArena.Joined([_arena]));
    }

    /// <summary>
    /// Makes it ready to be asked by <see cref="FindPlace"/> and its like, if it was made of other vocabularies: many of those are
    /// only learned with and written, and never asked. Safe from many threads.
    /// </summary>
    internal void EnsureIndexed()
    {
        if (_table.Length == 0)
            Volatile.Write(ref _table, IndexedTable(TableFor(_entries.Length)));
    }

    /// <summary>The place of a feature whose key is known, or -1; places move with <see cref="Prune"/> only.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int FindPlace(ReadOnlySpan<byte> token, in TokenKey key) => Probe(token, key, out _);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int GetOrAddPlace(ReadOnlySpan<byte> token, in TokenKey key)
    {
        var place = Probe(token, key, out var index);
        return place >= 0 ? place : Add(token, key, index);
    }

    /// <summary>Asks the processor to fetch the table's line of a key.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal unsafe void Prefetch(in TokenKey key)
    {
        if (Sse.IsSupported)
            Sse.Prefetch0(Unsafe.AsPointer(ref _table[IndexOf(key.Hash, _table)]));
    }

    /// <summary>Asks the processor to fetch the entry that a key is most likely to lead to.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal unsafe void PrefetchEntry(in TokenKey key)
    {
        if (Sse.IsSupported)
            Sse.Prefetch0((Entry*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_entries))
                + ((nint)(_table[IndexOf(key.Hash, _table)] & PlaceMask) - 1));
    }

    /// <summary>
    /// The place of a token of up to 16 bytes if it is where it is looked for first, otherwise <see cref="FeaturePlace.NotYetKnown"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int PlaceAtOnce(in TokenKey key)
    {
        var place = (int)(_table[IndexOf(key.Hash, _table)] & PlaceMask) - 1;
        ref var entry = ref _entries[Math.Max(place, 0)];
        var difference = entry.Low ^ key.Low | entry.High ^ key.High | entry.SlotAndLength ^ key.SlotAndLength;
        return difference == 0 & key.IsWhole & place >= 0 ? place : FeaturePlace.NotYetKnown;
    }

    /// <summary>The place of an id that was given.</summary>
    internal int PlaceOf(int id) => _places is null ? id : _places[id];

    internal int IdAt(int place) => _ids is null ? place : _ids[place];

    /// <summary>Counts one record with the feature at a place, and returns its id.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int CountAt(int place)
    {
        ref var entry = ref _entries[place];
        if (entry.Occurrences != uint.MaxValue)
            entry.Occurrences++;
        return IdAt(place);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Probe(ReadOnlySpan<byte> token, in TokenKey key, out uint index)
    {
        var length = (uint)_table.Length;
        ref var table = ref MemoryMarshal.GetArrayDataReference(_table);
        for (index = IndexOf(key.Hash, _table); ; index = index + 1 < length ? index + 1 : 0)
        {
            var candidate = Unsafe.Add(ref table, index);
            if (candidate == 0)
                return -1;
            if (candidate >> PlaceBits != (uint)(key.Hash >> (32 + PlaceBits)))
                continue;
            var place = (int)(candidate & PlaceMask) - 1;
            ref var entry = ref _entries[place];
            if (entry.Low == key.Low && entry.SlotAndLength == key.SlotAndLength
                && (key.IsWhole ? entry.High == key.High : TokenAt(place).SequenceEqual(token)))
                return place;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int Add(ReadOnlySpan<byte> token, in TokenKey key, uint index)
    {
        if (token.Length > MaxTokenBytes)
            throw new InvalidInputException($"A feature's token has {token.Length} bytes; at most {MaxTokenBytes} are allowed.");
        if (NextId == MaxIds)
            throw TooManyFeatures();
        if (Count == _entries.Length)
            Array.Resize(ref _entries, Count * 2);
        var place = Count++;
        _entries[place] = new Entry(key, _arena, token);
        TokenBytes += token.Length;
        GiveId(place);
        _table[index] = Element(key.Hash, place);
        if (Count * 2L > _table.Length)
            _table = IndexedTable(new uint[_table.Length * 2L]);
        return place;
    }

    private void GiveId(int place)
    {
        var id = NextId++;
        if (_places is null || _ids is null)
            return;
        if (id == _places.Length)
            Array.Resize(ref _places, id * 2);
        if (place == _ids.Length)
            Array.Resize(ref _ids, _entries.Length);
        (_places[id], _ids[place]) = (place, id);
    }

    /// <summary>Gives the features ids that ascend by place, below <see cref="NextId"/>.</summary>
    private void TakeIds(int[] ids)
    {
        var places = new int[BitOperations.RoundUpToPowerOf2((uint)Math.Max(NextId, 1))];
        Array.Fill(places, -1);
        for (var place = 0; place < Count; place++)
            places[ids[place]] = place;
        (_ids, _places) = (ids, places);
    }

    private uint[] IndexedTable(uint[] table)
    {
        for (var place = 0; place < Count; place++)
        {
            var hash = _entries[place].Hash;
            var index = IndexOf(hash, table);
            while (table[index] != 0)
                index = index + 1 < (uint)table.Length ? index + 1 : 0;
            table[index] = Element(hash, place);
        }
        return table;
    }

    private static uint Element(ulong hash, int place) => (uint)(hash >> (32 + PlaceBits)) << PlaceBits | (uint)(place + 1);

    // The table is of any length, so that that of a model is no longer than it needs (D. Lemire, "Fast Random Integer Generation in an Interval", 2019).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint IndexOf(ulong hash, uint[] table) => (uint)(((ulong)(uint)hash * (uint)table.Length) >> 32);

    private static uint[] TableFor(int features) => new uint[features * 2L];

    private static Entry[] RoomFor(int features) => new Entry[Math.Max(features, SmallestTable / 2)];

    private static InvalidInputException TooManyFeatures() => new(
        $"The data has more than {MaxIds} different features. Exclude attributes that differ in nearly every row, or use fewer products and "
        + "n-grams in the recipe.");

    private ReadOnlySpan<byte> TokenAt(int place)
    {
        ref var entry = ref _entries[place];
        return entry.IsWhole
            ? MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<ulong, byte>(ref entry.Low), TokenKey.LengthOf(entry.SlotAndLength))
            : _arena.Get((long)entry.High);
    }
}
