using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Net.Http.Headers;
using MlService.Problems;

namespace MlService.Access;

/// <summary>
/// In keys mode every call proves that it has a key: <c>Authorization: Bearer ID:SECRET</c>, or <c>ID.SECRET</c>, or a signature by it as
/// Amazon's clients make them (<see cref="PresentedSignature"/>). Browsers send no such header of themselves, so a page elsewhere
/// cannot borrow its reader's rights, and Host and Origin need no look. People at the console show their key by a cookie, which has rules of
/// its own (<see cref="SignInCookie"/>).
/// </summary>
internal sealed partial class KeyGuard(
    RequestDelegate next, KeyRing ring, SignInCookie session, SeenSignatures seen, PredictionRate rate, CurrentCaller current, TimeProvider time,
    ILogger<KeyGuard> logger)
{
    /// <summary>Largest signed body, in bytes, where the endpoint does not say: it must be in memory as a whole.</summary>
    private const long MaxSignedBytes = 4L << 20;

    private const string Scheme = "Bearer";
    private static readonly char[] Separators = [':', '.'];

    public async Task InvokeAsync(HttpContext context)
    {
        SecurityHeaders.Set(context);
        if (!EndpointAccess.IsOpen(context))
        {
            var signedIn = context.Request.Headers.Authorization.Count == 0 ? await session.Find(context) : null;
            if (signedIn is null && EndpointAccess.AsksToSignIn(context))
            {
                var page = context.Request.Path + context.Request.QueryString;
                context.Response.Redirect($"{context.Request.PathBase}/sign-in?page={Uri.EscapeDataString(page)}");
                return;
            }
            var credential = signedIn ?? await Authenticate(context);
            Authorize(context, credential.Caller);
            await RefuseCopy(context);
            context.Features.Set(credential.Caller);
            context.Features.Set(credential.Caller.Limits.Objects);
            context.Features.Set(credential);
            await ring.NoteUse(credential, context.RequestAborted);
            await current.Answer(credential.Caller, context, next);
            return;
        }
        await next(context);
    }

    private Task<Credential> Authenticate(HttpContext context) =>
        PresentedSignature.IsOn(context.Request) ? BySignature(context) : ByToken(context);

    private async Task<Credential> BySignature(HttpContext context)
    {
        var signature = PresentedSignature.Read(SignedRequest.Of(context.Request));
        signature.Check(time.GetUtcNow().UtcDateTime);
        if (await Find(signature.KeyId, context) is not { } credential)
            throw Refused(context, signature.KeyId, KeyFault.Unknown, "The access key is not good: there is none of this id, or it was revoked.");
        // Only whoever names a key may fill memory with a body.
        var limit = context.GetEndpoint()?.Metadata.GetMetadata<IRequestSizeLimitMetadata>()?.MaxRequestBodySize ?? MaxSignedBytes;
        var body = await WholeBody.Read(context.Request, limit);
        if (!signature.IsOf(credential.Secret, body.Span))
            throw Refused(context, signature.KeyId, KeyFault.Mismatch,
                "The request's signature is not the one that its access key gives. Check the secret, and that nothing changes the request on its way, its Host header included.");
        context.Features.Set(signature);
        return credential;
    }

    private async Task<Credential> ByToken(HttpContext context)
    {
        if (!AuthenticationHeaderValue.TryParse(context.Request.Headers.Authorization, out var header)
            || !header.Scheme.Equals(Scheme, StringComparison.OrdinalIgnoreCase) || header.Parameter is not { } token)
            throw Unauthorized(context, KeyFault.Missing, "This call needs an access key, and the request has none. Send the header Authorization: Bearer ID:SECRET. "
                + "Whoever runs the service makes keys: MlService keys create --scope read");
        var end = token.IndexOfAny(Separators);
        var id = end < 0 ? "" : token[..end];
        if (await Find(id, context) is { } credential && credential.Matches(token[(end + 1)..]))
            return credential;
        // One answer for all three, so that it does not tell which ids exist.
        throw Refused(context, id, KeyFault.Unknown, "The access key is not good: there is none of this id, it was revoked, or the secret is another one.");
    }

    private ValueTask<Credential?> Find(string id, HttpContext context) =>
        id.Length is > 0 and <= AccessKey.MaxIdLength ? ring.Find(id, context.RequestAborted) : ValueTask.FromResult<Credential?>(null);

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

    /// <summary>Of changes alone copies do harm, and only what the key may change is remembered.</summary>
    private async Task RefuseCopy(HttpContext context)
    {
        if (EndpointAccess.IsChange(context) && context.Features.Get<PresentedSignature>() is { IsLink: false } signature
            && !await seen.IsNew(signature.Value, time.GetUtcNow().UtcDateTime, context.RequestAborted))
            throw Refused(context, signature.KeyId, KeyFault.Mismatch,
                "The same signed request came before, and what it asks for was done then or refused. To ask again, sign the request anew.");
    }

    private KeyRefusedException Refused(HttpContext context, string id, KeyFault fault, string detail)
    {
        LogRefused(logger, context.Connection.RemoteIpAddress, id.All(char.IsAsciiLetterOrDigit) && id.Length <= AccessKey.MaxIdLength ? id : "?");
        return Unauthorized(context, fault, detail);
    }

    private static KeyRefusedException Unauthorized(HttpContext context, KeyFault fault, string detail)
    {
        context.Response.Headers[HeaderNames.WWWAuthenticate] = $"{Scheme} realm=\"MlService\"";
        return new KeyRefusedException(fault, detail);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Refused access key {KeyId} from {Address}")]
    private static partial void LogRefused(ILogger logger, System.Net.IPAddress? address, string keyId);
}
