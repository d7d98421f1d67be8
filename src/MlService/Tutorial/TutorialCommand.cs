using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using MlService.Learning;

namespace MlService.Tutorial;

/// <summary>The command line switch <c>--tutorial</c>: the service does the tutorial by itself, then stays up.</summary>
internal static class TutorialCommand
{
    private const string Switch = "--tutorial";

    /// <summary>Whether the command line asks for the tutorial.</summary>
    public static bool IsAskedFor(string[] args) => args.Contains(Switch);

    /// <summary>The command line without the switch, for the configuration; the log then keeps to warnings, so that the steps can be read.</summary>
    public static string[] Configuration(string[] args) => IsAskedFor(args)
        ? [.. args.Where(arg => arg != Switch), "--Serilog:MinimumLevel:Default=Warning", "--Serilog:MinimumLevel:Override:Microsoft.Hosting.Lifetime=Warning"]
        : args;

    /// <summary>Runs the tutorial against the service that has just started. A step that fails is told, and the service stays up.</summary>
    public static async Task Run(WebApplication app)
    {
        // Who listens on all addresses is reached on this machine by its name.
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()
            .Replace("[::]", "localhost", StringComparison.Ordinal).Replace("0.0.0.0", "localhost", StringComparison.Ordinal);
        await System.Console.Out.WriteLineAsync($"MlService is up at {address} (Swagger UI: {address}/swagger)");
        using var http = new HttpClient { BaseAddress = new Uri(address), Timeout = Timeout.InfiniteTimeSpan };
        try
        {
            // Its key is revoked before it says that it is done.
            await using (var key = await TutorialKey.For(app))
            {
                http.DefaultRequestHeaders.Authorization = key.Header;
                var run = new TutorialRun(http, System.Console.Out, isInteractive: !System.Console.IsOutputRedirected);
                await run.Run(app.Lifetime.ApplicationStopping);
            }
            await System.Console.Out.WriteLineAsync("The service stays up; Ctrl+C stops it.");
        }
        catch (InvalidInputException exception)
        {
            await System.Console.Error.WriteLineAsync($"The tutorial stopped here: {exception.Message}");
        }
        catch (OperationCanceledException) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // Ctrl+C.
        }
    }
}
