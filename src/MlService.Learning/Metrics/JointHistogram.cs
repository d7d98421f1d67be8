using System.Runtime.InteropServices;

namespace MlService.Learning.Metrics;

/// <summary>
/// Counts pairs of numbers in square cells, at most <see cref="MaxCells"/> of them. Cells are 2^e wide and begin at multiples of that; e
/// is the least with which the pairs fit, so the counts depend neither on the order of the pairs nor on how they were parted, and a
/// pair far away costs one cell and not the others their sharpness. Mergeable. One per thread.
/// </summary>
internal sealed class JointHistogram
{
    /// <summary>Most cells that are occupied.</summary>
    public const int MaxCells = 4096;

    // Cells are at least 2^-40 of the largest number, so that their places are exact.
    private const int PlaceBits = 40;
    private const int LeastExponent = -1074;

    private Dictionary<(long X, long Y), long> _cells = [];
    private int _exponent = LeastExponent;

    /// <summary>Width of a cell; 0 before the first pair.</summary>
    public double CellWidth => _cells.Count == 0 ? 0 : Math.ScaleB(1, _exponent);

    /// <summary>The occupied cells by their places in widths of a cell.</summary>
    public IEnumerable<(long X, long Y, long Count)> Cells => _cells.Select(cell => (cell.Key.X, cell.Key.Y, cell.Value));

    /// <summary>Counts a pair of finite numbers.</summary>
    public void Add(double x, double y)
    {
        var largest = Math.Max(Math.Abs(x), Math.Abs(y));
        if (largest > 0)
            Coarsen(Math.ILogB(largest) - PlaceBits);
        Count((Place(x), Place(y)), 1);
    }

    /// <summary>Adds all pairs of another.</summary>
    public void Merge(JointHistogram other)
    {
        Coarsen(other._exponent);
        foreach (var (x, y, count) in other.Cells)
        {
            var shift = _exponent - other._exponent;
            Count((Shift(x, shift), Shift(y, shift)), count);
        }
    }

    /// <summary>Writes all that was added.</summary>
    public void Write(BinaryWriter writer)
    {
        writer.Write(_exponent);
        ShardFormat.WriteArray<long>(writer, [.. Cells.SelectMany(cell => new[] { cell.X, cell.Y, cell.Count })]);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static JointHistogram Read(BinaryReader reader)
    {
        var histogram = new JointHistogram { _exponent = reader.ReadInt32() };
        var cells = ShardFormat.ReadArray<long>(reader);
        if (cells.Length % 3 != 0)
            throw ShardFormat.Damaged($"{cells.Length} numbers in cells of three");
        foreach (var cell in cells.Chunk(3))
            histogram._cells.Add((cell[0], cell[1]), cell[2]);
        return histogram;
    }

    private void Count((long X, long Y) cell, long count)
    {
        CollectionsMarshal.GetValueRefOrAddDefault(_cells, cell, out _) += count;
        while (_cells.Count > MaxCells)
            Coarsen(_exponent + 1);
    }

    // Of a number too small to be told from 0 in these widths, the sign alone is left.
    private long Place(double value) => Math.ScaleB(value, -_exponent) is var place && place == 0 && value < 0 ? -1 : (long)Math.Floor(place);

    private void Coarsen(int exponent)
    {
        if (exponent <= _exponent)
            return;
        var finer = _cells;
        _cells = new(finer.Count);
        foreach (var (cell, count) in finer)
            CollectionsMarshal.GetValueRefOrAddDefault(_cells, (Shift(cell.X, exponent - _exponent), Shift(cell.Y, exponent - _exponent)), out _) += count;
        _exponent = exponent;
    }

    // An arithmetic shift rounds down, as the places of cells do.
    private static long Shift(long place, int bits) => place >> Math.Min(bits, 63);
}
