using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using MlService.Access;

namespace MlService.Health;

/// <summary>Tells whoever runs the service how it is.</summary>
internal static class HealthApi
{
    /// <summary>Registers the checks.</summary>
    public static void AddHealth(this IServiceCollection services) => services.AddHealthChecks()
        .AddCheck<MetadataHealth>("metadata")
        .AddCheck<StorageHealth>("storage")
        .AddCheck<JobsHealth>("jobs");

    /// <summary>
    /// Maps <c>/health/live</c>, which answers as long as the process does, and <c>/health/ready</c>, which answers 503 with
    /// the names of the parts that do not.
    /// </summary>
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false, ResponseWriter = Write }).AllowWithoutKey();
        routes.MapHealthChecks("/health/ready", new HealthCheckOptions { ResponseWriter = Write }).AllowWithoutKey();
    }

    private static Task Write(HttpContext http, HealthReport report) => http.Response.WriteAsJsonAsync(new
    {
        status = report.Status == HealthStatus.Healthy ? "ok" : "unavailable",
        parts = report.Entries.ToDictionary(
            entry => entry.Key,
            entry => entry.Value.Status == HealthStatus.Healthy ? "ok" : entry.Value.Description ?? entry.Value.Exception?.Message ?? "unavailable"),
    });
}
