using System.Net;
using Microsoft.Net.Http.Headers;
using MlService.Problems;

namespace MlService.Access;

/// <summary>
/// In local mode there are no keys: whoever reaches the socket is the user. Programs on this machine are trusted; web pages
/// in the user's browser are not, and they can reach loopback too. So:
/// <list type="bullet">
/// <item>Host must be loopback. A page whose own name was re-pointed to 127.0.0.1 (DNS rebinding) sends its own name.</item>
/// <item>Origin, if sent, must be the service's own. Browsers send it with all that changes something and with all that scripts may read.</item>
/// <item>Sec-Fetch-Site, if sent, must be same-origin or none (typed by the user). A page on another port of this machine is
/// "same-site", and no friend. Only a link that is followed in the top window may come from elsewhere: it reads nothing back.</item>
/// <item>A call that changes something and carries none of this comes from no current browser. As an old one could send it by
/// a form only, a form's content type, or a Referer from elsewhere, is refused. JSON, PUT, PATCH and DELETE need a
/// CORS preflight, which is never granted.</item>
/// <item>Answers forbid being embedded, framed or sniffed elsewhere, so nothing leaks through images, scripts or frames.</item>
/// </list>
/// </summary>
internal sealed class LocalGuard(RequestDelegate next)
{
    private static readonly string[] FormTypes = ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"];

    public Task InvokeAsync(HttpContext context)
    {
        SecurityHeaders.Set(context);
        if (Refusal(context) is { } refusal)
            throw new ProblemException(ProblemKind.Forbidden, refusal);
        return next(context);
    }

    /// <summary>Why this request is not answered; null if it is.</summary>
    private static string? Refusal(HttpContext context)
    {
        var request = context.Request;
        if (context.Connection.RemoteIpAddress is { } peer && !IPAddress.IsLoopback(peer))
            return "In Access:Mode Local only this machine is answered, and the request comes from another one. Call from the machine itself.";
        if (!LoopbackOnly.IsLoopbackHost(request.Host.Host))
            return "In Access:Mode Local the service answers as localhost, 127.0.0.1 or [::1] only, and the request's Host header names "
                + "something else. Use an address such as http://localhost:5080.";

        var origins = request.Headers.Origin;
        if (origins.Count > 1 || (origins.Count == 1 && !IsSameOrigin(origins[0], request)))
            return "The request comes from a web page of another origin. In Access:Mode Local only the service's own pages may call it.";

        var reads = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);
        var site = request.Headers["Sec-Fetch-Site"].ToString();
        if (site.Length > 0 && site is not ("same-origin" or "none") && !(reads && IsFollowedLink(request)))
            return "A web page elsewhere made the browser send this request. In Access:Mode Local only the service's own pages may call it.";
        if (reads || origins.Count == 1 || site.Length > 0)
            return null;

        var referer = request.Headers.Referer.ToString();
        if (referer.Length > 0 && !IsSameOrigin(referer, request))
            return "The request's Referer is another site. In Access:Mode Local only the service's own pages may call it.";
        return HttpMethods.IsPost(request.Method) && IsFormType(request.ContentType)
            ? "A request that changes something cannot have the content type of a web form, which any web page can send. "
                + "Send JSON with the header Content-Type: application/json (curl: -H 'Content-Type: application/json')."
            : null;
    }

    private static bool IsFollowedLink(HttpRequest request) =>
        request.Headers["Sec-Fetch-Mode"] == "navigate" && request.Headers["Sec-Fetch-Dest"] == "document";

    private static bool IsSameOrigin(string? url, HttpRequest request) =>
        Uri.TryCreate(url, UriKind.Absolute, out var theirs)
        && Uri.TryCreate($"{request.Scheme}://{request.Host}", UriKind.Absolute, out var ours)
        && Uri.Compare(theirs, ours, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) == 0;

    // What cannot be parsed a browser may still have sent: it counts as a form too.
    private static bool IsFormType(string? contentType) => !string.IsNullOrEmpty(contentType) && contentType != "application/json"
        && (!MediaTypeHeaderValue.TryParse(contentType, out var type)
            || FormTypes.Contains(type.MediaType.Value, StringComparer.OrdinalIgnoreCase));
}
