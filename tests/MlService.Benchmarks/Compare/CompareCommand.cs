using MlService.Benchmarks.Data;

namespace MlService.Benchmarks.Compare;

/// <summary>
/// <c>compare</c>: the engine's stages, the bare floor and the peers over the same rows, round-robin; medians, how they compare to the
/// floor, and the peers' time by ours. Processor time is what compares on a machine that others use too.
/// </summary>
internal static class CompareCommand
{
    public const string Usage = """
        compare                      the engine's stages beside the bare floor, ML.NET, scikit-learn and DuckDB
          --task binary              or multiclass, regression
          --rows 300000              rows to generate; 70% of them to train on
          --rounds 5                 how often each is measured, after a first time that does not count
          --peer yes                 no: without ML.NET, scikit-learn and DuckDB
          --only TEXT                only what has one of these, with commas between, in its name
        """;

    const string Floor = "floor: … and an epoch", FloorOfTwo = "floor: two halves, nothing joined";
    const string OnePassOfTwo = "one pass to saved model, two readers", OnePass = "one pass to saved model", Default = "default, statistics included", Batch = "  batch result, gzipped";
    const string Report = "data report, two readers", DuckDbSummarize = "DuckDB SUMMARIZE, two threads";
    const string MlNet = "ML.NET Sdca", MlNetCached = "ML.NET Sdca, rows cached", Scikit = "scikit-learn SGD", ToCsv = "scores to CSV";

    /// <summary>What of ours does the work of which peer.</summary>
    static readonly (string Ours, string Theirs)[] Pairs =
    [
        .. from ours in new[] { OnePass, Default } from theirs in new[] { MlNet, MlNetCached, Scikit } select (ours, theirs),
        .. from theirs in new[] { MlNet, MlNetCached, Scikit } select (Batch, $"  {theirs}: {ToCsv}"),
        (Report, DuckDbSummarize),
    ];

    enum Answer { Yes, No }

    /// <summary>Measures and prints the table.</summary>
    public static int Run(string[] options)
    {
        var line = new CommandLine(options, "--task", "--rows", "--rounds", "--peer", "--only");
        var rows = new BenchmarkRows(line.Choice("--task", LearningTask.Binary), line.Number("--rows", 300_000, 1000, 5_000_000));
        var rounds = line.Number("--rounds", 5, 1, 1000);
        var engine = new EngineStages(rows);
        var floor = new BareFloor(rows, parts: 1);
        var floorOfTwo = new BareFloor(rows, parts: 2);
        var hasPeers = line.Choice("--peer", Answer.Yes) == Answer.Yes;
        using var uncached = hasPeers ? new MicrosoftMl(rows, isCached: false) : null;
        using var cached = hasPeers ? new MicrosoftMl(rows, isCached: true) : null;
        using var database = hasPeers ? new DuckDb(rows) : null;
        using var scikitLearn = hasPeers && ScikitLearn.IsInstalled ? new ScikitLearn(rows) : null;
        if (hasPeers && scikitLearn is null)
            Console.WriteLine("scikit-learn is not measured: python3-sklearn and python3-pandas are not installed.");

        // Scores are taken of the model that was trained last before them.
        List<Contender> contenders =
        [
            new("floor: fields, numbers, hashes", rows.TrainRows, () => floor.Parse()),
            new(Floor, rows.TrainRows, () => floor.ParseAndLearn()) { IsFloor = true },
            new(FloorOfTwo, rows.TrainRows, () => floorOfTwo.ParseAndLearn()),
            new("fields", rows.TrainRows, () => engine.Fields()),
            new("fields, numbers", rows.TrainRows, () => engine.Numbers()),
            new("statistics", rows.TrainRows, () => engine.Statistics()),
            new("  file and report of them", rows.TrainRows, () => engine.Report()),
            new(Report, rows.TrainRows, () => engine.ReportOfTwo()),
            new("encode", rows.TrainRows, () => engine.Encode()),
            new(OnePassOfTwo, rows.TrainRows, () => engine.OnePass(2)),
            new("  two readers, quality", rows.TestRows, () => engine.Score()),
            new(OnePass, rows.TrainRows, () => engine.OnePass(1)),
            new("  one pass, quality", rows.TestRows, () => engine.Score()),
            new(Batch, rows.TestRows, () => engine.Batch()),
            new(Default, rows.TrainRows, () => engine.Default(2)),
            new("  default, quality", rows.TestRows, () => engine.Score()),
        ];
        foreach (var (peer, name) in new[] { (uncached, MlNet), (cached, MlNetCached) })
            if (peer is not null)
            {
                contenders.Add(new(name, rows.TrainRows, () => peer.Train()));
                contenders.Add(new($"  {name}: quality", rows.TestRows, () => peer.Score()));
                contenders.Add(new($"  {name}: {ToCsv}", rows.TestRows, () => peer.Batch()));
            }
        if (scikitLearn is not null)
        {
            contenders.Add(new(Scikit, rows.TrainRows, () => scikitLearn.Train()) { Clock = scikitLearn.Clock });
            contenders.Add(new($"  {Scikit}: quality", rows.TestRows, () => scikitLearn.Score()) { Clock = scikitLearn.Clock });
            contenders.Add(new($"  {Scikit}: {ToCsv}", rows.TestRows, () => scikitLearn.Batch()) { Clock = scikitLearn.Clock });
        }
        if (database is not null)
            contenders.Add(new(DuckDbSummarize, rows.TrainRows, () => database.Summarize()));
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
        WriteGains(contenders);
        WriteRatios(contenders);
        return 0;
    }

    /// <summary>
    /// Writes how many times as fast two cores are as one. One reader leaves some work to the second core too, so what one core alone
    /// would take is the processor time; beside the floor it shows how much of the machine's own gain is reached.
    /// </summary>
    static void WriteGains(IReadOnlyList<Contender> contenders)
    {
        Console.WriteLine($"\n{"two cores, times as fast as",-54} {"CPU of one",17} {"wall of one",17}");
        foreach (var (one, two) in new[] { (Floor, FloorOfTwo), (OnePass, OnePassOfTwo) })
            if (Named(contenders, one) is { } alone && Named(contenders, two) is { } together)
                Console.WriteLine(FormattableString.Invariant(
                    $"{one,-54} {alone.Cpu.MedianOfRatios(together.Wall),17:F2} {alone.Wall.MedianOfRatios(together.Wall),17:F2}"));
    }

    /// <summary>Writes how many times the time of ours each peer takes for the same work.</summary>
    static void WriteRatios(IReadOnlyList<Contender> contenders)
    {
        Console.WriteLine($"\n{"times as fast as the peer",-72} {"CPU",8} {"wall",8}");
        foreach (var (ours, theirs) in Pairs)
            if (Named(contenders, ours) is { } mine && Named(contenders, theirs) is { } other)
                Console.WriteLine(FormattableString.Invariant(
                    $"{$"{ours.Trim()}: {theirs.Trim()}",-72} {other.Cpu.MedianOfRatios(mine.Cpu),8:F1} {other.Wall.MedianOfRatios(mine.Wall),8:F1}"));
    }

    static Contender? Named(IReadOnlyList<Contender> contenders, string name) => contenders.FirstOrDefault(contender => contender.Name == name);
}
