using System.Diagnostics;
using System.Globalization;
using MlService.Benchmarks.Data;

namespace MlService.Benchmarks.Compare;

/// <summary>
/// <c>batch-prediction</c>: a saved model and a CSV file to a result file, by the engine and by ML.NET, round-robin: in a process that is
/// warm, and as programs of their own, from their start to their end. Both read their model and write label, answer and probability.
/// </summary>
internal static class BatchPredictionCommand
{
    public const string Usage = """
        batch-prediction             a saved model and a CSV file to a result file, beside ML.NET: warm, and as programs
          --task binary              or multiclass, regression
          --rows 1000000             rows to generate; 70% to train on, 30% to score
          --rounds 5                 how often each is measured, after a first time that does not count
        """;

    /// <summary>The command of a program that is measured; not for people.</summary>
    public const string Child = "score-file";

    const string Engine = "engine", Peer = "ML.NET";

    /// <summary>Measures and prints the table.</summary>
    public static int Run(string[] options)
    {
        var line = new CommandLine(options, "--task", "--rows", "--rounds");
        var task = line.Choice("--task", LearningTask.Binary);
        var rows = new BenchmarkRows(task, line.Number("--rows", 1_000_000, 1000, 10_000_000));
        var rounds = line.Number("--rounds", 5, 1, 1000);
        var directory = Directory.CreateTempSubdirectory("mlservice-benchmark-");
        try
        {
            var (csv, result) = (InDirectory("test.csv"), InDirectory("result"));
            File.WriteAllBytes(csv, rows.Test.Text);
            using (var peer = new MicrosoftMl(rows, isCached: true))
            {
                peer.Train();
                File.WriteAllBytes(InDirectory(Peer), peer.Saved);
            }
            using (var file = File.Create(InDirectory(Engine)))
                new EngineStages(rows).OnePass(1).Save(file);

            var spent = TimeSpan.Zero;
            List<Contender> contenders = [];
            foreach (var name in new[] { Engine, Peer })
                contenders.Add(new($"{name}, warm", rows.TestRows, () => By(name)(task, InDirectory(name), csv, result)));
            foreach (var name in new[] { Engine, Peer })
                contenders.Add(new($"{name}, a program", rows.TestRows, () => { spent += Start([name, $"{task}", InDirectory(name), csv, result]); }) { Clock = () => spent });
            for (var round = 0; round <= rounds; round++)
                contenders.ForEach(contender => contender.Measure());
            Write(rows, rounds, contenders);
            return 0;
        }
        finally
        {
            directory.Delete(recursive: true);
        }

        string InDirectory(string name) => Path.Combine(directory.FullName, name);
    }

    /// <summary>The work of a program: who does it, task, model, CSV file, result. Prints the processor seconds since its start.</summary>
    public static int Score(string[] arguments)
    {
        By(arguments[0])(Enum.Parse<LearningTask>(arguments[1]), arguments[2], arguments[3], arguments[4]);
        Console.WriteLine(Environment.CpuUsage.TotalTime.TotalSeconds.ToString(CultureInfo.InvariantCulture));
        return 0;
    }

    static Action<LearningTask, string, string, string> By(string name) => name == Engine ? EngineStages.ScoreFile : MicrosoftMl.ScoreFile;

    static TimeSpan Start(string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo("dotnet", [typeof(BatchPredictionCommand).Assembly.Location, Child, .. arguments]) { RedirectStandardOutput = true })!;
        var answer = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? TimeSpan.FromSeconds(double.Parse(answer, CultureInfo.InvariantCulture))
            : throw new CommandLineException($"The program that is measured ended with code {process.ExitCode}.");
    }

    static void Write(BenchmarkRows rows, int rounds, List<Contender> contenders)
    {
        Console.WriteLine($"{rows.TestRows} rows scored, {rows.Test.Text.Length} bytes; medians of {rounds} rounds");
        Console.WriteLine($"{"",-20} {"first CPU",9} {"CPU s",8} {"wall s",8} {"CPU us/row",10} {"wall us/row",11}");
        foreach (var contender in contenders)
            Console.WriteLine(FormattableString.Invariant(
                $"{contender.Name,-20} {contender.Cpu.First,9:F3} {contender.Cpu.Median,8:F3} {contender.Wall.Median,8:F3} {contender.Cpu.Median / rows.TestRows * 1e6,10:F2} {contender.Wall.Median / rows.TestRows * 1e6,11:F2}"));
        foreach (var pair in contenders.Chunk(2))
            Console.WriteLine(FormattableString.Invariant(
                $"{pair[0].Name}: {pair[1].Cpu.MedianOfRatios(pair[0].Cpu):F1} times as fast as ML.NET by processor time, {pair[1].Wall.MedianOfRatios(pair[0].Wall):F1} by wall"));
    }
}
