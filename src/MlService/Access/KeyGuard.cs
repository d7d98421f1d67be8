using System.Net.Http.Headers;
using Microsoft.Net.Http.Headers;
using MlService.Problems;

namespace MlService.Access;

/// <summary>
/// In keys mode every call proves that it has a key: <c>Authorization: Bearer ID:SECRET</c>, or <c>ID.SECRET</c>. Browsers send no
/// such header of themselves, so a page elsewhere cannot borrow its reader's rights, and Host and Origin need no look.
/// </summary>
internal sealed partial class KeyGuard(RequestDelegate next, KeyRing ring, PredictionRate rate, ILogger<KeyGuard> logger)
{
    private const string Scheme = "Bearer";
    private static readonly char[] Separators = [':', '.'];

    public async Task InvokeAsync(HttpContext context)
    {
        SecurityHeaders.Set(context.Response);
        if (!EndpointAccess.IsOpen(context))
        {
            var credential = await Authenticate(context);
            Authorize(context, credential.Caller);
            context.Features.Set(credential.Caller);
            context.Features.Set(credential.Caller.Limits.Objects);
            await ring.NoteUse(credential, context.RequestAborted);
        }
        await next(context);
    }

    private async Task<Credential> Authenticate(HttpContext context)
    {
        if (!AuthenticationHeaderValue.TryParse(context.Request.Headers.Authorization, out var header)
            || !header.Scheme.Equals(Scheme, StringComparison.OrdinalIgnoreCase) || header.Parameter is not { } token)
            throw Unauthorized(context, "This call needs an access key, and the request has none. Send the header Authorization: Bearer ID:SECRET. "
                + "Whoever runs the service makes keys: MlService keys create --scope read");
        var end = token.IndexOfAny(Separators);
        var id = end < 0 ? "" : token[..end];
        if (end is > 0 and <= AccessKey.MaxIdLength && await ring.Find(id, context.RequestAborted) is { } credential
            && credential.Matches(token[(end + 1)..]))
            return credential;
        LogRefused(logger, context.Connection.RemoteIpAddress, id.All(char.IsAsciiLetterOrDigit) && id.Length <= AccessKey.MaxIdLength ? id : "?");
        // One answer for all three, so that it does not tell which ids exist.
        throw Unauthorized(context, "The access key is not good: there is none of this id, it was revoked, or the secret is another one.");
    }

    private void Authorize(HttpContext context, Caller caller)
    {
        var needed = EndpointAccess.ScopeOf(context);
        if (!caller.Scopes.Grants(needed))
            throw new ProblemException(ProblemKind.Forbidden,
                $"This call needs the scope {string.Join("", needed.ToNames())}, and the access key {caller.KeyId} has {string.Join(", ", caller.Scopes.ToNames())}. Use a key with that scope, or with admin.");
        if (!EndpointAccess.IsWithin(caller.Limits, context))
            throw new ProblemException(ProblemKind.Forbidden,
                $"The access key {caller.KeyId} is limited to {caller.Words()}, and this call reaches further. Use a key that reaches it.");
        if (needed == AccessScopes.Predict)
            rate.Count(caller.KeyId!, context.Response);
    }

    private static ProblemException Unauthorized(HttpContext context, string detail)
    {
        context.Response.Headers[HeaderNames.WWWAuthenticate] = $"{Scheme} realm=\"MlService\"";
        return new ProblemException(ProblemKind.Unauthorized, detail);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Refused access key {KeyId} from {Address}")]
    private static partial void LogRefused(ILogger logger, System.Net.IPAddress? address, string keyId);
}
