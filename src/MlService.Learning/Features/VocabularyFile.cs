using System.Buffers;

namespace MlService.Learning.Features;

/// <summary>Takes the next feature of a file.</summary>
/// <param name="slot">Its slot.</param>
/// <param name="token">Its token; valid during the call.</param>
/// <param name="occurrences">In how many records it was seen.</param>
internal delegate void FeatureTaker(int slot, ReadOnlySpan<byte> token, long occurrences);

/// <summary>
/// Reads a vocabulary in a file: number of features (int32), then blocks until all are there, each the length of its content
/// (int32) and for every feature slot, length and occurrences as LEB128 numbers and the token's bytes. All little-endian.
/// </summary>
internal static class VocabularyFile
{
    /// <summary>A block ends with the feature that makes it as long as this, or longer.</summary>
    public const int BlockBytes = 256 * 1024;

    /// <summary>Most bytes of three LEB128 numbers below 2³².</summary>
    public const int MaxNumbersBytes = 15;

    private const int MaxBlockBytes = BlockBytes + MaxNumbersBytes + FeatureVocabulary.MaxTokenBytes;

    /// <summary>Reads all features, in the order of their ids.</summary>
    /// <param name="reader">The file.</param>
    /// <param name="slotCount">Number of slots: a feature of another slot is an error.</param>
    /// <param name="begin">Is told how many features the file says that it has, which may be false, and gives who takes them.</param>
    /// <exception cref="InvalidInputException">The bytes are no vocabulary of that many slots.</exception>
    public static void Read(BinaryReader reader, int slotCount, Func<int, FeatureTaker> begin)
    {
        ArgumentNullException.ThrowIfNull(reader);
        // Borrowed: models are opened one after the other, and would each leave so much behind.
        var block = ArrayPool<byte>.Shared.Rent(BlockBytes);
        try
        {
            var count = reader.ReadInt32();
            if (count is < 0 or > FeatureVocabulary.MaxIds)
                throw Corrupt($"it says that it has {count} features");
            var take = begin(count);
            for (var taken = 0; taken < count;)
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
                taken += ReadBlock(block.AsSpan(0, length), slotCount, count - taken, take);
            }
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

    /// <summary>The error of a feature that came before.</summary>
    public static InvalidInputException Twice() => Corrupt("a feature is there twice");

    /// <summary>The error of a damaged vocabulary.</summary>
    public static InvalidInputException Corrupt(string what) =>
        new($"The model's vocabulary is damaged: {what}. Use an undamaged copy of the model, or train it again.");

    private static int ReadBlock(ReadOnlySpan<byte> block, int slotCount, int most, FeatureTaker take)
    {
        var features = 0;
        for (; !block.IsEmpty; features++)
        {
            var slot = ReadNumber(ref block);
            var length = ReadNumber(ref block);
            var occurrences = ReadNumber(ref block);
            if (slot >= slotCount || length > block.Length || length > FeatureVocabulary.MaxTokenBytes || features == most)
                throw Corrupt("a feature does not fit in its block or its model");
            take((int)slot, block[..(int)length], occurrences);
            block = block[(int)length..];
        }
        return features;
    }

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
}
