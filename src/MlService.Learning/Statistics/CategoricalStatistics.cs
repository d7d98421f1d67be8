using System.Runtime.CompilerServices;

namespace MlService.Learning.Statistics;

/// <summary>Statistics of a CATEGORICAL column. The empty value is a category of its own.</summary>
internal sealed class CategoricalStatistics(int capacity, int keptBytes) : ColumnStatistics
{
    /// <summary>Cell of the empty value: as a target it is missing.</summary>
    public static readonly ulong EmptyCell = Hash64.Of([]);

    public FrequentValues Values { get; private init; } = new(capacity, keptBytes);

    public long Empty { get; private set; }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override ulong Add(ReadOnlySpan<byte> text, int readable, SampledRow row)
    {
        if (text.IsEmpty)
            Empty++;
        var hash = Hash64.Of(text, readable);
        Values.Add(hash, text);
        return hash;
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
