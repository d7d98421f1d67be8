using Microsoft.AspNetCore.Routing.Patterns;
using MlService.Access;

namespace MlService.Amazon;

/// <summary>The operations as endpoints, by which the guard and the audit log judge a call like every other.</summary>
internal static class AmazonEndpoint
{
    private static readonly RoutePattern Pattern = RoutePatternFactory.Parse("/");
    private static readonly Dictionary<string, RouteEndpoint> ByOperation =
        Operation.All.Keys.ToDictionary(name => name, name => Make(name, ScopeOf(name)));

    private static readonly RouteEndpoint Unknown = Make("unknown operation", AccessScopes.Read);

    /// <summary>The endpoint of an operation, or of what is none.</summary>
    public static Endpoint Of(Operation? operation) => operation is null ? Unknown : ByOperation[operation.Name];

    /// <summary>The scope that an operation needs.</summary>
    internal static AccessScopes ScopeOf(string operation) => operation switch
    {
        "Predict" => AccessScopes.Predict,
        _ when operation.StartsWith("Get", StringComparison.Ordinal) || operation.StartsWith("Describe", StringComparison.Ordinal) => AccessScopes.Read,
        _ => AccessScopes.Admin,
    };

    // Calls are answered by AmazonProtocol, so this endpoint is never run.
    private static RouteEndpoint Make(string name, AccessScopes scope) =>
        new(_ => Task.CompletedTask, Pattern, 0, new EndpointMetadataCollection(new RequiredScope(scope)), name);
}
