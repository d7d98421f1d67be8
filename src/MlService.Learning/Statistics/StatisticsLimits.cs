using MlService.Learning.Schemas;

namespace MlService.Learning.Statistics;

/// <summary>
/// How much is kept of each column: less where there are more columns, so that a thousand of them still fit in memory.
/// They follow from the schema alone, so that shards agree on them.
/// </summary>
/// <param name="Values">Different categorical values that are counted exactly.</param>
/// <param name="Words">Different words of a text that are counted exactly.</param>
/// <param name="SampledRows">Rows in the row sample.</param>
/// <param name="SampledWords">Different words of a text kept in the row sample.</param>
internal sealed record StatisticsLimits(int Values, int Words, int SampledRows, int SampledWords)
{
    private const int SampleCells = 4 << 20, CellsOfText = 32;

    public static StatisticsLimits For(DataSchema schema)
    {
        var columns = schema.Attributes.Count;
        var texts = schema.Attributes.Count(attribute => attribute.Type == AttributeType.Text);
        var values = columns <= 64 ? 4096 : columns <= 256 ? 2048 : 1024;
        return new StatisticsLimits(
            Values: values,
            Words: Math.Clamp((1 << 20) / Math.Max(1, texts), 2048, 4 * values),
            SampledRows: Math.Clamp(SampleCells / (columns + CellsOfText * texts), 1024, 16_384),
            SampledWords: Math.Clamp(4096 / Math.Max(1, texts), 8, 128));
    }
}
