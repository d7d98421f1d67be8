using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using MlService.Benchmarks.EndToEnd;

namespace MlService.Benchmarks.Lists;

/// <summary>
/// <c>lists</c>: starts the service, makes one object of each kind by the main job and thousands of copies in its metadata store, and asks
/// for the first and second page of every sort and filter.
/// </summary>
internal static class ListsCommand
{
    public const string Usage = """
        lists                        the time of every sort and filter of lists
          --objects 10000            objects of each kind
          --repeat 20                calls of each query
        """;

    const string Rows = "age,bought\n20,0\n31,1\n42,0\n53,1\n64,0\n75,1\n86,0\n97,1\n18,0\n29,1\n";

    static readonly string[] Everywhere = ["id", "name", "status", "createdAt", "updatedAt", "createdBy"];

    static readonly (string Collection, string Table, string[] Fields)[] Kinds =
    [
        ("datasources", "data_sources", [.. Everywhere, "dataLocation"]),
        ("models", "models", [.. Everywhere, "type", "trainingDatasourceId", "dataLocation", "endpoint"]),
        ("evaluations", "evaluations", [.. Everywhere, "modelId", "datasourceId", "dataLocation"]),
        ("batch-predictions", "batch_predictions", [.. Everywhere, "modelId", "datasourceId", "dataLocation"]),
    ];

    /// <summary>Measures and prints, for each kind, the median over all queries and the slowest three.</summary>
    public static async Task<int> Run(string[] options)
    {
        var line = new CommandLine(options, "--objects", "--repeat");
        var objects = line.Number("--objects", 10_000, 1, 10_000_000);
        var repeat = line.Number("--repeat", 20, 1, 10_000);
        await using var service = await ServiceUnderMeasurement.Start();
        var rest = new RestClient(service.Client);
        var store = await MakeOne(rest, $"lists-{Guid.NewGuid():N}"[..20]);
        await using (var copies = await RowCopies.Open(service.DataDirectory))
        {
            foreach (var (_, table, _) in Kinds)
                await copies.Add(table, store, objects - 1);
        }
        Console.WriteLine($"\n{objects} of each kind; milliseconds of a call over HTTP, median and worst of {repeat}");
        foreach (var (collection, _, fields) in Kinds)
        {
            List<(string Query, double Median, double Worst)> times = [];
            foreach (var query in Queries(fields))
                times.Add(await Measure(rest, $"/v1/{collection}?{query}", repeat));
            var medians = times.Select(time => time.Median).Order().ToList();
            Console.WriteLine(FormattableString.Invariant(
                $"{collection,-20} {times.Count,4} queries, median {medians[medians.Count / 2]:F1}, slowest:"));
            foreach (var (query, median, worst) in times.OrderByDescending(time => time.Median).Take(3))
                Console.WriteLine(FormattableString.Invariant($"  {median,8:F1} {worst,8:F1}  {query}"));
        }
        return 0;
    }

    static IEnumerable<string> Queries(string[] fields)
    {
        foreach (var field in fields)
        {
            yield return $"sort={field}";
            yield return $"sort=-{field}";
            var value = Value(field);
            foreach (var comparator in (string[])["eq", "ne", "ge", "lt", .. value.StartsWith("20", StringComparison.Ordinal) || field == "endpoint" ? Array.Empty<string>() : ["prefix"]])
            {
                yield return $"{field}.{comparator}={value}";
                yield return $"{field}.{comparator}={value}&sort={field}";
                yield return $"{field}.{comparator}={value}&sort=name";
            }
        }
    }

    static string Value(string field) => field switch
    {
        "createdAt" or "updatedAt" => DateTime.UtcNow.AddSeconds(-30).ToString("O", CultureInfo.InvariantCulture),
        "status" => "COMPLETED",
        "type" => "BINARY",
        "endpoint" => "NONE",
        "name" => "name 7",
        "createdBy" => "key-7",
        "dataLocation" => "s3://bench/7",
        _ => "c",
    };

    /// <summary>Asks for the first page, and the one behind it if there is one.</summary>
    static async Task<(string Query, double Median, double Worst)> Measure(RestClient rest, string path, int repeat)
    {
        List<double> times = [];
        var cursor = (string?)(await rest.Get(path))["nextCursor"];
        foreach (var page in cursor is null ? [path] : (string[])[path, $"{path}&cursor={cursor}"])
        {
            await rest.Get(page); // the first one compiles the query
            for (var i = 0; i < repeat; i++)
            {
                var watch = Stopwatch.StartNew();
                await rest.Get(page);
                times.Add(watch.Elapsed.TotalMilliseconds);
            }
        }
        times.Sort();
        return (path, times[times.Count / 2], times[^1]);
    }

    /// <summary>Makes one object of each kind, all with the same id.</summary>
    static async Task<string> MakeOne(RestClient rest, string id)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, Rows);
        var location = await rest.Upload(file, $"{id}.csv");
        File.Delete(file);
        var schema = (await rest.Post("/v1/schemas/infer", new JsonObject { ["dataLocation"] = location }))["schema"]!.DeepClone();
        schema["targetAttributeName"] = "bought";
        await Create("datasources", new() { ["dataLocation"] = location, ["schema"] = schema, ["computeStatistics"] = true });
        await Create("models", new() { ["trainingDatasourceId"] = id });
        await Create("evaluations", new() { ["modelId"] = id, ["datasourceId"] = id });
        await Create("batch-predictions", new() { ["modelId"] = id, ["datasourceId"] = id, ["outputUri"] = $"s3://bench/{id}/" });
        return id;

        async Task Create(string collection, JsonObject body)
        {
            body["id"] = id;
            await rest.Post($"/v1/{collection}", body);
            await rest.Completed($"/v1/{collection}/{id}");
        }
    }
}
