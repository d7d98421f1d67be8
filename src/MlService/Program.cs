using MlService;
using MlService.Access;
using MlService.Learning;
using MlService.Tutorial;

// More threads than cores from the start: training keeps all cores busy for seconds, and requests must not wait for the
// pool to notice.
ThreadPool.SetMinThreads(Math.Max(16, 4 * Environment.ProcessorCount), 16);

try
{
    if (KeysCommand.IsAskedFor(args))
        return await KeysCommand.Run(args, Console.Out, Console.Error, CancellationToken.None);
    await using var app = ServiceApplication.Build(TutorialCommand.Configuration(args));
    await ServiceApplication.Start(app);
    if (TutorialCommand.IsAskedFor(args))
        await TutorialCommand.Run(app);
    await app.WaitForShutdownAsync();
    return 0;
}
catch (InvalidInputException exception)
{
    await Console.Error.WriteLineAsync($"MlService cannot start: {exception.Message}");
    return 1;
}
