using System.Runtime.CompilerServices;

namespace MlService.Learning.Statistics;

/// <summary>Statistics of a CATEGORICAL column. The empty value is a category of its own.</summary>
internal sealed class CategoricalStatistics(int capacity, int keptBytes) : ColumnStatistics
{
    /// <summary>Cell of the empty value: as a target it is missing.</summary>
    public static readonly ulong EmptyCell = Hash64.Of([]);

    public FrequentValues Values { get; private init; } = new(capacity, keptBytes);

    public long Empty { get; private set; }

    /// <summary>The cell of a value, which <see cref="Add"/> is then to count: what comes between hides how long memory takes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Approach(ReadOnlySpan<byte> padded)
    {
        var hash = Hash64.OfPadded(padded);
        Values.Prefetch(hash);
        return hash;
    }

    /// <summary>Comes closer to the value of a cell.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void ApproachEntry(ulong cell) => Values.PrefetchEntry(cell);

    /// <summary>Takes in one row's value, once it was approached.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(ReadOnlySpan<byte> text, ulong cell)
    {
        if (text.IsEmpty)
            Empty++;
        Values.Add(cell, text);
    }

    public override void Merge(ColumnStatistics other)
    {
        var categorical = (CategoricalStatistics)other;
        Empty += categorical.Empty;
        Values.Merge(categorical.Values);
    }

    public override void Write(BinaryWriter writer)
    {
        writer.Write(Empty);
        Values.Write(writer);
    }

    public static CategoricalStatistics Read(SketchReader reader, int capacity, int keptBytes) =>
        new(capacity, keptBytes) { Empty = reader.Count(), Values = FrequentValues.Read(reader, capacity, keptBytes) };
}
