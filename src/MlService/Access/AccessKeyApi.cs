using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using MlService.Metadata;
using MlService.OpenApi;

namespace MlService.Access;

/// <summary>The REST calls of access keys and of the audit log, all for admins.</summary>
internal static class AccessKeyApi
{
    /// <summary>Maps <c>/v1/keys</c> and <c>/v1/audit</c>.</summary>
    public static void MapAccess(this IEndpointRouteBuilder routes)
    {
        var keys = routes.MapGroup("/v1/keys").WithTags("Access keys").RequireScope(AccessScopes.Admin);
        keys.MapPost("", Create)
            .WithSummary("Creates one access key")
            .WithDescription("Answers its secret, which is shown this once. `scopes` are `admin` (everything), `read` (reading everything but keys "
                + "and audit) and `predict` (real-time predictions). `limitedTo` narrows the key to what it names: `models/bank-model`, "
                + "`models/bank-*`, `s3://bucket/key`, `s3://bucket/prefix/`, `databases/shop`; lists show it nothing else.")
            .WithRequestExample("""{ "name": "Web shop", "scopes": [ "predict" ], "limitedTo": [ "models/bank-*" ] }""")
            .WithResponseExample(StatusCodes.Status201Created, """
                {
                  "id": "MLKQ4Z7XW2M5N3RA6TJD", "secret": "n3W0b7cQ…", "name": "Web shop", "scopes": [ "predict" ],
                  "limitedTo": [ "models/bank-*" ], "createdAt": "2026-01-31T12:00:00Z", "createdBy": "MLKE7PUVG3H2K5YB4WQS"
                }
                """);
        keys.MapGet("", List).WithSummary("Lists access keys, newest first, revoked ones too")
            .WithDescription("`limit` is 1 to 100, 100 by default. Pass `nextCursor` of a page as `cursor` for the next one. Secrets are never shown again.");
        keys.MapGet("/{id}", Get).WithSummary("Reads one access key");
        keys.MapDelete("/{id}", Revoke)
            .WithSummary("Revokes one access key")
            .WithDescription("It is refused everywhere within a second, and stays listed. Revoking twice is no error.");

        routes.MapGet("/v1/audit", Audit).WithTags("Audit").RequireScope(AccessScopes.Admin)
            .WithSummary("Lists the changes that were asked for, newest first")
            .WithDescription("In `Access:Mode` Keys every call that may change something is noted before it is carried out. `who` narrows to one key. "
                + "An entry without `status` is of a call whose process ended before the call did.")
            .WithResponseExample(StatusCodes.Status200OK, """
                { "items": [ { "id": 42, "at": "2026-01-31T12:00:00Z", "who": "MLKE7PUVG3H2K5YB4WQS", "action": "POST /v1/models",
                    "target": "/v1/models/bank-model", "status": 202 } ] }
                """);
    }

    private static async Task<Created<NewKeyDescription>> Create(
        NewKeyRequest body, HttpResponse response, AccessKeys keys, CurrentCaller caller, CancellationToken cancellation)
    {
        var scopes = (body.Scopes ?? []).Aggregate(AccessScopes.None, (all, name) => all | Scope(name));
        var limits = ResourceProblems.Read<IReadOnlyList<string>, ResourceLimits>("limitedTo", body.LimitedTo ?? [], ResourceLimits.Parse);
        var (key, secret) = await keys.Create(body.Name, scopes, limits, caller.Value.Name, cancellation);
        response.Headers.CacheControl = "no-store";
        return TypedResults.Created($"/v1/keys/{key.Id}", new NewKeyDescription(key, secret));
    }

    private static async Task<Ok<ResourcePage<KeyDescription>>> List(int? limit, string? cursor, AccessKeys keys, CancellationToken cancellation)
    {
        var page = await keys.List(limit ?? AccessKeys.MaxLimit, cursor, cancellation);
        return TypedResults.Ok(new ResourcePage<KeyDescription>([.. page.Items.Select(key => new KeyDescription(key))], page.NextCursor));
    }

    private static async Task<Ok<KeyDescription>> Get(string id, AccessKeys keys, CancellationToken cancellation) =>
        TypedResults.Ok(new KeyDescription(await keys.Get(id, cancellation)));

    private static async Task<Ok<KeyDescription>> Revoke(string id, AccessKeys keys, CancellationToken cancellation) =>
        TypedResults.Ok(new KeyDescription(await keys.Revoke(id, cancellation)));

    private static async Task<Ok<ResourcePage<AuditEntry>>> Audit(
        string? who, int? limit, string? cursor, AuditLog log, CancellationToken cancellation) =>
        TypedResults.Ok(await log.List(who, limit ?? AuditLog.MaxLimit, cursor, cancellation));

    private static AccessScopes Scope(string? name) => AccessScopeNames.Parse(name ?? "") is var scope and not AccessScopes.None
        ? scope
        : throw ResourceProblems.Invalid("scopes", $"'{name?.Shorten()}' is no scope. Known are {string.Join(", ", AccessScopeNames.All)}.");
}

/// <summary>A key that is wanted.</summary>
public sealed record NewKeyRequest
{
    /// <summary>What the key is for, at most 256 characters.</summary>
    public string? Name { get; init; }

    /// <summary>What it may do: <c>admin</c>, <c>read</c>, <c>predict</c>, or several of them.</summary>
    [Required]
    public IReadOnlyList<string>? Scopes { get; init; }

    /// <summary>What it is limited to, at most 100 of <c>models/ID</c>, <c>models/PREFIX*</c> (other resources likewise), <c>s3://bucket/key</c>, <c>s3://bucket/prefix/</c> and <c>databases/NAME</c>; absent or empty for no limit.</summary>
    public IReadOnlyList<string>? LimitedTo { get; init; }
}

/// <summary>A key, without its secret.</summary>
public record KeyDescription
{
    internal KeyDescription(AccessKey key)
    {
        Id = key.Id;
        Name = key.Name;
        Scopes = key.Scopes.ToNames();
        LimitedTo = ResourceLimits.FromText(key.Limits).Patterns;
        CreatedAt = key.CreatedAt;
        CreatedBy = key.CreatedBy;
        LastUsedAt = key.LastUsedAt;
        RevokedAt = key.RevokedAt;
    }

    /// <summary>Public name of the key.</summary>
    [JsonPropertyOrder(-2)]
    public string Id { get; init; }

    /// <summary>What it is for.</summary>
    public string? Name { get; init; }

    /// <summary>What it may do.</summary>
    public IReadOnlyList<string> Scopes { get; init; }

    /// <summary>What it is limited to; empty for no limit.</summary>
    public IReadOnlyList<string> LimitedTo { get; init; }

    /// <summary>When it was made.</summary>
    public DateTime CreatedAt { get; init; }

    /// <summary>Who made it.</summary>
    public string CreatedBy { get; init; }

    /// <summary>When it was last used, to the minute.</summary>
    public DateTime? LastUsedAt { get; init; }

    /// <summary>When it was revoked.</summary>
    public DateTime? RevokedAt { get; init; }
}

/// <summary>A key that was just made.</summary>
public sealed record NewKeyDescription : KeyDescription
{
    internal NewKeyDescription(AccessKey key, string secret) : base(key) => Secret = secret;

    /// <summary>The secret, which is shown this once.</summary>
    [JsonPropertyOrder(-1)]
    public string Secret { get; init; }
}
