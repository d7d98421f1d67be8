namespace MlService.Access;

/// <summary>Headers that forbid answers to be embedded, framed or sniffed by pages of other origins.</summary>
internal static class SecurityHeaders
{
    /// <summary>Adds them to an answer.</summary>
    public static void Set(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        // Browsers embed and show what they read; the other calls, predictions among them, are spared the time that five headers take.
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
            return;
        headers.XFrameOptions = "SAMEORIGIN";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Referrer-Policy"] = "same-origin";
    }
}
