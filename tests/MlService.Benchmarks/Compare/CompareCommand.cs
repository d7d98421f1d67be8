using System.Diagnostics;
using MlService.Benchmarks.Data;

namespace MlService.Benchmarks.Compare;

/// <summary>
/// <c>compare</c>: the engine's stages, the bare floor, ML.NET and DuckDB over the same rows in one process, round-robin; medians, and how
/// they compare to the floor. Processor time is what compares on a machine that others use too.
/// </summary>
internal static class CompareCommand
{
    public const string Usage = """
        compare                      the engine's stages beside the bare floor, ML.NET and DuckDB
          --task binary              or multiclass, regression
          --rows 300000              rows to generate; 70% of them to train on
          --rounds 5                 how often each is measured, after a first time that does not count
          --peer yes                 no: without ML.NET and DuckDB
          --only TEXT                only what has one of these, with commas between, in its name
        """;

    enum Answer { Yes, No }

    /// <summary>Measures and prints the table.</summary>
    public static int Run(string[] options)
    {
        var line = new CommandLine(options, "--task", "--rows", "--rounds", "--peer", "--only");
        var rows = new BenchmarkRows(line.Choice("--task", LearningTask.Binary), line.Number("--rows", 300_000, 1000, 5_000_000));
        var rounds = line.Number("--rounds", 5, 1, 1000);
        var engine = new EngineStages(rows);
        var floor = new BareFloor(rows);
        var hasPeers = line.Choice("--peer", Answer.Yes) == Answer.Yes;
        using var peer = hasPeers ? new MicrosoftMl(rows) : null;
        using var database = hasPeers ? new DuckDb(rows) : null;

        // Scores are taken of the model that was trained last before them.
        List<Contender> contenders =
        [
            new("floor: fields, numbers, hashes", rows.TrainRows, () => floor.Parse()),
            new("floor: … and an epoch", rows.TrainRows, () => floor.ParseAndLearn()) { IsFloor = true },
            new("fields", rows.TrainRows, () => engine.Fields()),
            new("fields, numbers", rows.TrainRows, () => engine.Numbers()),
            new("statistics", rows.TrainRows, () => engine.Statistics()),
            new("  file and report of them", rows.TrainRows, () => engine.Report()),
            new("data report, two readers", rows.TrainRows, () => engine.ReportOfTwo()),
            new("encode", rows.TrainRows, () => engine.Encode()),
            new("one pass to saved model, two readers", rows.TrainRows, () => engine.OnePass(2)),
            new("  two readers, quality", rows.TestRows, () => engine.Score()),
            new("one pass to saved model", rows.TrainRows, () => engine.OnePass(1)),
            new("  one pass, quality", rows.TestRows, () => engine.Score()),
            new("  batch result, gzipped", rows.TestRows, () => engine.Batch()),
            new("default, statistics included", rows.TrainRows, () => engine.Default(2)),
            new("  default, quality", rows.TestRows, () => engine.Score()),
        ];
        if (peer is not null)
        {
            contenders.Add(new("ML.NET Sdca", rows.TrainRows, () => peer.Train()));
            contenders.Add(new("  ML.NET Sdca, quality", rows.TestRows, () => peer.Score()));
            contenders.Add(new("  ML.NET Sdca, Transform to CSV", rows.TestRows, () => peer.Batch()));
        }
        if (database is not null)
            contenders.Add(new("DuckDB SUMMARIZE, two threads", rows.TrainRows, () => database.Summarize()));
        var only = line.Text("--only", "");
        contenders.RemoveAll(contender => !contender.IsFloor
            && !only.Split(',').Any(part => contender.Name.Contains(part, StringComparison.OrdinalIgnoreCase)));
        for (var round = 0; round <= rounds; round++)
            foreach (var contender in contenders)
                contender.Measure();

        var unit = contenders.Single(contender => contender.IsFloor);
        Console.WriteLine($"{rows.TrainRows} rows to train on, {rows.TestRows} to test on, medians of {rounds} rounds; {rows.BestPossible}");
        Console.WriteLine($"{"",-38} {"first CPU",9} {"CPU s",8} {"least",8} {"wall s",8} {"ns/row",8} {"× floor",8} {"by wall",8}  quality");
        foreach (var contender in contenders)
        {
            var each = contender.Cpu.Median / contender.Rows;
            // A row's cost by a row's of the floor, round by round: both met the machine in the same state.
            var share = (double)rows.TrainRows / contender.Rows;
            var ratio = contender.Cpu.MedianOfRatios(unit.Cpu) * share;
            var wallRatio = contender.Wall.MedianOfRatios(unit.Wall) * share;
            Console.WriteLine(FormattableString.Invariant(
                $"{contender.Name,-38} {contender.Cpu.First,9:F3} {contender.Cpu.Median,8:F3} {contender.Cpu.Least,8:F3} {contender.Wall.Median,8:F3} ")
                + FormattableString.Invariant($"{each * 1e9,8:F0} {ratio,8:F2} {wallRatio,8:F2}  {contender.Answer}"));
        }
        return 0;
    }

    /// <summary>One that is measured.</summary>
    sealed class Contender(string name, int rows, Func<object?> work)
    {
        public Contender(string name, int rows, Action work) : this(name, rows, () => { work(); return null; }) { }

        public string Name => name;

        public int Rows => rows;

        public bool IsFloor { get; init; }

        /// <summary>Processor seconds of the whole process, its compiler and collector included.</summary>
        public Seconds Cpu { get; } = new();

        public Seconds Wall { get; } = new();

        public string Answer { get; private set; } = "";

        public void Measure()
        {
            GC.Collect();
            var cpu = Environment.CpuUsage.TotalTime;
            var watch = Stopwatch.StartNew();
            var answer = work();
            Wall.Add(watch.Elapsed);
            Cpu.Add(Environment.CpuUsage.TotalTime - cpu);
            Answer = answer is Quality quality ? quality.ToString() : "";
        }
    }

    /// <summary>Times of one contender; the first, which met cold code, stands apart.</summary>
    sealed class Seconds
    {
        readonly List<double> _values = [];

        public double First { get; private set; } = double.NaN;

        public double Median => _values.Order().ElementAt(_values.Count / 2);

        public double Least => _values.Min();

        public double MedianOfRatios(Seconds other) => _values.Zip(other._values, (mine, theirs) => mine / theirs).Order().ElementAt(_values.Count / 2);

        public void Add(TimeSpan time)
        {
            if (double.IsNaN(First))
                First = time.TotalSeconds;
            else
                _values.Add(time.TotalSeconds);
        }
    }
}
