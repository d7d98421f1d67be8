using System.Runtime.CompilerServices;
using MlService.Learning.Records;
using MlService.Learning.Schemas;

namespace MlService.Learning.Statistics;

/// <summary>
/// Statistics of a data set in one pass: what the data report tells, what recipes are fitted on. One per shard, merged
/// in the order of the shards. Memory is bounded by the schema, whatever the number of rows. Counts, ranges,
/// means and deviations are exact; what is approximate (quantiles past 4,096 different values, counts past the capacity of a table,
/// distinct counts) states its error in the report. Not for concurrent use.
/// </summary>
public sealed partial class DataStatistics
{
    /// <summary>Most classes that a target may have.</summary>
    public const int MaxTargetClasses = 100;

    private readonly StatisticsLimits _limits;
    private readonly ColumnStatistics?[] _columns;
    private readonly int[] _content; // columns that make a row the same as another
    private readonly SampledRow _row;
    private byte[] _padded = [];
    private (int Column, NumericStatistics Statistics)[] _numbers = [];
    private (int Column, BinaryStatistics Statistics)[] _binaries = [];
    private (int Column, CategoricalStatistics Statistics)[] _categories = [];
    private (int Column, TextStatistics Statistics)[] _texts = [];
    private RowSample _sample;
    private DuplicateRows _duplicates = new();

    /// <summary>Creates statistics of no rows.</summary>
    /// <param name="schema">The columns. Excluded ones are not looked at.</param>
    public DataStatistics(DataSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        Schema = schema;
        _limits = StatisticsLimits.For(schema);
        var count = schema.Attributes.Count;
        _columns = new ColumnStatistics?[count];
        _content = [.. Enumerable.Range(0, count).Where(i => schema.IsInput(i) || i == schema.TargetIndex)];
        foreach (var i in _content.Append(schema.RowIdIndex).Append(schema.RowWeightIndex).Where(i => i >= 0))
            _columns[i] ??= ColumnStatistics.Create(schema.Attributes[i].Type, _limits, i == schema.TargetIndex);
        SortByType();
        _row = new SampledRow(count);
        _sample = new RowSample(count, _limits.SampledRows);
    }

    /// <summary>The columns.</summary>
    public DataSchema Schema { get; }

    /// <summary>Number of rows taken in, without the rejected ones.</summary>
    public long Rows { get; private set; }

    /// <summary>Number of rows that could not be read as a record.</summary>
    public long RejectedRows { get; private set; }

    /// <summary>
    /// The classes of a BINARY target (<c>0</c> and <c>1</c>) or a CATEGORICAL one, most frequent first, with exact
    /// counts; at most <see cref="MaxTargetClasses"/> + 1, so that one too many is seen. Rows without a valid target are not
    /// counted. Empty for a NUMERIC target and without one.
    /// </summary>
    public IReadOnlyList<ValueCount> TargetClasses => Schema.TargetIndex < 0 ? [] : _columns[Schema.TargetIndex] switch
    {
        BinaryStatistics binary => BinaryClasses(binary),
        CategoricalStatistics categorical =>
            [.. categorical.Values.Ranked(MaxTargetClasses + 2).Where(value => value.Length > 0)
                .Take(MaxTargetClasses + 1).Select(ValueCount.Of)],
        _ => [],
    };

    internal SampledColumns Sample => _sample.Ordered();

    internal DuplicateRows Duplicates => _duplicates;

    internal StatisticsLimits Limits => _limits;

