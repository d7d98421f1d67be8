namespace MlService.Learning.Metrics;

/// <summary>Records by true and predicted value, in square cells; those of both axes begin at multiples of <see cref="CellWidth"/>.</summary>
public sealed record PredictionTable
{
    private const int MostAcross = 50;
    private const double ShownShare = 0.99;

    /// <summary>The table of no record.</summary>
    public static PredictionTable Empty { get; } = new() { CellWidth = 0, Cells = [], Outside = 0 };

    /// <summary>Width of a cell along both axes.</summary>
    public required double CellWidth { get; init; }

    /// <summary>The cells that are not empty: at most 50 along each axis.</summary>
    public required IReadOnlyList<PredictionCell> Cells { get; init; }

    /// <summary>Records that are in no cell: they lie outside the range that holds the middle 99 % of the true and of the predicted values.</summary>
    public required long Outside { get; init; }

    internal static PredictionTable Of(JointHistogram pairs)
    {
        var cells = pairs.Cells.ToList();
        if (cells.Count == 0)
            return Empty;
        var (least, most) = Middle(cells.Select(cell => (cell.X, cell.Count)));
        var (leastY, mostY) = Middle(cells.Select(cell => (cell.Y, cell.Count)));
        (least, most) = (Math.Min(least, leastY), Math.Max(most, mostY));
        var shift = 0;
        while ((most >> shift) - (least >> shift) >= MostAcross)
            shift++;
        (least, most) = (least >> shift, most >> shift);
        var shown = cells.Select(cell => (X: cell.X >> shift, Y: cell.Y >> shift, cell.Count))
            .Where(cell => cell.X >= least && cell.X <= most && cell.Y >= least && cell.Y <= most).ToList();
        var width = Math.ScaleB(pairs.CellWidth, shift);
        return new PredictionTable
        {
            CellWidth = width,
            Cells =
            [
                .. shown.GroupBy(cell => (cell.X, cell.Y)).OrderBy(group => group.Key)
                    .Select(group => new PredictionCell(Begin(group.Key.X), Begin(group.Key.Y), group.Sum(cell => cell.Count))),
            ],
            Outside = cells.Sum(cell => cell.Count) - shown.Sum(cell => cell.Count),
        };

        // The cell of the least number that there is begins beyond it.
        double Begin(long place) => Math.Max(place * width, double.MinValue);
    }

    private static (long Least, long Most) Middle(IEnumerable<(long Place, long Count)> places)
    {
        var ordered = places.GroupBy(place => place.Place).Select(group => (Place: group.Key, Count: group.Sum(place => place.Count))).OrderBy(place => place.Place).ToList();
        var cut = (long)((1 - ShownShare) / 2 * ordered.Sum(place => place.Count));
        return (Beyond(ordered, cut), Beyond(ordered.AsEnumerable().Reverse(), cut));
    }

    private static long Beyond(IEnumerable<(long Place, long Count)> ordered, long cut)
    {
        long before = 0;
        return ordered.First(place => (before += place.Count) > cut).Place;
    }
}

/// <summary>Records whose true and predicted value lie in one cell.</summary>
/// <param name="Actual">Least true value of the cell.</param>
/// <param name="Predicted">Least predicted value of the cell.</param>
/// <param name="Count">Number of records.</param>
public sealed record PredictionCell(double Actual, double Predicted, long Count);
