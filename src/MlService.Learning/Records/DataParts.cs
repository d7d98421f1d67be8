using System.Runtime.CompilerServices;

namespace MlService.Learning.Records;

/// <summary>
/// Cuts a data set at percentages, so that what is known of each part can be put together for any split that lies along the cuts. Each part
/// is what a <see cref="DataSplit"/> from cut to cut would take: by the place of a row in the data, or by the number that a
/// seed draws for it.
/// </summary>
/// <param name="Strategy">What the percentages are of.</param>
/// <param name="Seed">Seed of a random strategy; empty for a sequential one.</param>
/// <param name="Cuts">Where one part ends and the next begins: strictly increasing, between 0 and 100.</param>
internal sealed record DataParts(SplitStrategy Strategy, string Seed, IReadOnlyList<double> Cuts)
{
    private const int MostFolds = 20;

    /// <summary>All rows as one part.</summary>
    public static readonly DataParts One = new(SplitStrategy.Sequential, "", []);

    // Halves and the usual shares of training data; in large data also the folds of four, five and ten.
    private static readonly double[] Usual = [50, 70, 80];
    private static readonly double[] Fine = [10, 20, 25, 30, 40, 50, 60, 70, 75, 80, 90];

    /// <summary>Number of parts.</summary>
    public int Count => Cuts.Count + 1;

    /// <summary>
    /// The parts to cut data into of which a split is asked for: along the split, along its fellows if it looks like one of equal folds, and
    /// where splits usually are.
    /// </summary>
    /// <param name="split">The split.</param>
    /// <param name="fine">Whether to cut at all usual places, or at the most usual only.</param>
    public static DataParts For(DataSplit split, bool fine)
    {
        var width = split.PercentEnd - split.PercentBegin;
        var folds = (int)Math.Round(100 / Math.Max(width, 1));
        var isFold = folds is >= 2 and <= MostFolds && IsWhole(100 / width) && IsWhole(split.PercentBegin / width);
        // As whoever asks for the other folds would have it: the same numbers to the last digit matter, but not what is usual.
        var fellows = isFold ? Enumerable.Range(1, folds - 1).Select(fold => 100.0 * fold / folds) : [];
        double[] asked = [split.PercentBegin, split.PercentEnd];
        var cuts = asked.Concat(fellows.Concat(fine ? Fine : Usual).Where(cut => asked.All(own => Math.Abs(own - cut) > 1e-6)))
            .Where(cut => cut is > 0 and < 100);
        return new DataParts(split.Strategy, split.Strategy == SplitStrategy.Random ? split.Seed : "", [.. cuts.Distinct().Order()]);
    }

    /// <summary>The parts that make up a split, in order; null if the cuts are elsewhere.</summary>
    public IReadOnlyList<int>? Of(DataSplit split)
    {
        var isWhole = split.PercentBegin == 0 && split.PercentEnd == 100;
        var isAlike = split.Strategy == Strategy && (Strategy == SplitStrategy.Sequential || split.Seed == Seed);
        if (!(isWhole || isAlike && IsCut(split.PercentBegin) && IsCut(split.PercentEnd)))
            return null;
        return [.. Enumerable.Range(0, Count).Where(part => (Begin(part) >= split.PercentBegin && End(part) <= split.PercentEnd) != split.Complement)];
    }

    /// <summary>Finds the parts of rows, one after the other.</summary>
    /// <param name="files">All files of the data set, in order.</param>
    public Locator In(IReadOnlyList<DataFile> files) => new(this, files.Sum(file => file.DataLength));

    private double Begin(int part) => part == 0 ? 0 : Cuts[part - 1];

    private double End(int part) => part == Cuts.Count ? 100 : Cuts[part];

    private bool IsCut(double percent) => percent is 0 or 100 || Cuts.Contains(percent);

    private static bool IsWhole(double number) => Math.Abs(number - Math.Round(number)) < 1e-6;

    /// <summary>Finds the parts of rows; not for concurrent use.</summary>
    internal sealed class Locator
    {
        private readonly DataSplit? _drawing;
        private readonly double[] _cuts;
        private double _begin = double.NegativeInfinity, _end = double.NegativeInfinity;
        private int _part;

        public Locator(DataParts parts, long dataLength)
        {
            _drawing = parts.Strategy == SplitStrategy.Random && parts.Count > 1 ? new DataSplit(strategy: parts.Strategy, seed: parts.Seed) : null;
            _cuts = [.. parts.Cuts.Select(cut => _drawing is null ? DataSplit.OffsetOf(cut, dataLength) : cut)];
        }

        /// <summary>The part of a row.</summary>
        /// <param name="position">The row's place in the data bytes of all files.</param>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public int PartOf(long position)
        {
            var number = _drawing?.Draw(position) ?? position;
            if (number >= _begin && number < _end)
                return _part;
            for (_part = 0; _part < _cuts.Length && _cuts[_part] <= number;)
                _part++;
            _begin = _part == 0 ? double.NegativeInfinity : _cuts[_part - 1];
            _end = _part == _cuts.Length ? double.PositiveInfinity : _cuts[_part];
            return _part;
        }
    }
}
