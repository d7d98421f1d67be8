using System.Runtime.InteropServices;

namespace MlService.Learning.Training;

/// <summary>
/// Scores of several classes and which is true, of examples that were judged; of many, of every second, fourth … one. Enough to correct
/// scores by. Mergeable.
/// </summary>
/// <param name="classes">Number of classes.</param>
internal sealed class ClassScores(int classes)
{
    private const int MaxScores = 1 << 18;

    private List<float> _scores = [];
    private List<int> _labels = [];
    private long _every = 1;
    private long _seen;

    /// <summary>Number of classes.</summary>
    public int Classes => classes;

    /// <summary>Number of examples that are kept.</summary>
    public int Rows => _labels.Count;

    // Even, so that what is left after every second one is dropped stays evenly spaced.
    private int MostRows => Math.Max(1 << 10, MaxScores / classes / 2 * 2);

    /// <summary>The true class of an example.</summary>
    public int Label(int row) => _labels[row];

    /// <summary>The scores of an example, by class.</summary>
    public ReadOnlySpan<float> Scores(int row) => CollectionsMarshal.AsSpan(_scores).Slice(row * classes, classes);

    /// <summary>Adds an example.</summary>
    /// <param name="scores">By class.</param>
    /// <param name="label">The true class.</param>
    public void Add(ReadOnlySpan<float> scores, int label)
    {
        if (_seen % _every == 0 && Rows == MostRows)
            Thin();
        if (_seen++ % _every != 0)
            return;
        _scores.AddRange(scores);
        _labels.Add(label);
    }

    /// <summary>Adds all examples of another, in its order.</summary>
    public void Merge(ClassScores other)
    {
        var added = new ClassScores(classes) { _scores = [.. other._scores], _labels = [.. other._labels], _every = other._every };
        while (_every < added._every)
            Thin();
        while (added._every < _every)
            added.Thin();
        _scores.AddRange(added._scores);
        _labels.AddRange(added._labels);
        while (Rows > MostRows)
            Thin();
        _seen = Rows * _every;
    }

    public void Write(BinaryWriter writer)
    {
        writer.Write(_every);
        writer.Write(_seen);
        ShardFormat.WriteArray<int>(writer, CollectionsMarshal.AsSpan(_labels));
        ShardFormat.WriteArray<float>(writer, CollectionsMarshal.AsSpan(_scores));
    }

    public static ClassScores Read(BinaryReader reader, int classes)
    {
        var read = new ClassScores(classes)
        {
            _every = reader.ReadInt64(),
            _seen = reader.ReadInt64(),
            _labels = [.. ShardFormat.ReadArray<int>(reader)],
            _scores = [.. ShardFormat.ReadArray<float>(reader)],
        };
        return read._every > 0 && read._scores.Count == (long)read.Rows * classes && read._labels.TrueForAll(label => (uint)label < (uint)classes)
            ? read
            : throw ShardFormat.Damaged("scores of classes that do not fit together");
    }

    // Drops every second example.
    private void Thin()
    {
        var kept = (Rows + 1) / 2;
        for (var row = 0; row < kept; row++)
        {
            _labels[row] = _labels[2 * row];
            Scores(2 * row).CopyTo(CollectionsMarshal.AsSpan(_scores).Slice(row * classes, classes));
        }
        _labels.RemoveRange(kept, _labels.Count - kept);
        _scores.RemoveRange(kept * classes, _scores.Count - kept * classes);
        _every *= 2;
    }
}
