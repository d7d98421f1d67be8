namespace MlService.Access;

/// <summary>Headers that forbid answers to be embedded, framed or sniffed by pages of other origins.</summary>
internal static class SecurityHeaders
{
    /// <summary>Adds them to an answer.</summary>
    public static void Set(HttpResponse response)
    {
        var headers = response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "SAMEORIGIN";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Referrer-Policy"] = "same-origin";
    }
}
