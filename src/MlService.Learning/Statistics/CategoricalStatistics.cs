using System.Runtime.CompilerServices;

namespace MlService.Learning.Statistics;

/// <summary>Statistics of a CATEGORICAL column. The empty value is a category of its own.</summary>
internal sealed class CategoricalStatistics(int capacity, int keptBytes) : ColumnStatistics
{
    /// <summary>Cell of the empty value: as a target it is missing.</summary>
    public static readonly ulong EmptyCell = Hash64.Of([]);

    public FrequentValues Values { get; private init; } = new(capacity, keptBytes);

    public long Empty { get; private set; }

    /// <summary>The cell of a padded value, which is then to be counted: what comes between hides how long memory takes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Approach(ReadOnlySpan<byte> text)
    {
        Empty += text.IsEmpty ? 1 : 0;
        var hash = Hash64.OfPadded(text);
        Values.Prefetch(hash);
        return hash;
    }

    public override void Merge(ColumnStatistics other)
    {
        var categorical = (CategoricalStatistics)other;
        Empty += categorical.Empty;
        Values.Merge(categorical.Values);
    }

    public override void Write(SketchWriter writer)
    {
        writer.Long(Empty);
        Values.Write(writer);
    }

    public static CategoricalStatistics Read(SketchReader reader, int capacity, int keptBytes) =>
        new(capacity, keptBytes) { Empty = reader.Count(), Values = FrequentValues.Read(reader, capacity, keptBytes) };
}
