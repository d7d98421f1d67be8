using System.Numerics;

namespace MlService.Learning.Features;

/// <content>
/// The vocabulary in a file, whose form <see cref="VocabularyFile"/> tells. Ids are renumbered from 0 in their order: retired ids are not
/// stored.
/// </content>
internal sealed partial class FeatureVocabulary
{
    private const int FirstFeatures = 1 << 18;

    /// <summary>Writes all features with their counts.</summary>
    public void Write(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(Count);
        var block = new byte[VocabularyFile.BlockBytes + VocabularyFile.MaxNumbersBytes + TokenKey.InlineBytes];
        var length = 0;
        for (var place = 0; place < Count; place++)
        {
            ref readonly var entry = ref _entries[place];
            var token = TokenAt(place);
            if (block.Length - length < VocabularyFile.MaxNumbersBytes + token.Length)
                Array.Resize(ref block, length + VocabularyFile.MaxNumbersBytes + token.Length);
            length = WriteNumber(block, length, (uint)entry.Slot);
            length = WriteNumber(block, length, (uint)token.Length);
            length = WriteNumber(block, length, entry.Occurrences);
            token.CopyTo(block.AsSpan(length));
            length += token.Length;
            if (length < VocabularyFile.BlockBytes && place < Count - 1)
                continue;
            writer.Write(length);
            writer.Write(block, 0, length);
            length = 0;
        }
    }

    /// <summary>Bytes that a feature takes where <see cref="Write"/> puts it.</summary>
    internal int FileBytes(int id) => FileBytesAt(PlaceOf(id));

    /// <summary>Bytes that all features take there.</summary>
    internal long FileBytes()
    {
        long bytes = 0;
        for (var place = 0; place < Count; place++)
            bytes += FileBytesAt(place);
        return bytes;
    }

    private int FileBytesAt(int place)
    {
        ref readonly var entry = ref _entries[place];
        var length = TokenAt(place).Length;
        return NumberBytes((uint)entry.Slot) + NumberBytes((uint)length) + NumberBytes(entry.Occurrences) + length;
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="reader">The file.</param>
    /// <param name="slotCount">Number of slots: a feature of another slot is an error.</param>
    /// <exception cref="InvalidInputException">The bytes are no vocabulary of that many slots.</exception>
    public static FeatureVocabulary Read(BinaryReader reader, int slotCount)
    {
        FeatureVocabulary? vocabulary = null;
        // Room is made as features come: a false count must not allocate what the file cannot fill.
        VocabularyFile.Read(reader, slotCount, count => (vocabulary = new FeatureVocabulary(Math.Min(count, FirstFeatures))).Take);
        var room = Math.Max(vocabulary!.Count, SmallestTable / 2);
        if (room != vocabulary._entries.Length)
        {
            Array.Resize(ref vocabulary._entries, room);
            vocabulary._table = vocabulary.IndexedTable(TableFor(room));
        }
        return vocabulary;
    }

    /// <summary>Writes all features with their counts and their ids, which may have gaps where features were retired.</summary>
    internal void WriteWithIds(BinaryWriter writer)
    {
        Write(writer);
        writer.Write(NextId);
        var before = -1;
        for (var place = 0; NextId > Count && place < Count; before = IdAt(place++))
            writer.Write7BitEncodedInt(IdAt(place) - before);
    }

    /// <summary>Reads what <see cref="WriteWithIds"/> wrote.</summary>
    /// <exception cref="InvalidInputException">The bytes are no vocabulary of that many slots.</exception>
    internal static FeatureVocabulary ReadWithIds(BinaryReader reader, int slotCount)
    {
        var vocabulary = Read(reader, slotCount);
        var next = reader.ReadInt32();
        if (next < vocabulary.Count || next > MaxIds)
            throw VocabularyFile.Corrupt($"ids up to {next}");
        if (next == vocabulary.Count)
            return vocabulary;
        var ids = new int[vocabulary._entries.Length];
        long id = -1;
        for (var place = 0; place < vocabulary.Count; place++)
        {
            var step = reader.Read7BitEncodedInt();
            id += step;
            if (step <= 0 || id >= next)
                throw VocabularyFile.Corrupt("its ids do not ascend");
            ids[place] = (int)id;
        }
        vocabulary.NextId = next;
        vocabulary.TakeIds(ids);
        return vocabulary;
    }

    private void Take(int slot, ReadOnlySpan<byte> token, long occurrences)
    {
        var count = Count;
        if (GetOrAdd(slot, token) != count)
            throw VocabularyFile.Twice();
        _entries[count].Occurrences = (uint)occurrences;
    }

    private static int WriteNumber(byte[] block, int at, uint value)
    {
        for (; value >= 0x80; value >>= 7)
            block[at++] = (byte)(value | 0x80);
        block[at++] = (byte)value;
        return at;
    }

    private static int NumberBytes(uint value) => BitOperations.Log2(value | 1) / 7 + 1;
}
