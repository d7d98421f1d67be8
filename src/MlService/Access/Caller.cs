using MlService.Learning;
using MlService.Metadata;
using MlService.Problems;
using MlService.Storage;

namespace MlService.Access;

/// <summary>Who makes a request.</summary>
/// <param name="KeyId">Id of the access key; null in local mode and for what the service does of itself.</param>
/// <param name="Scopes">What the key may do.</param>
/// <param name="Limits">What it is limited to.</param>
public sealed record Caller(string? KeyId, AccessScopes Scopes, ResourceLimits Limits)
{
    /// <summary>Whoever is on this machine, in local mode.</summary>
    public static Caller Local { get; } = new(null, AccessScopes.Admin, ResourceLimits.None);

    /// <summary>The caller's name in the audit log.</summary>
    public string Name => KeyId ?? "local";

    /// <summary>Refuses a resource that the key does not reach.</summary>
    /// <exception cref="ProblemException">It does not.</exception>
    public void Require(ResourceKey key, string field)
    {
        if (!Limits.Allow(key))
            throw OutOfReach($"{key.Kind.ToCollection()}/{key.Id}", field);
    }

    /// <summary>Refuses a place in object storage that the key does not reach.</summary>
    /// <exception cref="ProblemException">It does not, or it is no place.</exception>
    public void Require(string location, string field)
    {
        if (Limits.Exist && !Limits.Objects.Covers(ResourceProblems.Read(field, location, ObjectUri.Parse)))
            throw OutOfReach(location, field);
    }

    /// <summary>Refuses a database that the key does not reach.</summary>
    /// <exception cref="ProblemException">It does not.</exception>
    public void RequireDatabase(string name, string field)
    {
        if (!Limits.AllowDatabase(name))
            throw OutOfReach($"databases/{name}", field);
    }

    private ProblemException OutOfReach(string what, string field) =>
        new(ProblemKind.Forbidden, $"The access key {KeyId} is limited to {Words()}, and {what.Shorten()} is none of that. Use a key that reaches it.", field);

    /// <summary>The limits, for a message.</summary>
    internal string Words() => string.Join(", ", Limits.Patterns.Take(5)) + (Limits.Patterns.Count > 5 ? ", …" : "");
}

/// <summary>Finds the caller on whose behalf the service acts at the moment.</summary>
/// <remarks>
/// Not by <see cref="IHttpContextAccessor"/>: where that is registered, every request of the server pays for it, those that ask for no caller
/// too, which are the predictions.
/// </remarks>
public sealed class CurrentCaller
{
    private readonly AsyncLocal<Caller?> _stated = new();
    private readonly AsyncLocal<Request?> _request = new();

    /// <summary>
    /// The caller that was stated by <see cref="As"/>, or else the one of the request that is being answered; outside of both, and in local
    /// mode, <see cref="Caller.Local"/>.
    /// </summary>
    public Caller Value => _stated.Value ?? _request.Value?.Caller ?? Caller.Local;

    /// <summary>Acts on behalf of a caller whom no request names, such as a person at the console.</summary>
    public async Task<T> As<T>(Caller caller, Func<Task<T>> act)
    {
        // What an asynchronous method states ends with it.
        _stated.Value = caller;
        return await act();
    }

    /// <summary>Answers a request of a caller. What it leaves behind to go on by itself acts for the service, not for the caller.</summary>
    internal async Task Answer(Caller caller, HttpContext context, RequestDelegate next)
    {
        var request = new Request { Caller = caller };
        _request.Value = request;
        try
        {
            await next(context);
        }
        finally
        {
            request.Caller = null;
        }
    }

    private sealed class Request
    {
        public Caller? Caller { get; set; }
    }
}
