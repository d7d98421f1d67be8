using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.Options;
using MlService.Access;
using MlService.Metadata;
using MlService.Problems;

namespace MlService.Console.Shell;

/// <summary>
/// The person at the console, and the one door through which pages act: each call is made on the person's behalf, by the rights that their
/// key has at that moment, and each change is noted in the audit log, as a call of the REST face would be.
/// </summary>
public sealed class Visitor(
    AuthenticationStateProvider authentication, IOptions<AccessOptions> access, KeyRing ring, CurrentCaller current, AuditLog audit, TimeProvider time)
{
    /// <summary>Whether people sign in at all; in <c>Access:Mode</c> Local they do not.</summary>
    public bool SignsIn => access.Value.Mode == AccessMode.Keys;

    /// <summary>Who it is.</summary>
    /// <exception cref="ProblemException">Nobody is signed in, or the key was revoked since.</exception>
    public async Task<Caller> Identify(CancellationToken cancellation = default)
    {
        if (!SignsIn)
            return Caller.Local;
        var user = (await authentication.GetAuthenticationStateAsync()).User;
        var id = user.FindFirstValue(ClaimTypes.NameIdentifier);
        // A page that stays open outlives no session.
        var isOver = user.FindFirstValue(ClaimTypes.Expiration) is { } end && DateTimeOffset.Parse(end, CultureInfo.InvariantCulture) <= time.GetUtcNow();
        return (id is null || isOver ? null : await ring.Find(id, cancellation))?.Caller
            ?? throw new ProblemException(ProblemKind.Unauthorized, "You are not signed in any more: the key was revoked, or the session has ended. Sign in again.");
    }

    /// <summary>Whether the person may change things, and not only look.</summary>
    public async Task<bool> MayChange(CancellationToken cancellation = default) =>
        (await Identify(cancellation)).Scopes.Grants(AccessScopes.Admin);

    /// <summary>Reads something.</summary>
    public Task<T> Read<T>(Func<Task<T>> read) => Act(AccessScopes.Read, read);

    /// <summary>Reads a resource, which the person's key must reach.</summary>
    public Task<T> Read<T>(ResourceKey key, Func<Task<T>> read) => Act(AccessScopes.Read, () =>
    {
        current.Value.Require(key, "id");
        return read();
    });

    /// <summary>Reads what only admins may see.</summary>
    public Task<T> ReadGuarded<T>(Func<Task<T>> read) => Act(AccessScopes.Admin, read);

    /// <summary>Changes something.</summary>
    /// <param name="action">The change as the REST face calls it, for example <c>POST /v1/models</c>.</param>
    /// <param name="change">Makes it.</param>
    /// <param name="made">The path of what came into being, for example <c>/v1/models/bank-model</c>; null where the action names what it changes.</param>
    public Task<T> Change<T>(string action, Func<Task<T>> change, Func<T, string>? made = null) => Act(AccessScopes.Admin, async () =>
    {
        if (!SignsIn)
            return await change();
        var target = action[(action.IndexOf(' ', StringComparison.Ordinal) + 1)..];
        var entry = await audit.Begin(current.Value.Name, $"console: {action}", target, CancellationToken.None);
        try
        {
            var result = await change();
            await audit.End(entry, made?.Invoke(result) ?? target, StatusCodes.Status200OK);
            return result;
        }
        catch (ProblemException problem)
        {
            await audit.End(entry, target, problem.Kind.Status);
            throw;
        }
    });

    private async Task<T> Act<T>(AccessScopes needed, Func<Task<T>> act)
    {
        var caller = await Identify();
        return caller.Scopes.Grants(needed)
            ? await current.As(caller, act)
            : throw new ProblemException(ProblemKind.Forbidden,
                $"This needs a key with the scope {string.Join("", needed.ToNames())}, and {caller.KeyId} has {string.Join(", ", caller.Scopes.ToNames())}. Sign in with another key.");
    }
}