    /// <summary>Takes in one record.</summary>
    /// <param name="record">One field per attribute.</param>
    /// <param name="rowPosition">A number of its own for every row of the data set, the same in any sharding (such as its offset
    /// over all files): the row sample depends on it.</param>
    public void Add(in Record record, long rowPosition)
    {
        if (record.IsPadded)
            AddPadded(record, rowPosition);
        else
            AddPadded(record.ToPadded(ref _padded), rowPosition);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddPadded(in Record fields, long rowPosition)
    {
        var key = Hash64.OfKey((ulong)rowPosition);
        var row = _row;
        row.Begin(_sample.Wants(key));
        var cells = row.Cells;
        // What is counted by hash lies anywhere in memory: first its slots are asked for, then what they lead to, and the rest done meanwhile.
        ApproachCategories(fields, cells);
        foreach (ref readonly var text in _texts.AsSpan())
            cells[text.Column] = text.Statistics.Approach(fields[text.Column]);
        AddNumbers(fields, cells);
        foreach (ref readonly var category in _categories.AsSpan())
            category.Statistics.Values.PrefetchEntry(cells[category.Column]);
        foreach (ref readonly var text in _texts.AsSpan())
            text.Statistics.ApproachEntries();
        foreach (ref readonly var binary in _binaries.AsSpan())
            cells[binary.Column] = binary.Statistics.Add(fields[binary.Column]);
        Rows++;
        _duplicates.Add(ContentOf(cells));
        CountCategories(fields, cells);
        foreach (ref readonly var text in _texts.AsSpan())
            text.Statistics.Add(fields[text.Column], row);
        if (row.IsWanted)
            _sample.Add(key, cells, row.Words);
    }

    /// <summary>Counts rows that could not be read as a record.</summary>
    public void AddRejected(long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        RejectedRows += count;
    }

    /// <summary>Takes in the statistics of other rows of the same data set, in their order; the columns side by side.</summary>
    /// <param name="others">Left as they are in meaning; made with an equal schema.</param>
    /// <exception cref="ArgumentException">The schemas differ.</exception>
    public void Merge(params DataStatistics[] others)
    {
        ArgumentNullException.ThrowIfNull(others);
        foreach (var other in others)
        {
            ArgumentNullException.ThrowIfNull(other);
            if (!ReferenceEquals(Schema, other.Schema) && Schema.ToJson() != other.Schema.ToJson())
                throw new ArgumentException("Statistics of different schemas cannot be merged.", nameof(others));
        }
        Rows += others.Sum(other => other.Rows);
        RejectedRows += others.Sum(other => other.RejectedRows);
        // The sample takes the longest: it comes first.
        Action<DataStatistics>[] merges =
        [
            other => _sample.Merge(other._sample),
            other => _duplicates.Merge(other._duplicates),
            .. _columns.Index().Where(column => column.Item is not null)
                .Select(column => (Action<DataStatistics>)(other => column.Item!.Merge(other._columns[column.Index]!))),
        ];
        Parallel.ForEach(merges, merge =>
        {
            foreach (var other in others)
                merge(other);
        });
    }

    /// <summary>The summary of a NUMERIC attribute.</summary>
    /// <param name="attribute">Column of the attribute.</param>
    /// <exception cref="ArgumentException">The attribute is not NUMERIC, or excluded.</exception>
    public NumericSummary Numeric(int attribute) => _columns[attribute] is NumericStatistics numeric
        ? numeric.Summarize()
        : throw new ArgumentException($"\"{Schema.Attributes[attribute].Name}\" has no numeric statistics.", nameof(attribute));

    /// <summary>The data report.</summary>
    public DataReport ToReport() => new DataReportBuilder(this).Build();

    internal ColumnStatistics? Column(int attribute) => _columns[attribute];

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ApproachCategories(in Record fields, ulong[] cells)
    {
        foreach (ref readonly var category in _categories.AsSpan())
            cells[category.Column] = category.Statistics.Approach(fields[category.Column]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void CountCategories(in Record fields, ulong[] cells)
    {
        foreach (ref readonly var category in _categories.AsSpan())
            if (!category.Statistics.Values.TryAdd(cells[category.Column]))
                category.Statistics.Values.Insert(cells[category.Column], fields[category.Column]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddNumbers(in Record fields, ulong[] cells)
    {
        foreach (ref readonly var number in _numbers.AsSpan())
            cells[number.Column] = number.Statistics.Add(fields[number.Column]);
    }

    /// <summary>The hash of all that makes a row the same as another, in four chains: within one, each step waits for the one before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private ulong ContentOf(ulong[] cells)
    {
        var columns = _content;
        ulong a = 0, b = 0, c = 0, d = 0;
        var i = 0;
        for (; i + 4 <= columns.Length; i += 4)
        {
            a = Hash64.Combine(a, cells[columns[i]]);
            b = Hash64.Combine(b, cells[columns[i + 1]]);
            c = Hash64.Combine(c, cells[columns[i + 2]]);
            d = Hash64.Combine(d, cells[columns[i + 3]]);
        }
        for (; i < columns.Length; i++)
            a = Hash64.Combine(a, cells[columns[i]]);
        return Hash64.OfKey(Hash64.Combine(Hash64.Combine(Hash64.Combine(a, b), c), d));
    }

    /// <summary>Columns of one type are taken in one after the other: their code is the same, and no value waits for another.</summary>
    private void SortByType()
    {
        _numbers = Of<NumericStatistics>();
        _binaries = Of<BinaryStatistics>();
        _categories = Of<CategoricalStatistics>();
        _texts = Of<TextStatistics>();

        (int, T)[] Of<T>() where T : ColumnStatistics => [.. _columns.Index().Where(column => column.Item is T).Select(column => (column.Index, (T)column.Item!))];
    }

    private static IReadOnlyList<ValueCount> BinaryClasses(BinaryStatistics binary)
    {
        ValueCount no = new("0", binary.False), yes = new("1", binary.True);
        return [.. (binary.True > binary.False ? new[] { yes, no } : [no, yes]).Where(value => value.Count > 0)];
    }
}
