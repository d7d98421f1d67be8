using System.Runtime.InteropServices;
using MlService.Learning.Schemas;

namespace MlService.Learning.Statistics;

/// <summary>The sampled rows with a usable target: its class, or its value with mean 0 and variance 1.</summary>
internal sealed class TargetSample
{
    private readonly SampledColumns _sample;

    private TargetSample(SampledColumns sample, int[] rows, int classes, int[] labels, double[] values)
    {
        _sample = sample;
        Rows = rows;
        Classes = classes;
        Labels = labels;
        Values = values;
    }

    /// <summary>Which of the sampled rows they are: increasing, which is a random order.</summary>
    public int[] Rows { get; }

    /// <summary>Number of sampled rows, with those whose target cannot be used.</summary>
    public int SampledRows => _sample.Count;

    /// <summary>Number of classes; 0 for a number.</summary>
    public int Classes { get; }

    /// <summary>Class of each row.</summary>
    public int[] Labels { get; }

    /// <summary>Standardised value of each row; for two classes 0 and 1.</summary>
    public double[] Values { get; }

    /// <summary>Whether the target is a number or one of two classes, so that more and less of it has a meaning.</summary>
    public bool IsOrdered => Values.Length > 0;

    /// <summary>A column's cell in each row.</summary>
    public ReadOnlySpan<ulong> CellsOf(int attribute)
    {
        var column = _sample.Column(attribute);
        if (Rows.Length == column.Length)
            return column;
        var cells = new ulong[Rows.Length];
        for (var i = 0; i < cells.Length; i++)
            cells[i] = column[Rows[i]];
        return cells;
    }

    /// <summary>A numeric column's value in each row; NaN where it has none.</summary>
    public ReadOnlySpan<double> NumbersOf(int attribute) => MemoryMarshal.Cast<ulong, double>(CellsOf(attribute));

    /// <summary>The sample of a target, or null where nothing can be learned: too few rows, or always the same target.</summary>
    public static TargetSample? Of(DataStatistics statistics)
    {
        const int leastRows = 20;
        var target = statistics.Schema.TargetIndex;
        if (target < 0)
            return null;
        var sample = statistics.Sample;
        var type = statistics.Schema.Attributes[target].Type;
        var cells = sample.Column(target);
        var usable = new List<int>(cells.Length);
        for (var row = 0; row < cells.Length; row++)
        {
            if (cells[row] != RowSample.Missing && cells[row] != RowSample.Invalid
                && (type != AttributeType.Categorical || cells[row] != CategoricalStatistics.EmptyCell))
                usable.Add(row);
        }
        if (usable.Count < leastRows)
            return null;
        int[] rows = [.. usable];
        if (type == AttributeType.Numeric)
        {
            var numbers = new double[rows.Length];
            for (var i = 0; i < rows.Length; i++)
                numbers[i] = BitConverter.UInt64BitsToDouble(cells[rows[i]]);
            return Standardise(numbers) is { } values ? new TargetSample(sample, rows, 0, [], values) : null;
        }
        var labels = new int[rows.Length];
        var classes = new Dictionary<ulong, int>();
        for (var i = 0; i < rows.Length; i++)
        {
            var cell = cells[rows[i]];
            if (type == AttributeType.Binary)
                classes[cell] = labels[i] = (int)cell;
            // What lies beyond the limit is one class more; no model can be trained then anyway.
            else if (!classes.TryGetValue(cell, out labels[i]))
                classes[cell] = labels[i] = Math.Min(classes.Count, DataStatistics.MaxTargetClasses);
        }
        if (classes.Count < 2)
            return null;
        var count = type == AttributeType.Binary ? 2 : labels.Max() + 1;
        return new TargetSample(sample, rows, count, labels, type == AttributeType.Binary ? [.. labels.Select(label => (double)label)] : []);
    }

    private static double[]? Standardise(double[] values)
    {
        var scale = values.Max(Math.Abs);
        if (scale == 0)
            return null;
        for (var i = 0; i < values.Length; i++)
            values[i] /= scale;
        var mean = values.Average();
        var deviation = Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
        if (deviation < 1e-12)
            return null;
        for (var i = 0; i < values.Length; i++)
            values[i] = (values[i] - mean) / deviation;
        return values;
    }
}
