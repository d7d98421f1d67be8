using System.Text;
using MlService.Learning.Features;

namespace MlService.Learning.Metrics;

/// <summary>
/// Judges the predictions of a multiclass model. Mergeable. Classes that only the evaluation data has count too: the model can
/// never be right about them. One per thread.
/// </summary>
public sealed class MulticlassMetrics
{
    /// <summary>Most different labels that evaluation data may have.</summary>
    public const int MaxLabels = 1000;

    private readonly int _classes;
    private readonly FeatureVocabulary _labels = new();     // the model's classes first, then what the data adds
    private readonly List<long[]> _rows = [];               // by label, then by predicted class

    /// <summary>Starts an evaluation.</summary>
    /// <param name="classes">The model's classes, in its order.</param>
    public MulticlassMetrics(IReadOnlyList<string> classes)
    {
        ArgumentNullException.ThrowIfNull(classes);
        _classes = classes.Count;
        foreach (var name in classes)
            Label(Encoding.UTF8.GetBytes(name));
    }

    private MulticlassMetrics(int classes) => _classes = classes;

    /// <summary>Number of records.</summary>
    public long Rows { get; private set; }

    /// <summary>Adds one record.</summary>
    /// <param name="predicted">Index of the most probable class.</param>
    /// <param name="actual">The true class, as UTF-8 text.</param>
    /// <exception cref="InvalidInputException">The data has more than <see cref="MaxLabels"/> labels.</exception>
    public void Add(int predicted, ReadOnlySpan<byte> actual)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)predicted, (uint)_classes, nameof(predicted));
        _rows[Label(actual)][predicted]++;
        Rows++;
    }

    /// <summary>Adds all records of another, whose model has the same classes.</summary>
    public void Merge(MulticlassMetrics other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Rows += other.Rows;
        for (var id = 0; id < other._rows.Count; id++)
        {
            var row = _rows[Label(other._labels.Token(id))];
            for (var k = 0; k < row.Length; k++)
                row[k] += other._rows[id][k];
        }
    }

    /// <summary>Writes all that was added, for <see cref="Merge"/> in another process.</summary>
    public void Write(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(_classes);
        writer.Write(_rows.Count);
        for (var id = 0; id < _rows.Count; id++)
        {
            ShardFormat.WriteArray(writer, _labels.Token(id));
            ShardFormat.WriteArray<long>(writer, _rows[id]);
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="reader">Of a stream that can seek.</param>
    /// <exception cref="InvalidInputException">The bytes are damaged.</exception>
    public static MulticlassMetrics Read(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var classes = reader.ReadInt32();
        var labels = ShardFormat.ReadCount(reader, 8);
        if (classes < 0 || labels < classes)
            throw ShardFormat.Damaged($"{classes} classes and {labels} labels");
        var metrics = new MulticlassMetrics(classes);
        for (var id = 0; id < labels; id++)
        {
            var name = ShardFormat.ReadArray<byte>(reader);
            var counts = ShardFormat.ReadArray<long>(reader);
            if (counts.Length != classes || metrics.Label(name) != id)
                throw ShardFormat.Damaged("a label comes twice, or with too few counts");
            counts.CopyTo(metrics._rows[id], 0);
            metrics.Rows += counts.Sum();
        }
        return metrics;
    }

    /// <summary>Everything there is to say.</summary>
    /// <param name="majorityClass">The most frequent class of the training data: what the baseline always predicts.</param>
    public MulticlassReport ToReport(string? majorityClass = null)
    {
        // Labels seen only in other shards come in any order: names beyond the model's stand sorted.
        var order = Enumerable.Range(0, _classes)
            .Concat(Enumerable.Range(_classes, _rows.Count - _classes).OrderBy(Name, StringComparer.Ordinal)).ToArray();
        var names = order.Select(Name).ToArray();
        var matrix = order.Select(id => (IReadOnlyList<long>)[.. _rows[id]]).ToArray();
        var classes = order.Select(Judge).ToArray();
        var present = classes.Where(item => item.Actual > 0).ToArray();
        return new MulticlassReport
        {
            Rows = Rows,
            Accuracy = Rows == 0 ? null : (double)Enumerable.Range(0, _classes).Sum(k => _rows[k][k]) / Rows,
            MacroF1 = present.Length == 0 ? null : present.Average(item => item.F1),
            BaselineMacroF1 = present.Length == 0 ? null : Baseline(classes, present.Length, majorityClass),
            Classes = classes,
            Labels = names,
            ConfusionMatrix = matrix,
        };

        ClassReport Judge(int id)
        {
            var actual = _rows[id].Sum();
            var predicted = id < _classes ? _rows.Sum(row => row[id]) : 0;
            var right = id < _classes ? _rows[id][id] : 0;
            var counts = new ConfusionCounts(right, predicted - right, Rows - actual - predicted + right, actual - right);
            return new(Name(id), actual, predicted, counts.Precision, counts.Recall, counts.F1);
        }
    }

    // Always predicting class m: its precision is its share p, its recall 1, so F1 = 2p/(1+p); all other classes have 0.
    private double Baseline(ClassReport[] classes, int present, string? majorityClass)
    {
        var majority = classes.FirstOrDefault(item => item.Name == majorityClass);
        var share = majority is null ? 0 : (double)majority.Actual / Rows;
        return 2 * share / (1 + share) / present;
    }

    private string Name(int id) => Encoding.UTF8.GetString(_labels.Token(id));

    private int Label(ReadOnlySpan<byte> name)
    {
        var id = _labels.GetOrAdd(0, name);
        if (id < _rows.Count)
            return id;
        if (id >= MaxLabels)
            throw new InvalidInputException($"The target of the evaluation data has more than {MaxLabels} different values. "
                + "Check that the schema names the right target column.");
        _rows.Add(new long[_classes]);
        return id;
    }
}
