using MlService.Learning.Schemas;

namespace MlService.Learning.Statistics;

/// <summary>
/// Statistics of one column, by its type. Each type has its own way to take in a field of a padded record, and to tell the value's cell
/// in the row sample: a number's bits, 0 or 1, a hash, or a marker of <see cref="RowSample"/>.
/// </summary>
internal abstract class ColumnStatistics
{
    /// <summary>Takes in the same column's statistics of other rows.</summary>
    public abstract void Merge(ColumnStatistics other);

    public abstract void Write(SketchWriter writer);

    public static ColumnStatistics Create(AttributeType type, StatisticsLimits limits, bool isTarget) => type switch
    {
        AttributeType.Numeric => new NumericStatistics(),
        AttributeType.Binary => new BinaryStatistics(),
        AttributeType.Text => new TextStatistics(limits),
        _ => new CategoricalStatistics(limits.Values, Kept(isTarget)),
    };

    public static ColumnStatistics Read(SketchReader reader, AttributeType type, StatisticsLimits limits, bool isTarget) => type switch
    {
        AttributeType.Numeric => NumericStatistics.Read(reader),
        AttributeType.Binary => BinaryStatistics.Read(reader),
        AttributeType.Text => TextStatistics.Read(reader, limits),
        _ => CategoricalStatistics.Read(reader, limits.Values, Kept(isTarget)),
    };

    /// <summary>The names of classes are kept whole, within reason: models answer with them.</summary>
    private static int Kept(bool isTarget) => isTarget ? 4096 : FrequentValues.KeptBytes;
}
