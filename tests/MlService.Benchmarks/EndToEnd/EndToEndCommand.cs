using System.Diagnostics;
using System.Text.Json.Nodes;
using MlService.Benchmarks.Data;

namespace MlService.Benchmarks.EndToEnd;

/// <summary>
/// <c>end-to-end</c>: starts the service as a process of its own and takes a CSV file through the main job over REST: upload, data
/// report, the 70/30 datasources, model, evaluation, batch prediction of the 30%. Each step's time, processor time and peak memory.
/// </summary>
internal static class EndToEndCommand
{
    public const string Usage = """
        end-to-end                   the main job through the service; a table of steps
          --csv FILE.csv             data to use; absent: generated
          --target y                 its target
          --rows 1000000             rows to generate
          --task binary              or multiclass, or regression: the task to generate for
          --repeat 1                 runs in the same process; the first one meets cold code
          --shards 0                 shards of a job in one process; 0: the service's default
          --processes 1              of one cluster, which Cluster__Mode=PostgreSql and the servers make of them
        """;

    /// <summary>Runs the steps and prints the table.</summary>
    public static async Task<int> Run(string[] options)
    {
        var line = new CommandLine(options, "--csv", "--target", "--rows", "--task", "--repeat", "--shards", "--processes");
        var task = line.Choice("--task", LearningTask.Binary);
        var rows = line.Number("--rows", 1_000_000, 10, 1_000_000_000);
        var repeat = line.Number("--repeat", 1, 1, 1000);
        var shards = line.Number("--shards", 0, 0, 1024);
        var processes = line.Number("--processes", 1, 1, 100);
        var target = line.Text("--target", "y");
        var generated = line.Text("--csv", "").Length == 0;
        var path = generated ? Path.GetTempFileName() : line.Text("--csv");
        try
        {
            if (generated)
                Console.WriteLine($"generated: {Generate(path, task, rows)}");
            string[] settings = shards > 0 ? [$"--Jobs:ShardsPerJob={shards}"] : [];
            await using var service = await ServiceUnderMeasurement.Start(settings);
            for (var process = 1; process < processes; process++)
                await service.AddPeer(settings);
            await Task.Delay(TimeSpan.FromSeconds(2));
            Console.WriteLine(FormattableString.Invariant(
                $"start to ready {service.StartTime.TotalSeconds:F2} s, CPU {service.CpuSeconds:F2} s; idle after 2 s {service.ResidentBytes / 1e6:F0} MB"));
            // On servers, what an earlier run left must not be found done.
            var mark = $"{Guid.NewGuid():N}"[..8];
            for (var run = 1; run <= repeat; run++)
                await new MainJob(service, $"run-{run}", mark).Run(path, target);
            return 0;
        }
        finally
        {
            if (generated)
                File.Delete(path);
        }
    }

    /// <summary>Writes generated rows to a file; tells the best quality possible on the last 30% of them.</summary>
    static string Generate(string path, LearningTask task, int rows)
    {
        var test = (int)(rows * 0.3);
        var done = 0;
        var oracle = new List<OracleRow>(test);
        using var file = File.Create(path);
        file.Write(RowChunk.Header);
        foreach (var chunk in SyntheticData.Generate(task, rows, seed: 7))
        {
            file.Write(chunk.Lines(0, chunk.Rows).Span);
            oracle.AddRange(chunk.Oracle(Math.Clamp(rows - test - done, 0, chunk.Rows)));
            done += chunk.Rows;
        }
        return $"{rows} rows, {file.Length} bytes, " + OracleRow.BestPossible(task, oracle) + " (on the last 30%)";
    }

    /// <summary>One run of the main job.</summary>
    sealed class MainJob(ServiceUnderMeasurement service, string run, string mark)
    {
        static readonly string[] Figures = ["auc", "macroF1", "accuracy", "rmse"];

        readonly RestClient _rest = new(service.Client);

        public async Task Run(string path, string target)
        {
            Console.WriteLine();
            Console.WriteLine($"{run,-20} {"seconds",8} {"CPU s",8} {"rows/s",10} {"peak MB",8}");
            var total = Stopwatch.StartNew();
            var cpu = service.CpuSeconds;
            var location = await Step("upload", async () => (await _rest.Upload(path, $"{Id("data")}.csv"), 0L));
            var schema = await Step("infer the schema", async () => (await InferSchema(location, target), 0L));
            var rows = await Step("data report", async () =>
            {
                var rows = await DataSource("all", location, schema, 0, 100);
                return (rows, rows);
            });
            var train = await Step("datasource 0-70", async () =>
            {
                var count = await DataSource("train", location, schema, 0, 70);
                return (count, count);
            });
            var test = await Step("datasource 70-100", async () =>
            {
                var count = await DataSource("test", location, schema, 70, 100);
                return (count, count);
            });
            await Step("model", async () => (await Create("models", "model", new() { ["trainingDatasourceId"] = Id("train") }), train));
            await Step("evaluation", async () => (await Create(
                "evaluations", "evaluation", new() { ["modelId"] = Id("model"), ["datasourceId"] = Id("test") }), test));
            await Step("batch prediction", async () => (await Create(
                "batch-predictions",
                "batch",
                new() { ["modelId"] = Id("model"), ["datasourceId"] = Id("test"), ["outputUri"] = "s3://bench/out/" }), test));
            Console.WriteLine(FormattableString.Invariant($"{"all",-20} {total.Elapsed.TotalSeconds,8:F2} {service.CpuSeconds - cpu,8:F2}"));

            var model = await _rest.Get($"/v1/models/{Id("model")}");
            var report = await _rest.Get($"/v1/evaluations/{Id("evaluation")}/report");
            var quality = Figures
                .Where(name => report[name] is not null).Select(name => $"{name} {report[name]}");
            Console.WriteLine($"{rows} rows; {string.Join(", ", quality)}; model of {model["sizeInBytes"]} bytes");
        }

        string Id(string name) => $"{run}-{mark}-{name}";

        async Task<T> Step<T>(string name, Func<Task<(T Result, long Rows)>> step)
        {
            service.ForgetPeak();
            var cpu = service.CpuSeconds;
            var watch = Stopwatch.StartNew();
            var (result, rows) = await step();
            var seconds = watch.Elapsed.TotalSeconds;
            var rate = rows > 0 ? FormattableString.Invariant($"{rows / seconds:F0}") : "";
            Console.WriteLine(FormattableString.Invariant(
                $"{name,-20} {seconds,8:F2} {service.CpuSeconds - cpu,8:F2} {rate,10} {service.PeakBytes / 1e6,8:F0}"));
            return result;
        }

        async Task<JsonNode> InferSchema(string location, string target)
        {
            var inferred = await _rest.Post("/v1/schemas/infer", new JsonObject { ["dataLocation"] = location });
            var schema = inferred["schema"]!.DeepClone();
            schema["targetAttributeName"] = target;
            return schema;
        }

        async Task<long> DataSource(string name, string location, JsonNode schema, int begin, int end)
        {
            var done = await Create("datasources", name, new()
            {
                ["dataLocation"] = location,
                ["schema"] = schema.DeepClone(),
                ["split"] = new JsonObject { ["percentBegin"] = begin, ["percentEnd"] = end, ["strategy"] = "sequential" },
                ["computeStatistics"] = true,
            });
            return done["rows"]!.GetValue<long>();
        }

        async Task<JsonNode> Create(string collection, string name, JsonObject body)
        {
            body["id"] = Id(name);
            await _rest.Post($"/v1/{collection}", body);
            return await _rest.Completed($"/v1/{collection}/{Id(name)}");
        }
    }
}
