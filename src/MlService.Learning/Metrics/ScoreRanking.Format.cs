using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace MlService.Learning.Metrics;

public sealed partial class ScoreRanking
{
    // "MLSRANK1", the number of distinct scores, then for each its score (binary32) and how many positives and negatives
    // have at least that score (int64 each); all little-endian.
    private static ReadOnlySpan<byte> Magic => "MLSRANK1"u8;

    private const int EntryBytes = sizeof(float) + 2 * sizeof(long);
    private const int MaxEntries = int.MaxValue / EntryBytes;

    /// <summary>Writes all scores with their counts; <see cref="Read"/> reads them.</summary>
    public void Write(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        stream.Write(Magic);
        Span<byte> buffer = stackalloc byte[EntryBytes];
        BinaryPrimitives.WriteInt32LittleEndian(buffer, _scores.Length);
        stream.Write(buffer[..sizeof(int)]);
        for (var i = 0; i < _scores.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(buffer, _scores[i]);
            BinaryPrimitives.WriteInt64LittleEndian(buffer[4..], _truePositives[i]);
            BinaryPrimitives.WriteInt64LittleEndian(buffer[12..], _falsePositives[i]);
            stream.Write(buffer);
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidInputException">The bytes are no ranking, or damaged.</exception>
    public static ScoreRanking Read(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Span<byte> buffer = stackalloc byte[EntryBytes];
        Fill(stream, buffer[..(Magic.Length + sizeof(int))]);
        var count = BinaryPrimitives.ReadInt32LittleEndian(buffer[Magic.Length..]);
        if (!buffer.StartsWith(Magic) || count is < 0 or > MaxEntries)
            throw Damaged();
        // Grown as entries arrive: a damaged count must not cost memory.
        List<float> scores = [];
        List<long> positives = [], negatives = [];
        for (var i = 0; i < count; i++)
        {
            Fill(stream, buffer);
            scores.Add(BinaryPrimitives.ReadSingleLittleEndian(buffer));
            positives.Add(BinaryPrimitives.ReadInt64LittleEndian(buffer[4..]));
            negatives.Add(BinaryPrimitives.ReadInt64LittleEndian(buffer[12..]));
            if (i > 0 && !(scores[i] < scores[i - 1] && positives[i] >= positives[i - 1] && negatives[i] >= negatives[i - 1]))
                throw Damaged();
        }

        ToDifferences(CollectionsMarshal.AsSpan(positives));
        ToDifferences(CollectionsMarshal.AsSpan(negatives));
        return new([.. scores], [.. positives], [.. negatives]);
    }

    private static void ToDifferences(Span<long> sums)
    {
        for (var i = sums.Length - 1; i > 0; i--)
            sums[i] -= sums[i - 1];
    }

    private static void Fill(Stream stream, Span<byte> buffer)
    {
        if (stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false) < buffer.Length)
            throw Damaged();
    }

    private static InvalidInputException Damaged() =>
        new("The ranking of scores is damaged or of another version. Run the evaluation again.");
}
