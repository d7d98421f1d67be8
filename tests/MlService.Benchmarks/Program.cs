using MlService.Benchmarks;
using MlService.Benchmarks.Compare;
using MlService.Benchmarks.Data;
using MlService.Benchmarks.EndToEnd;
using MlService.Benchmarks.Judgement;
using MlService.Benchmarks.Lists;
using MlService.Benchmarks.Memory;
using MlService.Benchmarks.Realtime;

try
{
    return args switch
    {
        ["generate", .. var options] => GenerateCommand.Run(options),
        ["compare", .. var options] => CompareCommand.Run(options),
        ["batch-prediction", .. var options] => BatchPredictionCommand.Run(options),
        [BatchPredictionCommand.Child, .. var options] => BatchPredictionCommand.Score(options),
        ["data-report", .. var options] => await DataReportCommand.Run(options),
        ["end-to-end", .. var options] => await EndToEndCommand.Run(options),
        ["lists", .. var options] => await ListsCommand.Run(options),
        ["memory", .. var options] => MemoryCommand.Run(options),
        [MemoryCommand.Child, var path] => MemoryCommand.TrainAndScore(path),
        ["quality", .. var options] => QualityCommand.Run(options),
        ["realtime", .. var options] => await RealtimeCommand.Run(options),
        ["open-models", .. var options] => await OpenModelsCommand.Run(options),
        [BareEndpoint.Command, .. var options] => await BareEndpoint.Run(options),
        [PooledEngines.Command, .. var options] => await PooledEngines.Run(options),
        _ => Usage(),
    };
}
catch (Exception exception) when (exception is CommandLineException or IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine(exception.Message);
    return 2;
}

static int Usage()
{
    Console.Error.WriteLine("usage: dotnet run -c Release --project tests/MlService.Benchmarks -- COMMAND\n");
    Console.Error.WriteLine(GenerateCommand.Usage);
    Console.Error.WriteLine(CompareCommand.Usage);
    Console.Error.WriteLine(BatchPredictionCommand.Usage);
    Console.Error.WriteLine(DataReportCommand.Usage);
    Console.Error.WriteLine(EndToEndCommand.Usage);
    Console.Error.WriteLine(ListsCommand.Usage);
    Console.Error.WriteLine(MemoryCommand.Usage);
    Console.Error.WriteLine(QualityCommand.Usage);
    Console.Error.WriteLine(RealtimeCommand.Usage);
    Console.Error.WriteLine(OpenModelsCommand.Usage);
    Console.Error.WriteLine("\nThe service that is measured is a process with the environment of this one: with ConnectionStrings__Metadata and "
        + "Storage__S3__* in it, it works on servers.");
    return 2;
}
