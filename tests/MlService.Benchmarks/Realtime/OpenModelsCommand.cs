using System.Text.Json.Nodes;
using MlService.Benchmarks.EndToEnd;

namespace MlService.Benchmarks.Realtime;

/// <summary><c>open-models</c>: the memory that a service takes for many models open for real-time predictions, beside their weights.</summary>
internal static class OpenModelsCommand
{
    public const string Usage = """
        open-models                  memory of a service with many open endpoints, beside what the models' files take
          --models 100               models of the same datasource
        """;

    /// <summary>Measures and prints.</summary>
    public static async Task<int> Run(string[] options)
    {
        var models = new CommandLine(options, "--models").Number("--models", 100, 2, 1000);
        var directory = Directory.CreateTempSubdirectory("mlservice-measured-");
        try
        {
            var bytes = await Train(directory, models);
            // A fresh process, which has nothing in memory that training left.
            await using var service = await ServiceUnderMeasurement.Start($"--Data:Directory={directory.FullName}");
            var rest = new RestClient(service.Client);
            await Predict(rest, 0, 1);
            var one = service.ResidentBytes;
            await Predict(rest, 1, models);
            var all = service.ResidentBytes;
            Console.WriteLine(FormattableString.Invariant(
                $"{models} models of {bytes / 1048576.0 / models:F2} MiB in the file: resident {one / 1048576.0:F0} MiB with one open, ")
                + FormattableString.Invariant($"{all / 1048576.0:F0} MiB with all, {(all - one) / 1048576.0 / (models - 1):F2} MiB a model, ")
                + FormattableString.Invariant($"{(double)(all - one) / bytes * models / (models - 1):F2} times its file."));
            return 0;
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    /// <summary>Trains models in a process of its own, and opens their endpoints.</summary>
    /// <returns>Bytes of all models.</returns>
    static async Task<long> Train(DirectoryInfo directory, int models)
    {
        await using var service = await ServiceUnderMeasurement.Start($"--Data:Directory={directory.FullName}");
        var rest = new RestClient(service.Client);
        await RealtimeCommand.CreateDatasource(rest);
        long bytes = 0;
        for (var index = 0; index < models; index++)
        {
            await rest.Post("/v1/models", new JsonObject { ["id"] = $"model-{index}", ["trainingDatasourceId"] = "data" });
            bytes += (await rest.Completed($"/v1/models/model-{index}"))["sizeInBytes"]!.GetValue<long>();
            await rest.Put($"/v1/models/model-{index}/endpoint");
        }
        return bytes;
    }

    /// <summary>Asks each of some models once.</summary>
    static async Task Predict(RestClient rest, int from, int to)
    {
        var request = RealtimeCommand.Request();
        for (var index = from; index < to; index++)
            await rest.Post($"/realtime/model-{index}", request.DeepClone());
    }
}
