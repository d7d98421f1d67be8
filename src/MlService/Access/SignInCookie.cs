using System.Globalization;
using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Primitives;

namespace MlService.Access;

/// <summary>
/// How people at the web console show their key: they prove its secret once, and for twelve hours a cookie names the key. It counts for
/// requests that the console's own pages make, and is out of their scripts' reach. Keys with limits are for programs: the console
/// shows what belongs together, and would have to hide half of it.
/// </summary>
public sealed class SignInCookie(KeyRing ring, IDataProtectionProvider protection)
{
    private const string Name = "mlservice-session";

    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    private readonly ITimeLimitedDataProtector _protector = protection.CreateProtector("console session").ToTimeLimitedDataProtector();

    /// <summary>Checks a key and signs its owner in.</summary>
    /// <returns>Why not, in words; null if it was done.</returns>
    public async Task<string?> SignIn(HttpContext context, string id, string secret)
    {
        var credential = id.Length is > 0 and <= AccessKey.MaxIdLength ? await ring.Find(id, context.RequestAborted) : null;
        if (credential is null || !credential.Matches(secret))
            return "There is no good key of this id with this secret. It may have been revoked.";
        if (credential.Caller.Limits.Exist)
            return $"The key {id} is limited to some resources, which is for programs. Sign in with a key without limits.";
        if (!credential.Caller.Scopes.Grants(AccessScopes.Read))
            return $"The key {id} may only ask for predictions. Sign in with a key that has the scope read or admin.";
        await ring.NoteUse(credential, context.RequestAborted);
        context.Response.Cookies.Append(Name, _protector.Protect(id, Lifetime), Options(context));
        return null;
    }

    /// <summary>Ends the session in this browser.</summary>
    public static void SignOut(HttpContext context) => context.Response.Cookies.Delete(Name, Options(context));

    /// <summary>The key that a request's cookie names, if the key is still good and the request is one of the console's own.</summary>
    public async ValueTask<Credential?> Find(HttpContext context)
    {
        if (!context.Request.Cookies.TryGetValue(Name, out var cookie) || !IsOwn(context.Request))
            return null;
        string id;
        DateTimeOffset end;
        try
        {
            id = _protector.Unprotect(cookie, out end);
        }
        catch (CryptographicException)
        {
            return null; // it has expired, or is none of ours: whoever sent it may sign in again
        }
        var credential = await ring.Find(id, context.RequestAborted);
        if (credential is not null)
            context.User = new ClaimsPrincipal(new ClaimsIdentity(
                [new Claim(ClaimTypes.NameIdentifier, id), new Claim(ClaimTypes.Expiration, end.ToString("O", CultureInfo.InvariantCulture))], Name));
        return credential;
    }

    private static CookieOptions Options(HttpContext context) => new()
    {
        HttpOnly = true,
        IsEssential = true,
        SameSite = SameSiteMode.Strict,
        Secure = context.Request.IsHttps,
        Path = "/",
    };

    /// <summary>
    /// SameSite keeps the cookie from other sites, but not from other ports of this host. Browsers say where a request comes from in
    /// Sec-Fetch-Site, to secure addresses, and in Origin, whenever something changes or a socket is opened.
    /// </summary>
    private static bool IsOwn(HttpRequest request)
    {
        var site = request.Headers["Sec-Fetch-Site"];
        if (!StringValues.IsNullOrEmpty(site) && site != "same-origin" && site != "none")
            return false;
        var isRead = (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) && !request.HttpContext.WebSockets.IsWebSocketRequest;
        var origin = request.Headers.Origin.ToString();
        return origin.Length == 0 ? isRead || site == "same-origin" : origin == $"{request.Scheme}://{request.Host}";
    }
}
