using Microsoft.AspNetCore.Routing;

namespace MlService.Problems;

/// <summary>Turns every error of the service into an RFC 9457 problem.</summary>
public static class ProblemSetup
{
    /// <summary>Adds the rules of JSON and lets errors of binding reach <see cref="UseProblems"/>.</summary>
    public static IServiceCollection AddProblems(this IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(options => JsonRules.Apply(options.SerializerOptions));
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        return services;
    }

    /// <summary>Answers errors of all that comes after it; it belongs first in the pipeline.</summary>
    public static WebApplication UseProblems(this WebApplication app)
    {
        app.UseMiddleware<ProblemMiddleware>();
        return app;
    }
}
