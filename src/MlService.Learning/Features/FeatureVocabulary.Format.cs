using System.Buffers;
using System.Numerics;

namespace MlService.Learning.Features;

/// <content>
/// The vocabulary in a file: number of features (int32), then blocks until all are there, each the length of its content
/// (int32) and for every feature slot, length and occurrences as LEB128 numbers and the token's bytes. All little-endian.
/// Ids are renumbered from 0 in their order: retired ids are not stored.
/// </content>
internal sealed partial class FeatureVocabulary
{
    private const int BlockBytes = 256 * 1024;
    private const int MaxNumbersBytes = 15;     // three LEB128 numbers below 2³²
    private const int MaxBlockBytes = BlockBytes + MaxNumbersBytes + MaxTokenBytes;

    /// <summary>Writes all features with their counts.</summary>
    public void Write(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(Count);
        var block = new byte[BlockBytes + MaxNumbersBytes + TokenKey.InlineBytes];
        var length = 0;
        for (var place = 0; place < Count; place++)
        {
            ref readonly var entry = ref _entries[place];
            var token = TokenAt(place);
            if (block.Length - length < MaxNumbersBytes + token.Length)
                Array.Resize(ref block, length + MaxNumbersBytes + token.Length);
            length = WriteNumber(block, length, (uint)entry.Slot);
            length = WriteNumber(block, length, (uint)token.Length);
            length = WriteNumber(block, length, entry.Occurrences);
            token.CopyTo(block.AsSpan(length));
            length += token.Length;
            if (length < BlockBytes && place < Count - 1)
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
        ArgumentNullException.ThrowIfNull(reader);
        // Borrowed: models are opened one after the other, and would each leave so much behind.
        var block = ArrayPool<byte>.Shared.Rent(BlockBytes);
        try
        {
            var count = reader.ReadInt32();
            if (count is < 0 or > MaxIds)
                throw Corrupt($"it says that it has {count} features");
            // Room is made as features come: a false count must not allocate what the file cannot fill.
            var vocabulary = new FeatureVocabulary(Math.Min(count, BlockBytes));
            while (vocabulary.Count < count)
            {
                var length = reader.ReadInt32();
                if (length is <= 0 or > MaxBlockBytes)
                    throw Corrupt($"a block of {length} bytes");
                if (block.Length < length)
                {
                    var larger = ArrayPool<byte>.Shared.Rent(length);
                    ArrayPool<byte>.Shared.Return(block);
                    block = larger;
                }
                if (reader.BaseStream.ReadAtLeast(block.AsSpan(0, length), length, throwOnEndOfStream: false) < length)
                    throw new EndOfStreamException();
                vocabulary.ReadBlock(block.AsSpan(0, length), slotCount, count);
            }
            Array.Resize(ref vocabulary._entries, Math.Max(count, SmallestTable / 2));
            if (count > BlockBytes)
                vocabulary._table = vocabulary.IndexedTable(TableFor(vocabulary._entries.Length));
            return vocabulary;
        }
        catch (EndOfStreamException)
        {
            throw Corrupt("it ends too early");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
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
            throw Corrupt($"ids up to {next}");
        if (next == vocabulary.Count)
            return vocabulary;
        var ids = new int[vocabulary._entries.Length];
        long id = -1;
        for (var place = 0; place < vocabulary.Count; place++)
        {
            var step = reader.Read7BitEncodedInt();
            id += step;
            if (step <= 0 || id >= next)
                throw Corrupt("its ids do not ascend");
            ids[place] = (int)id;
        }
        vocabulary.NextId = next;
        vocabulary.TakeIds(ids);
        return vocabulary;
    }

    private void ReadBlock(ReadOnlySpan<byte> block, int slotCount, int count)
    {
        var expectedId = NextId;
        while (!block.IsEmpty)
        {
            var slot = ReadNumber(ref block);
            var length = ReadNumber(ref block);
            var occurrences = ReadNumber(ref block);
            if (slot >= slotCount || length > block.Length || length > MaxTokenBytes || Count == count)
                throw Corrupt("a feature does not fit in its block or its model");
            if (GetOrAdd((int)slot, block[..(int)length]) != expectedId++)
                throw Corrupt("a feature is there twice");
            _entries[Count - 1].Occurrences = occurrences;
            block = block[(int)length..];
        }
    }

    private static int WriteNumber(byte[] block, int at, uint value)
    {
        for (; value >= 0x80; value >>= 7)
            block[at++] = (byte)(value | 0x80);
        block[at++] = (byte)value;
        return at;
    }

    private static int NumberBytes(uint value) => BitOperations.Log2(value | 1) / 7 + 1;

    private static uint ReadNumber(ref ReadOnlySpan<byte> block)
    {
        ulong value = 0;
        for (var i = 0; i < 5 && i < block.Length; i++)
        {
            value |= (ulong)(block[i] & 0x7F) << (7 * i);
            if (block[i] < 0x80 && value <= uint.MaxValue)
            {
                block = block[(i + 1)..];
                return (uint)value;
            }
        }
        throw Corrupt("a number in it is broken");
    }

    private static InvalidInputException Corrupt(string what) =>
        new($"The model's vocabulary is damaged: {what}. Use an undamaged copy of the model, or train it again.");
}
