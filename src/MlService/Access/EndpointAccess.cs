using MlService.Metadata;
using MlService.Storage;

namespace MlService.Access;

/// <summary>Says at an endpoint which scope it needs, where that is not what its method says.</summary>
/// <param name="Scope">The scope; none if the endpoint answers without a key.</param>
internal sealed record RequiredScope(AccessScopes Scope);

/// <summary>Says at an endpoint that the code behind it checks what it reaches against the caller's limits, or shows no more than these.</summary>
internal sealed record ChecksLimits;

/// <summary>Says at an endpoint that it is a page for people, who are sent to sign in where a program would be refused.</summary>
internal sealed record PageForPeople;

/// <summary>
/// The rules by which calls are allowed, all in this place. What says nothing is closed: <c>GET</c> and <c>HEAD</c> need
/// <see cref="AccessScopes.Read"/>, every other method <see cref="AccessScopes.Admin"/>, and a key with limits is refused unless the
/// endpoint's route names a resource or objects that it reaches.
/// </summary>
internal static class EndpointAccess
{
    private static readonly (string Begin, ResourceKind Kind)[] NamedInRoute =
        [.. Enum.GetValues<ResourceKind>().Select(kind => ($"/v1/{kind.ToCollection()}/{{id}}", kind))];

    /// <summary>Lets an endpoint be called with another scope than its method needs.</summary>
    public static TBuilder RequireScope<TBuilder>(this TBuilder builder, AccessScopes scope) where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new RequiredScope(scope));

    /// <summary>Lets an endpoint be called without a key.</summary>
    public static TBuilder AllowWithoutKey<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new RequiredScope(AccessScopes.None));

    /// <summary>
    /// Promises that the code behind an endpoint checks what it reaches with <see cref="Caller.Require(ResourceKey, string)"/>, or lists
    /// only what <see cref="Caller.Limits"/> let it.
    /// </summary>
    public static TBuilder CheckLimitsInside<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new ChecksLimits());

    /// <summary>Whether the request needs no key: health, and the description of the API, which middleware answers.</summary>
    public static bool IsOpen(HttpContext context) => context.GetEndpoint() is { } endpoint
        ? endpoint.Metadata.GetMetadata<RequiredScope>() is { Scope: AccessScopes.None }
        : context.Request.Path.StartsWithSegments("/swagger", StringComparison.Ordinal);

    /// <summary>Whether whoever has no key is to be asked for it by a page.</summary>
    public static bool AsksToSignIn(HttpContext context) => context.GetEndpoint() is { } endpoint
        ? endpoint.Metadata.GetMetadata<PageForPeople>() is not null
        : IsPersonLost(context);

    /// <summary>Whether a browser asks, for a person, for a page that is not there.</summary>
    public static bool IsPersonLost(HttpContext context) => context.GetEndpoint() is null && HttpMethods.IsGet(context.Request.Method)
        && context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal) && !IsOpen(context);

    /// <summary>The scope that a request needs.</summary>
    public static AccessScopes ScopeOf(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<RequiredScope>()?.Scope
        ?? (IsRead(context.Request.Method) ? AccessScopes.Read : AccessScopes.Admin);

    /// <summary>Whether a request may change something, and so belongs into the audit log.</summary>
    public static bool IsChange(HttpContext context) => context.GetEndpoint() is RouteEndpoint
        && !IsRead(context.Request.Method) && ScopeOf(context) == AccessScopes.Admin;

    /// <summary>Whether a key's limits let a request through.</summary>
    public static bool IsWithin(ResourceLimits limits, HttpContext context)
    {
        if (!limits.Exist)
            return true;
        if (context.GetEndpoint() is not RouteEndpoint { RoutePattern.RawText: { } route } endpoint)
            return true; // nothing is there: the answer is 404 or 405
        if (endpoint.Metadata.GetMetadata<ChecksLimits>() is not null)
            return true;
        if (route.StartsWith("/realtime/{modelId}", StringComparison.Ordinal))
            return limits.Allow(new ResourceKey(ResourceKind.Model, Value("modelId")));
        if (route.StartsWith("/v1/objects/{bucket}/{**key}", StringComparison.Ordinal))
            return limits.Objects.Covers(ObjectAddress.Read(context));
        if (route is "/v1/objects/")
            return true; // the list shows no other buckets
        if (route.StartsWith("/v1/objects/{bucket}", StringComparison.Ordinal))
            return limits.Objects.Touches(Value("bucket"), context.Request.Query["prefix"].ToString());
        foreach (var (begin, kind) in NamedInRoute)
        {
            if (route.StartsWith(begin, StringComparison.Ordinal))
                return limits.Allow(new ResourceKey(kind, Value("id")));
        }
        return false;

        string Value(string name) => (string?)context.Request.RouteValues[name] ?? "";
    }

    private static bool IsRead(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method);
}
