using System.Diagnostics;
using System.Globalization;
using Serilog;
using Serilog.Events;

namespace MlService.Logging;

/// <summary>What is logged and where: one line a request, the life of each job, never a data value.</summary>
public static class LoggingSetup
{
    private const string Line = "{Timestamp:yyyy-MM-dd HH:mm:ss.fff} {Level:u3} {Message:lj} {NewLine}{Exception}";

    /// <summary>Logs to the console; section <c>Serilog</c> of the configuration changes levels and adds sinks.</summary>
    public static WebApplicationBuilder AddLogging(this WebApplicationBuilder builder)
    {
        builder.Services.AddSerilog((_, logger) => logger
            .MinimumLevel.Information()
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .MinimumLevel.Override("Microsoft.Hosting.Lifetime", LogEventLevel.Information)
            // It would make an activity and a scope for every request; those that are logged get theirs from Trace.
            .MinimumLevel.Override("Microsoft.AspNetCore.Hosting.Diagnostics", LevelAlias.Off)
            // What fails there is thrown, and told by whoever catches it. An id that is taken is no error at all.
            .MinimumLevel.Override("Microsoft.EntityFrameworkCore.Database.Command", LogEventLevel.Fatal)
            .MinimumLevel.Override("Microsoft.EntityFrameworkCore.Update", LogEventLevel.Fatal)
            .MinimumLevel.Override("Orleans", LogEventLevel.Warning)
            // It advises to encrypt the keys of the console's cookies, which lie beside all else that this process keeps.
            .MinimumLevel.Override("Microsoft.AspNetCore.DataProtection", LogEventLevel.Error)
            // They advise server garbage collection, which would cost an idle service its small footprint, and take the machine's
            // uptime for a stuck thread at start.
            .MinimumLevel.Override("Orleans.Runtime.Silo", LogEventLevel.Error)
            .MinimumLevel.Override("Orleans.Runtime.Watchdog", LogEventLevel.Error)
            // Orleans places each grain through it; what fails there is thrown.
            .MinimumLevel.Override("Polly", LogEventLevel.Fatal)
            .MinimumLevel.Override("System", LogEventLevel.Warning)
            .ReadFrom.Configuration(builder.Configuration)
            .WriteTo.Console(outputTemplate: Line, formatProvider: CultureInfo.InvariantCulture),
            // Each service has its own, also where several are in one process.
            preserveStaticLogger: true);
        return builder;
    }

    /// <summary>
    /// Writes the line for each request; for predictions and questions about health only at level Debug: a prediction a millisecond
    /// would drown everything else, and what its line needs is not collected either.
    /// </summary>
    public static WebApplication UseRequestLog(this WebApplication app)
    {
        var log = app.Services.GetRequiredService<Serilog.ILogger>();
        var scopes = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(LoggingSetup));
        app.UseWhen(context => !IsFrequent(context) || log.IsEnabled(LogEventLevel.Debug), branch => branch
            .Use((context, next) => Trace(context, next, scopes))
            .UseSerilogRequestLogging(options =>
            {
                options.Logger = log;
                options.MessageTemplate = "{RequestMethod} {RequestPath} {StatusCode} in {Elapsed:0.0} ms";
                options.GetLevel = (context, _, exception) => exception is not null || context.Response.StatusCode >= 500
                    ? LogEventLevel.Error
                    : IsFrequent(context) ? LogEventLevel.Debug : LogEventLevel.Information;
            }));
        return app;
    }

    /// <summary>
    /// Gives all that is logged on a request its id and path, for sinks that keep them, and the trace that the client names (W3C trace context),
    /// or one of its own.
    /// </summary>
    private static async Task Trace(HttpContext context, RequestDelegate next, Microsoft.Extensions.Logging.ILogger log)
    {
        using var activity = Activity.Current is null ? new Activity("Request") : null;
        if (activity is not null && context.Request.Headers.TraceParent is [{ } parent])
        {
            activity.SetParentId(parent);
            activity.TraceStateString = context.Request.Headers.TraceState;
        }
        activity?.Start();
        using (log.BeginScope(new Dictionary<string, object>
        {
            ["RequestId"] = context.TraceIdentifier, ["RequestPath"] = context.Request.Path.ToString(), ["ConnectionId"] = context.Connection.Id,
        }))
            await next(context);
    }

    private static bool IsFrequent(HttpContext context) =>
        context.Request.Path.StartsWithSegments("/realtime") || context.Request.Path.StartsWithSegments("/health");
}
