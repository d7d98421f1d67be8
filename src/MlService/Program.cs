using MlService;
using MlService.Learning;

try
{
    await using var app = ServiceApplication.Build(args);
    await ServiceApplication.Start(app);
    await app.WaitForShutdownAsync();
    return 0;
}
catch (InvalidInputException exception)
{
    await Console.Error.WriteLineAsync($"MlService cannot start: {exception.Message}");
    return 1;
}
