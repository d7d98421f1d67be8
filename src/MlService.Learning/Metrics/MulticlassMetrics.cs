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
    private BinaryMetrics _confidence = new();              // probability of the predicted class, and whether it was right
    private double _logLoss;
    private double _brier;

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
    /// <param name="probabilities">Of each class; the greatest is predicted, the first of equals.</param>
    /// <param name="actual">The true class, as UTF-8 text.</param>
    /// <exception cref="InvalidInputException">The data has more than <see cref="MaxLabels"/> labels.</exception>
    public void Add(ReadOnlySpan<float> probabilities, ReadOnlySpan<byte> actual)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(probabilities.Length, _classes, nameof(probabilities));
        var label = Label(actual);
        var predicted = 0;
        double squares = 0;
        for (var k = 0; k < probabilities.Length; k++)
        {
            if (probabilities[k] > probabilities[predicted])
                predicted = k;
            var error = probabilities[k] - (k == label ? 1.0 : 0);
            squares += error * error;
        }
        _rows[label][predicted]++;
        Rows++;
        // A class that the model does not know has the probability 0.
        var own = label < _classes ? probabilities[label] : 0;
        _logLoss -= Math.Log(Math.Clamp(own, BinaryMetrics.ProbabilityMargin, 1));
        _brier += squares + (label < _classes ? 0 : 1);
        _confidence.Add(Math.Min(probabilities[predicted], 1), predicted == label);
    }

    /// <summary>Adds all records of another, whose model has the same classes.</summary>
    public void Merge(MulticlassMetrics other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Rows += other.Rows;
        _logLoss += other._logLoss;
        _brier += other._brier;
        _confidence.Merge(other._confidence);
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
        writer.Write(_logLoss);
        writer.Write(_brier);
        _confidence.Write(writer);
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
        var (logLoss, brier, confidence) = (reader.ReadDouble(), reader.ReadDouble(), BinaryMetrics.Read(reader));
        var labels = ShardFormat.ReadCount(reader, 8);
        if (classes < 0 || labels < classes)
            throw ShardFormat.Damaged($"{classes} classes and {labels} labels");
        var metrics = new MulticlassMetrics(classes) { _logLoss = logLoss, _brier = brier, _confidence = confidence };
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
        var reliability = _confidence.Rank().Reliability();
        return new MulticlassReport
        {
            Rows = Rows,
            Accuracy = Rows == 0 ? null : (double)Enumerable.Range(0, _classes).Sum(k => _rows[k][k]) / Rows,
            MacroF1 = present.Length == 0 ? null : present.Average(item => item.F1),
            MacroF1Interval = Rows == 0 ? null : MacroF1Interval(matrix),
            LogLoss = Rows == 0 ? null : _logLoss / Rows,
            BrierScore = Rows == 0 ? null : _brier / Rows,
            ExpectedCalibrationError = ScoreRanking.CalibrationError(reliability),
            Reliability = reliability,
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

    private ConfidenceInterval? MacroF1Interval(IReadOnlyList<long>[] matrix)
    {
        var cells = matrix.SelectMany((row, label) => row.Select((count, predicted) => (label, predicted, count))).Where(cell => cell.count > 0).ToArray();
        var (actual, all, right) = (new long[matrix.Length], new long[_classes], new long[_classes]);
        return Bootstrap.Interval([.. cells.Select(cell => cell.count)], MacroF1);

        double MacroF1(long[] drawn)
        {
            Array.Clear(actual);
            Array.Clear(all);
            Array.Clear(right);
            for (var i = 0; i < drawn.Length; i++)
            {
                var (label, predicted, _) = cells[i];
                actual[label] += drawn[i];
                all[predicted] += drawn[i];
                if (label == predicted)
                    right[label] += drawn[i];
            }
            double sum = 0;
            var present = 0;
            for (var label = 0; label < actual.Length; label++)
            {
                if (actual[label] == 0)
                    continue;
                present++;
                sum += label < _classes ? 2.0 * right[label] / (actual[label] + all[label]) : 0;
            }
            return sum / present;
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
