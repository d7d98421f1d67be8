using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing.Patterns;
using MlService.Access;

namespace MlService.Amazon;

/// <summary>The operations as endpoints, by which the guard and the audit log judge a call like every other.</summary>
internal static class AmazonEndpoint
{
    private static readonly RoutePattern Pattern = RoutePatternFactory.Parse("/");
    private static readonly Dictionary<string, RouteEndpoint> ByOperation =
        Operation.All.ToDictionary(operation => operation.Key, operation => Make(operation.Key, ScopeOf(operation.Key), operation.Value.MaxBodyBytes));

    private static readonly RouteEndpoint Unknown = Make("unknown operation", AccessScopes.Read, Operation.MaxUsualBytes);

    /// <summary>The endpoint of an operation, or of what is none.</summary>
    public static Endpoint Of(Operation? operation) => operation is null ? Unknown : ByOperation[operation.Name];

    /// <summary>The scope that an operation needs.</summary>
    internal static AccessScopes ScopeOf(string operation) => operation switch
    {
        "Predict" => AccessScopes.Predict,
        _ when operation.StartsWith("Get", StringComparison.Ordinal) || operation.StartsWith("Describe", StringComparison.Ordinal) => AccessScopes.Read,
        _ => AccessScopes.Admin,
    };

    // Calls are answered by AmazonProtocol, so this endpoint is never run. What a call reaches stands in its body, so it checks that too.
    private static RouteEndpoint Make(string name, AccessScopes scope, long maxBytes) => new(
        _ => Task.CompletedTask, Pattern, 0,
        new EndpointMetadataCollection(new RequiredScope(scope), new ChecksLimits(), new AuditName(name), new BodyLimit(maxBytes)), name);

    private sealed record BodyLimit(long? MaxRequestBodySize) : IRequestSizeLimitMetadata;
}
