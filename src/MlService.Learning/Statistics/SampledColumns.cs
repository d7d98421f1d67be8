namespace MlService.Learning.Statistics;

/// <summary>
/// The rows of a <see cref="RowSample"/> in random order, each column by itself: who looks at a column reads its cells one after the
/// other. Does not change.
/// </summary>
/// <param name="count">Number of rows.</param>
/// <param name="cells">The cells of all rows in the first column, then of all in the second, and so on.</param>
/// <param name="words">The words of all rows, one row after the other.</param>
/// <param name="starts">Where each row's words begin, and where the last one's end.</param>
internal sealed class SampledColumns(int count, ulong[] cells, uint[] words, int[] starts)
{
    /// <summary>Number of rows.</summary>
    public int Count => count;

    /// <summary>A column's cell in each row.</summary>
    public ReadOnlySpan<ulong> Column(int column) => cells.AsSpan(column * count, count);

    /// <summary>The word hashes of a row's texts; the columns' parts follow each other, each after its length.</summary>
    public ReadOnlySpan<uint> Words(int row) => words.AsSpan(starts[row]..starts[row + 1]);
}
