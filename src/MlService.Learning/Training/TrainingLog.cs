using System.Globalization;
using System.Text;

namespace MlService.Learning.Training;

/// <summary>What a pass, or a part of one, did to one learner.</summary>
/// <param name="Learner">Number of the learner, from 0.</param>
/// <param name="LearningRate">Its learning rate.</param>
/// <param name="Pass">Pass, from 1.</param>
/// <param name="Share">How much of the pass is done, up to 1.</param>
/// <param name="TrainingLoss">Mean loss of the examples, each before it was learned from; null in a cross-validation.</param>
/// <param name="HeldOutLoss">Mean loss of held-out examples by averaged weights, with the correction that the note may tell; null where none are held out.</param>
/// <param name="Metric">AUC, accuracy or RMSE on them; null where none are held out.</param>
/// <param name="Features">Features that have a weight other than 0; in a cross-validation, that may have.</param>
/// <param name="ModelBytes">Greatest size of the model's file with them.</param>
/// <param name="Note">What was decided, in words; empty for nothing.</param>
public sealed record TrainingLogEntry(
    int Learner, double LearningRate, int Pass, double Share, double? TrainingLoss, double? HeldOutLoss, double? Metric,
    int Features, long ModelBytes, string Note)
{
    /// <summary>
    /// Rows learned from per second, those of all learners that learned at the time together; null where nobody took the time. It is not kept in
    /// the model's file, which is the same for the same data.
    /// </summary>
    public double? RowsPerSecond { get; init; }

    /// <summary>Of a learner that had to beat the best learning rate with more regularization: with which, in words, as the note begins; otherwise empty.</summary>
    public string Regularization => Note.StartsWith("L1 regularization", StringComparison.Ordinal) || Note.StartsWith("L2 regularization", StringComparison.Ordinal)
        ? Note.Split(';')[0]
        : "";
}

/// <summary>The course of a training; kept with the model.</summary>
public sealed class TrainingLog
{
    /// <summary>Most entries; a longer course loses every second entry from its middle.</summary>
    public const int MaxEntries = 200;

    private readonly List<TrainingLogEntry> _entries;

    internal TrainingLog(IEnumerable<TrainingLogEntry>? entries = null) => _entries = [.. entries ?? []];

    /// <summary>All entries in the order of time.</summary>
    public IReadOnlyList<TrainingLogEntry> Entries => _entries;

    /// <summary>The regularization, in words, with which the lowest held-out loss was reached; empty where it was what all began with.</summary>
    public string Regularization => _entries.Where(entry => entry.HeldOutLoss is not null).MinBy(entry => entry.HeldOutLoss)?.Regularization ?? "";

    /// <summary>The entries as lines for people.</summary>
    public IEnumerable<string> ToLines() => _entries.Select(Line);

    /// <summary>Takes the place of what was noted so far.</summary>
    internal void Restore(IEnumerable<TrainingLogEntry> entries)
    {
        _entries.Clear();
        _entries.AddRange(entries);
    }

    /// <summary>Adds words to the note of the last entry.</summary>
    internal void NoteLast(string note)
    {
        if (_entries.Count > 0)
            _entries[^1] = _entries[^1] with { Note = _entries[^1].Note.Length == 0 ? note : $"{_entries[^1].Note}; {note}" };
    }

    internal void Add(TrainingLogEntry entry)
    {
        if (_entries.Count == MaxEntries)
            for (var i = MaxEntries - 2; i > 0; i -= 2)
                _entries.RemoveAt(i);
        _entries.Add(entry);
    }

    private static string Line(TrainingLogEntry entry)
    {
        var line = new StringBuilder();
        line.Append(CultureInfo.InvariantCulture, $"pass {entry.Pass}");
        if (entry.Share < 1)
            line.Append(CultureInfo.InvariantCulture, $" ({entry.Share:P0})");
        line.Append(CultureInfo.InvariantCulture, $", learning rate {entry.LearningRate:0.####}");
        if (entry.TrainingLoss is { } training)
            line.Append(CultureInfo.InvariantCulture, $", training loss {training:0.######}");
        if (entry.HeldOutLoss is { } heldOut)
            line.Append(CultureInfo.InvariantCulture, $", held-out loss {heldOut:0.######}");
        if (entry.Metric is { } metric)
            line.Append(CultureInfo.InvariantCulture, $", metric {metric:0.####}");
        line.Append(CultureInfo.InvariantCulture, $", features {entry.Features}, model at most {entry.ModelBytes} bytes");
        if (entry.RowsPerSecond is { } speed)
            line.Append(CultureInfo.InvariantCulture, $", {speed:0} rows a second");
        if (entry.Note.Length > 0)
            line.Append(": ").Append(entry.Note);
        return line.ToString();
    }
}
