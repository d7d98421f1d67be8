using System.Text;
using MlService.Benchmarks.Compare;
using MlService.Learning.Schemas;

namespace MlService.Benchmarks.Judgement;

/// <summary>The rows of a CSV text, which can be split in two parts in different ways.</summary>
internal sealed class JudgedRows
{
    const double TrainShare = 0.7;

    readonly string[] _lines;
    readonly string _header;

    /// <summary>Takes a text.</summary>
    /// <param name="name">What it is called in the table.</param>
    /// <param name="text">CSV with a header line.</param>
    /// <param name="target">The attribute to predict; by default the one that schema inference suggests.</param>
    /// <param name="schema">What the columns are; by default guessed from the first rows.</param>
    public JudgedRows(string name, string text, string? target = null, DataSchema? schema = null)
    {
        Name = name;
        if (schema is null)
        {
            using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text), writable: false);
            schema = SchemaInference.Infer(stream, hasHeader: true).Schema;
        }
        Schema = target is null ? schema : schema.WithTarget(target);
        if (Schema.TargetIndex < 0)
            throw new CommandLineException($"{name}: no target is evident; name one with --target.");
        // A line break ends a row, also within quotes.
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        (_header, _lines) = (lines[0], lines[1..]);
    }

    /// <summary>What it is called.</summary>
    public string Name { get; }

    /// <summary>What the columns are.</summary>
    public DataSchema Schema { get; }

    /// <summary>Rows in all.</summary>
    public int Count => _lines.Length;

    /// <summary>70% to train on and the others to test on.</summary>
    /// <param name="seed">Which rows; 0: the first ones to train on, as they stand.</param>
    public (BenchmarkRows.Part Train, BenchmarkRows.Part Test) Split(int seed)
    {
        string[] lines = [.. _lines];
        if (seed > 0)
            new Random(seed).Shuffle(lines);
        var cut = (int)(lines.Length * TrainShare);
        return (Part(lines.AsSpan(..cut)), Part(lines.AsSpan(cut..)));
    }

    BenchmarkRows.Part Part(ReadOnlySpan<string> lines)
    {
        var text = new StringBuilder(_header).Append('\n');
        foreach (var line in lines)
            text.Append(line).Append('\n');
        return new(Schema, Encoding.UTF8.GetBytes(text.ToString()));
    }
}
