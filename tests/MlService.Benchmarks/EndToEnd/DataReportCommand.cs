using System.Diagnostics;
using System.Text.Json.Nodes;
using MlService.Benchmarks.Compare;
using MlService.Benchmarks.Data;

namespace MlService.Benchmarks.EndToEnd;

/// <summary>
/// <c>data-report</c>: the data report through the service, from the request to <c>COMPLETED</c>, and DuckDB's SUMMARIZE of the same file, by
/// turns. The service runs as a process of its own; each round gives it an object that it has not seen, then asks for a split of that.
/// </summary>
internal static class DataReportCommand
{
    public const string Usage = """
        data-report                  the data report through the service beside DuckDB's SUMMARIZE
          --rows 1000000             rows to generate; 70% of them are reported on
          --rounds 5                 how often each is measured, after a first time, with cold code, that stands apart
        """;

    /// <summary>Measures and prints the table.</summary>
    public static async Task<int> Run(string[] options)
    {
        var line = new CommandLine(options, "--rows", "--rounds");
        var rows = new BenchmarkRows(LearningTask.Binary, line.Number("--rows", 1_000_000, 1000, 10_000_000));
        var rounds = line.Number("--rounds", 5, 1, 1000);
        using var database = new DuckDb(rows);
        await using var service = await ServiceUnderMeasurement.Start();
        var rest = new RestClient(service.Client);
        List<double> report = [], split = [], summarize = [], cpu = [];
        for (var round = 0; round <= rounds; round++)
        {
            var location = await rest.Upload(database.Path, $"report-{round}.csv");
            var before = service.CpuSeconds;
            report.Add(await Time(() => DataSource($"all-{round}", location, 100)));
            cpu.Add(service.CpuSeconds - before);
            split.Add(await Time(() => DataSource($"part-{round}", location, 70)));
            summarize.Add(await Time(() => Task.FromResult(database.Summarize())));
        }

        Console.WriteLine(FormattableString.Invariant($"{rows.TrainRows} rows, {rows.Train.Text.Length} bytes; medians of {rounds} rounds"));
        Console.WriteLine($"{"",-38} {"first s",8} {"wall s",8} {"CPU s",8}");
        Console.WriteLine(FormattableString.Invariant($"{"data report through the service",-38} {report[0],8:F3} {Median(report),8:F3} {Median(cpu),8:F3}"));
        Console.WriteLine(FormattableString.Invariant($"{"  then of its first 70%",-38} {split[0],8:F3} {Median(split),8:F3}"));
        Console.WriteLine(FormattableString.Invariant($"{"DuckDB SUMMARIZE, two threads",-38} {summarize[0],8:F3} {Median(summarize),8:F3}"));
        var ratio = Median([summarize[0], .. summarize.Skip(1).Zip(report.Skip(1), (theirs, ours) => theirs / ours)]);
        Console.WriteLine(FormattableString.Invariant($"the service is {ratio:F2} times as fast as DuckDB (first time: {summarize[0] / report[0]:F2})"));
        return 0;

        async Task<JsonNode> DataSource(string id, string location, int end)
        {
            await rest.Post("/v1/datasources", new JsonObject
            {
                ["id"] = id,
                ["dataLocation"] = location,
                ["schema"] = JsonNode.Parse(rows.Schema.ToJson()),
                ["split"] = new JsonObject { ["percentBegin"] = 0, ["percentEnd"] = end },
            });
            return await rest.Completed($"/v1/datasources/{id}");
        }
    }

    static async Task<double> Time<T>(Func<Task<T>> work)
    {
        var watch = Stopwatch.StartNew();
        await work();
        return watch.Elapsed.TotalSeconds;
    }

    // Without the first, which met cold code.
    static double Median(List<double> seconds) => seconds.Skip(1).Order().ElementAt((seconds.Count - 1) / 2);
}
