using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using MlService.Benchmarks.Data;
using MlService.Benchmarks.EndToEnd;

namespace MlService.Benchmarks.Realtime;

/// <summary>
/// <c>realtime</c>: <c>POST /realtime/{model}</c> with twenty attributes beside a bare Kestrel endpoint that reads the same body and
/// gives a constant answer, and one over a pool of ML.NET's prediction engines; each a process of its own, measured in turns.
/// </summary>
internal static class RealtimeCommand
{
    public const string Usage = """
        realtime                     predictions a second beside a bare Kestrel endpoint and ML.NET's engines
          --connections 64           connections, each with one request at a time
          --seconds 1                seconds of one round
          --rounds 9                 rounds, after 100,000 requests that do not count
        """;

    /// <summary>Measures and prints the table.</summary>
    public static async Task<int> Run(string[] options)
    {
        var line = new CommandLine(options, "--connections", "--seconds", "--rounds");
        var connections = line.Number("--connections", 64, 1, 10_000);
        var seconds = TimeSpan.FromSeconds(line.Number("--seconds", 1.0, 0.1, 3600));
        var rounds = line.Number("--rounds", 9, 1, 1000);

        await using var bare = await ServiceUnderMeasurement.StartSelf(BareEndpoint.Command);
        await using var service = await ServiceUnderMeasurement.Start([]);
        await using var pooled = await ServiceUnderMeasurement.StartSelf(PooledEngines.Command);
        await Prepare(new RestClient(service.Client));
        var body = JsonSerializer.SerializeToUtf8Bytes(Request());
        Contender[] contenders = [new("bare Kestrel", bare), new("MlService", service), new("ML.NET, pooled engines", pooled)];
        // Only after so many are the servers' programs as fast as they get.
        foreach (var contender in contenders)
            Contender.WarmUp(Load(contender), 100_000);
        for (var round = 0; round < rounds; round++)
            foreach (var contender in contenders)
                contender.Measure(Load(contender), seconds);

        Console.WriteLine($"{connections} connections, medians of {rounds} rounds of {seconds.TotalSeconds} s; a body of {body.Length} bytes");
        Console.WriteLine($"{"",-22} {"req/s",9} {"p50 ms",8} {"p99 ms",8} {"CPU us/req",11} {"of bare: req/s",15} {"p99",6} {"CPU",6}");
        foreach (var each in contenders)
            Console.WriteLine(FormattableString.Invariant(
                $"{each.Name,-22} {each.PerSecond,9:F0} {each.Median,8:F2} {each.P99,8:F2} {each.Cpu,11:F1} ")
                + FormattableString.Invariant(
                $"{each.PerSecond / contenders[0].PerSecond,15:F2} {each.P99 / contenders[0].P99,6:F2} {each.Cpu / contenders[0].Cpu,6:F2}"));
        return 0;

        LoadGenerator Load(Contender contender) => new(contender.Process.Address, "/realtime/model", body, connections);
    }

    /// <summary>Writes the rows that the models are trained on: 20,000, with a header.</summary>
    public static void WriteRows(string path)
    {
        using var file = File.Create(path);
        file.Write(RowChunk.Header);
        var chunk = Rows();
        file.Write(chunk.Lines(0, chunk.Rows).Span);
    }

    /// <summary>Makes the datasource <c>data</c> of these rows.</summary>
    public static async Task CreateDatasource(RestClient rest)
    {
        var path = Path.GetTempFileName();
        try
        {
            WriteRows(path);
            var location = await rest.Upload(path, "data.csv");
            var inferred = await rest.Post("/v1/schemas/infer", new JsonObject { ["dataLocation"] = location });
            var schema = inferred["schema"]!.DeepClone();
            schema["targetAttributeName"] = "y";
            await rest.Post("/v1/datasources", new JsonObject
            {
                ["id"] = "data", ["dataLocation"] = location, ["schema"] = schema, ["computeStatistics"] = true,
            });
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>A request of the first of these rows, all values as text.</summary>
    public static JsonObject Request()
    {
        var names = Encoding.UTF8.GetString(RowChunk.Header).Trim().Split(',');
        var values = Encoding.UTF8.GetString(Rows().Lines(0, 1).Span).Trim().Split(',');
        var record = new JsonObject();
        for (var i = 0; i < names.Length; i++)
            record[names[i]] = values[i].Trim('"');
        return new() { ["record"] = record };
    }

    static RowChunk Rows() => SyntheticData.Generate(LearningTask.Binary, 20_000, seed: 7).First();

    /// <summary>Trains a model and opens its endpoint.</summary>
    static async Task Prepare(RestClient rest)
    {
        await CreateDatasource(rest);
        await rest.Post("/v1/models", new JsonObject { ["id"] = "model", ["trainingDatasourceId"] = "data" });
        await rest.Completed("/v1/models/model");
        await rest.Put("/v1/models/model/endpoint");
    }

    /// <summary>One server and what it showed.</summary>
    sealed class Contender(string name, ServiceUnderMeasurement process)
    {
        readonly List<(double PerSecond, double Median, double P99, double Cpu)> _rounds = [];

        public string Name => name;

        public ServiceUnderMeasurement Process => process;

        public double PerSecond => Middle(round => round.PerSecond);

        public double Median => Middle(round => round.Median);

        public double P99 => Middle(round => round.P99);

        /// <summary>Processor time of the server, in microseconds a request.</summary>
        public double Cpu => Middle(round => round.Cpu);

        public static void WarmUp(LoadGenerator load, int requests)
        {
            while (requests > 0)
                requests -= load.Run(TimeSpan.FromSeconds(0.5)).Ticks.Length;
        }

        public void Measure(LoadGenerator load, TimeSpan time)
        {
            var cpu = process.CpuSeconds;
            var answers = load.Run(time);
            var used = (process.CpuSeconds - cpu) / answers.Ticks.Length;
            _rounds.Add((answers.PerSecond, answers.Milliseconds(0.5), answers.Milliseconds(0.99), used * 1e6));
        }

        double Middle(Func<(double PerSecond, double Median, double P99, double Cpu), double> of) =>
            _rounds.Select(of).Order().ElementAt(_rounds.Count / 2);
    }
}
