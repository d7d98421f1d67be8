using System.Globalization;
using System.Runtime.CompilerServices;
using MlService.Learning.Schemas;

namespace MlService.Learning.Statistics;

/// <summary>
/// Parts the row sample by the target, and counts attributes in each part: by class, the most frequent ones by themselves; a number
/// by its quartiles. The sample is uniform and bounded, does not depend on the sharding, and is all of the data where that is
/// small; so are the counts.
/// </summary>
internal sealed class TargetGroups
{
    /// <summary>Classes that have a group of their own; the others share one.</summary>
    public const int MostClasses = 12;

    private const int Quarters = 4;

    private readonly SampledColumns _sample;
    private readonly int[] _rows;
    private readonly int[] _groups;
    private readonly double[] _values;

    private TargetGroups(SampledColumns sample, int target, IReadOnlyList<TargetGroup> groups, Func<ulong, int> groupOf, AttributeType type)
    {
        _sample = sample;
        var cells = sample.Column(target);
        var (rows, of, values) = (new List<int>(cells.Length), new List<int>(cells.Length), new List<double>(cells.Length));
        var counts = new int[groups.Count];
        for (var row = 0; row < cells.Length; row++)
        {
            if (groupOf(cells[row]) is not (>= 0 and var group))
                continue;
            rows.Add(row);
            of.Add(group);
            values.Add(type == AttributeType.Numeric ? BitConverter.UInt64BitsToDouble(cells[row]) : cells[row]);
            counts[group]++;
        }
        (_rows, _groups, _values) = ([.. rows], [.. of], type == AttributeType.Categorical ? [] : [.. values]);
        Groups = [.. groups.Select((group, i) => group with { Count = counts[i] })];
    }

    /// <summary>The groups; none is empty in the data, but a rare one may be in the sample.</summary>
    public IReadOnlyList<TargetGroup> Groups { get; }

    /// <summary>Sampled rows with a usable target.</summary>
    public int Rows => _rows.Length;

    /// <summary>The groups of a target; null without one, and where no row has a usable one.</summary>
    public static TargetGroups? Of(DataStatistics statistics)
    {
        var target = statistics.Schema.TargetIndex;
        var groups = target < 0 ? null : statistics.Column(target) switch
        {
            NumericStatistics numeric => OfNumber(statistics.Sample, target, numeric.Summarize()),
            BinaryStatistics => OfBinary(statistics, target),
            CategoricalStatistics categorical => OfClasses(statistics, target, categorical),
            _ => null,
        };
        return groups is { Rows: > 0 } ? groups : null;
    }

    /// <summary>Counts a number in the bins of its histogram.</summary>
    public TargetSplit OfNumbers(int attribute, Histogram histogram)
    {
        var ends = histogram.Bins.Skip(1).Select(bin => bin.From).ToArray();
        return Count(attribute, histogram.Bins.Count, hasOther: false, cell => cell is RowSample.Missing or RowSample.Invalid
            ? -1
            : QuantileBins.IndexOf(ends, BitConverter.UInt64BitsToDouble(cell)));
    }

    /// <summary>Counts the values of a category, given by their cells.</summary>
    public TargetSplit OfValues(int attribute, IReadOnlyList<ulong> cells)
    {
        var parts = new Dictionary<ulong, int>();
        for (var i = 0; i < cells.Count; i++)
            parts.TryAdd(cells[i], i);
        return Count(attribute, cells.Count, hasOther: true, cell => cell == RowSample.Invalid ? -1 : parts.GetValueOrDefault(cell, cells.Count));
    }

