using MlService.Learning.Schemas;

namespace MlService.Learning.Statistics;

/// <summary>The sampled rows with a usable target: its class, or its value with mean 0 and variance 1.</summary>
internal sealed class TargetSample
{
    private TargetSample(int[] slots, int classes, int[] labels, double[] values)
    {
        Slots = slots;
        Classes = classes;
        Labels = labels;
        Values = values;
    }

    /// <summary>The rows, in random order.</summary>
    public int[] Slots { get; }

    /// <summary>Number of classes; 0 for a number.</summary>
    public int Classes { get; }

    /// <summary>Class of each row.</summary>
    public int[] Labels { get; }

    /// <summary>Standardised value of each row; for two classes 0 and 1.</summary>
    public double[] Values { get; }

    /// <summary>Whether the target is a number or one of two classes, so that more and less of it has a meaning.</summary>
    public bool IsOrdered => Values.Length > 0;

    /// <summary>The sample of a target, or null where nothing can be learned: too few rows, or always the same target.</summary>
    public static TargetSample? Of(DataStatistics statistics)
    {
        const int leastRows = 20;
        var target = statistics.Schema.TargetIndex;
        if (target < 0)
            return null;
        var sample = statistics.Sample;
        var type = statistics.Schema.Attributes[target].Type;
        int[] slots = [.. sample.OrderedSlots().Where(slot => sample.Row(slot)[target] is var cell
            && cell != RowSample.Missing && cell != RowSample.Invalid
            && (type != AttributeType.Categorical || cell != CategoricalStatistics.EmptyCell))];
        if (slots.Length < leastRows)
            return null;
        if (type == AttributeType.Numeric)
        {
            var values = Standardise([.. slots.Select(slot => BitConverter.UInt64BitsToDouble(sample.Row(slot)[target]))]);
            return values is null ? null : new TargetSample(slots, 0, [], values);
        }
        var classes = new Dictionary<ulong, int>();
        var labels = new int[slots.Length];
        for (var i = 0; i < slots.Length; i++)
        {
            var cell = sample.Row(slots[i])[target];
            if (type == AttributeType.Binary)
                classes[cell] = labels[i] = (int)cell;
            // What lies beyond the limit is one class more; no model can be trained then anyway.
            else if (!classes.TryGetValue(cell, out labels[i]))
                classes[cell] = labels[i] = Math.Min(classes.Count, DataStatistics.MaxTargetClasses);
        }
        if (classes.Count < 2)
            return null;
        var count = type == AttributeType.Binary ? 2 : labels.Max() + 1;
        return new TargetSample(slots, count, labels, type == AttributeType.Binary ? [.. labels.Select(label => (double)label)] : []);
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
