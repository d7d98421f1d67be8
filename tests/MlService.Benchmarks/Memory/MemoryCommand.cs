using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using MlService.Benchmarks.Data;
using MlService.Learning.Features;
using MlService.Learning.Models;
using MlService.Learning.Recipes;
using MlService.Learning.Records;
using MlService.Learning.Schemas;
using MlService.Learning.Scoring;
using MlService.Learning.Statistics;
using MlService.Learning.Training;

namespace MlService.Benchmarks.Memory;

/// <summary>
/// <c>memory</c>: the most memory that a process takes to make statistics of a file, train from it with default parameters and score
/// it, and the same for a file ten times as long.
/// </summary>
internal static class MemoryCommand
{
    public const string Usage = """
        memory                       peak memory of training and scoring, of some rows and of ten times as many
          --rows 1000000             rows of the smaller file
        """;

    /// <summary>The command of the process that is measured; not for people.</summary>
    public const string Child = "train-and-score";

    // What the service gives a training shard.
    const long ExampleMemoryBytes = 128L << 20;

    /// <summary>Measures and prints the table.</summary>
    public static int Run(string[] options)
    {
        var rows = new CommandLine(options, "--rows").Number("--rows", 1_000_000, 1000, 100_000_000);
        Console.WriteLine($"{"rows",10} {"peak MiB",9} {"model MiB",9} {"CPU s",8}");
        var peaks = new List<(double Peak, double Model)>();
        foreach (var count in (int[])[rows, 10 * rows])
        {
            var path = Path.GetTempFileName();
            try
            {
                Generate(path, count);
                var answer = Measure(path);
                peaks.Add((answer[0], answer[1]));
                Console.WriteLine(FormattableString.Invariant($"{count,10} {answer[0],9:F0} {answer[1],9:F1} {answer[2],8:F1}"));
            }
            finally
            {
                File.Delete(path);
            }
        }
        Console.WriteLine(FormattableString.Invariant(
            $"The larger peak without its model is {(peaks[1].Peak - peaks[1].Model) / peaks[0].Peak:F2} times the smaller."));
        return 0;
    }

    /// <summary>Does the work that is measured, and prints peak and model in MiB and processor seconds.</summary>
    public static int TrainAndScore(string path)
    {
        DataSchema schema = new(
            [
                .. Columns("n", 8, AttributeType.Numeric), .. Columns("c", 8, AttributeType.Categorical),
                .. Columns("b", 2, AttributeType.Binary), new("txt", AttributeType.Text), new("y", AttributeType.Binary),
            ],
            hasHeader: true, target: "y");
        DataFile[] files;
        using (var head = File.OpenRead(path))
            files = [DataSet.Inspect(path, "1", head, head.Length, schema)];
        RecordReader Open() => new(schema, files, DataSet.Shards(files, DataSplit.All, 1)[0], DataSplit.All, (_, offset, _) =>
        {
            var stream = File.OpenRead(path);
            stream.Position = offset;
            return stream;
        });

        var peaks = new PhasePeaks();
        peaks.Begin("statistics");
        var statistics = new DataStatistics(schema);
        using (var reader = Open())
            while (reader.Read())
                statistics.Add(reader.Record, reader.RowPosition);
        peaks.Begin("recipe");
        var plan = FeaturePlan.Compile(SuggestedRecipe.For(schema, statistics), schema, statistics);
        var setup = new TrainingSetup(plan, TargetEncoder.For(schema, statistics.TargetClasses), TrainingParameters.Default);
        var model = Trainer.TrainAsOne(setup, [Open], new ExampleSpill(Path.GetTempPath(), ExampleMemoryBytes),
            progress => peaks.Begin($"{progress.Phase}"));
        peaks.Begin("saving");
        var modelBytes = SavedBytes(model);
        peaks.Begin("scoring");
        Score(model, schema, Open);
        peaks.Begin(null);

        Console.WriteLine(FormattableString.Invariant(
            $"{peaks.Highest:F1} {modelBytes / 1048576.0:F1} {Environment.CpuUsage.TotalTime.TotalSeconds:F1}"));
        return 0;
    }

    static long SavedBytes(LinearModel model)
    {
        using var saved = new MemoryStream();
        model.Save(saved);
        return saved.Length;
    }

    static void Score(LinearModel model, DataSchema schema, Func<RecordReader> open)
    {
        using var reader = open();
        var scorer = model.CreateScorer(schema);
        var lines = new ArrayBufferWriter<byte>(1 << 17);
        var writer = new BatchRowWriter(lines, model, 0.5, hasTag: false, hasTrueLabel: true);
        using var gzip = new GZipStream(Stream.Null, CompressionLevel.Fastest);
        while (reader.Read())
        {
            writer.Write(scorer.Score(reader.Record), default, reader.Record[schema.TargetIndex]);
            if (lines.WrittenCount < 1 << 16)
                continue;
            gzip.Write(lines.WrittenSpan);
            lines.ResetWrittenCount();
        }
        gzip.Write(lines.WrittenSpan);
    }

    static void Generate(string path, int rows)
    {
        using var file = File.Create(path);
        file.Write(RowChunk.Header);
        foreach (var chunk in SyntheticData.Generate(LearningTask.Binary, rows, seed: 7))
            file.Write(chunk.Lines(0, chunk.Rows).Span);
    }

    static double[] Measure(string path)
    {
        using var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [.. Self(), Child, path]) { RedirectStandardOutput = true })!;
        var answer = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? [.. answer.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(figure => double.Parse(figure, CultureInfo.InvariantCulture))]
            : throw new CommandLineException($"The process that is measured ended with code {process.ExitCode}.");
    }

    // Run by `dotnet MlService.Benchmarks.dll`, the process is dotnet and wants to be told the assembly.
    static string[] Self() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(MemoryCommand).Assembly.Location] : [];

    static IEnumerable<SchemaAttribute> Columns(string prefix, int count, AttributeType type) =>
        Enumerable.Range(0, count).Select(i => new SchemaAttribute($"{prefix}{i}", type));
}