    /// <summary>Counts the rows that have each of some words.</summary>
    /// <param name="words">The text column's words.</param>
    /// <param name="indexes">Which of them, by their rank.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public TargetSplit OfWords(WordSample words, IReadOnlyList<int> indexes)
    {
        var parts = indexes.Select((word, part) => (word, part)).ToDictionary(pair => pair.word, pair => pair.part);
        var tally = new Tally(this, indexes.Count + 1);
        for (var i = 0; i < _rows.Length; i++)
        {
            var isOther = true;
            foreach (var word in words.IndexesOf(_rows[i]))
            {
                if (!parts.TryGetValue(word, out var part))
                    continue;
                tally.Add(part, i);
                isOther = false;
            }
            if (isOther)
                tally.Add(indexes.Count, i);
        }
        return new TargetSplit([.. indexes.Select((_, part) => tally[part])], tally[indexes.Count], null);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private TargetSplit Count(int attribute, int parts, bool hasOther, Func<ulong, int> partOf)
    {
        var tally = new Tally(this, parts + 2);
        var unusable = 0;
        var cells = _sample.Column(attribute);
        for (var i = 0; i < _rows.Length; i++)
        {
            var part = partOf(cells[_rows[i]]);
            unusable += part < 0 ? 1 : 0;
            tally.Add(part < 0 ? parts + 1 : part, i);
        }
        return new TargetSplit([.. Enumerable.Range(0, parts).Select(part => tally[part])],
            hasOther ? tally[parts] : null, unusable > 0 ? tally[parts + 1] : null);
    }

    private static TargetGroups OfBinary(DataStatistics statistics, int target)
    {
        var classes = statistics.TargetClasses;
        return new TargetGroups(statistics.Sample, target, [.. classes.Select(value => new TargetGroup(value.Value, null, null, 0))],
            cell => cell > 1 ? -1 : classes[0].Value == (cell == 1 ? "1" : "0") ? 0 : classes.Count > 1 ? 1 : -1, AttributeType.Binary);
    }

    private static TargetGroups OfClasses(DataStatistics statistics, int target, CategoricalStatistics column)
    {
        var frequent = column.Values.Ranked(MostClasses + 2).Where(value => value.Length > 0).ToList();
        var own = frequent.Count <= MostClasses ? frequent.Count : MostClasses - 1;
        var indexes = frequent.Take(own).Select((value, i) => (value.Hash, i)).ToDictionary(pair => pair.Hash, pair => pair.i);
        var groups = frequent.Take(own).Select(value => new TargetGroup(ValueCount.TextOf(value), null, null, 0)).ToList();
        if (frequent.Count > own)
            groups.Add(new TargetGroup("other", null, null, 0));
        return new TargetGroups(statistics.Sample, target, groups,
            cell => cell == CategoricalStatistics.EmptyCell ? -1 : indexes.GetValueOrDefault(cell, own), AttributeType.Categorical);
    }

    private static TargetGroups OfNumber(SampledColumns sample, int target, NumericSummary summary)
    {
        var cuts = summary.Boundaries(Quarters);
        double[] edges = [summary.Min, .. cuts, summary.Max];
        var groups = Enumerable.Range(0, cuts.Length + 1).Select(i => new TargetGroup(
            cuts.Length == 0 ? Text(edges[0]) : i == 0 ? $"below {Text(cuts[0])}" : i == cuts.Length ? $"from {Text(cuts[^1])}"
                : $"{Text(edges[i])} to {Text(edges[i + 1])}", edges[i], edges[i + 1], 0)).ToList();
        return new TargetGroups(sample, target, groups, cell => cell is RowSample.Missing or RowSample.Invalid
            ? -1
            : QuantileBins.IndexOf(cuts, BitConverter.UInt64BitsToDouble(cell)), AttributeType.Numeric);
    }

    private static string Text(double number) => number.ToString("G6", CultureInfo.InvariantCulture);

    /// <summary>Counts by part and group, and the sum of the target by part.</summary>
    private sealed class Tally(TargetGroups groups, int parts)
    {
        private readonly int[] _counts = new int[parts * groups.Groups.Count];
        private readonly double[] _means = new double[parts];
        private readonly int[] _rows = new int[parts];

        public TargetCounts this[int part] => new(
            _counts[(part * groups.Groups.Count)..((part + 1) * groups.Groups.Count)],
            groups._values.Length == 0 || _rows[part] == 0 ? null : _means[part]);

        public void Add(int part, int row)
        {
            _counts[part * groups.Groups.Count + groups._groups[row]]++;
            _rows[part]++;
            // A running mean: the sum of great doubles may leave their range.
            if (groups._values.Length > 0)
                _means[part] += groups._values[row] / _rows[part] - _means[part] / _rows[part];
        }
    }
}
