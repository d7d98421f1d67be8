using System.Diagnostics;

namespace MlService.Benchmarks.Data;

/// <summary>
/// <c>generate</c>: writes <see cref="SyntheticData"/> as a file, and beside it the same rows in two parts, to train and to test.
/// </summary>
internal static class GenerateCommand
{
    public const string Usage = """
        generate --out FILE.csv      where the rows go; FILE.train.csv and FILE.test.csv are written beside it
          --task binary              or multiclass, or regression
          --rows 100000              rows in all
          --split 0.3                share of the last rows that are the test part; 0: no parts
          --seed 7                   same seed, same bytes
          --missing 0                share of empty fields among the numbers
        """;

    /// <summary>Writes the files and prints their size and the best quality possible on the test part, or on all rows.</summary>
    public static int Run(ReadOnlySpan<string> options)
    {
        var line = new CommandLine(options, "--out", "--task", "--rows", "--split", "--seed", "--missing");
        var path = line.Text("--out");
        var task = line.Choice("--task", LearningTask.Binary);
        var rows = line.Number("--rows", 100_000, 1, 1_000_000_000);
        var split = line.Number("--split", 0.3, 0.0, 0.99);
        var seed = line.Number("--seed", 7UL, 0UL, ulong.MaxValue);
        var missing = line.Number("--missing", 0.0, 0.0, 1.0);

        var watch = Stopwatch.StartNew();
        var test = (int)(rows * split);
        var oracle = new List<OracleRow>(test > 0 ? test : rows);
        using var whole = Create(path);
        using var trainPart = test > 0 ? Create(Path.ChangeExtension(path, ".train.csv")) : Stream.Null;
        using var testPart = test > 0 ? Create(Path.ChangeExtension(path, ".test.csv")) : Stream.Null;
        var done = 0;
        foreach (var chunk in SyntheticData.Generate(task, rows, seed, missing))
        {
            var cut = test > 0 ? Math.Clamp(rows - test - done, 0, chunk.Rows) : 0;
            whole.Write(chunk.Lines(0, chunk.Rows).Span);
            trainPart.Write(chunk.Lines(0, cut).Span);
            testPart.Write(chunk.Lines(cut, chunk.Rows).Span);
            oracle.AddRange(chunk.Oracle(cut));
            done += chunk.Rows;
        }
        Console.WriteLine(
            $"{path}: {done} rows, {whole.Length} bytes, {watch.Elapsed.TotalSeconds:F1} s, "
            + OracleRow.BestPossible(task, oracle) + (test > 0 ? " (on the test part)" : ""));
        return 0;
    }

    static FileStream Create(string path)
    {
        var file = File.Create(path);
        file.Write(RowChunk.Header);
        return file;
    }
}
