namespace MlService.Access;

/// <summary>
/// Links to this service that open without a key, in a browser for example: they carry a signature by the key of whoever was shown them
/// (<see cref="SignatureV4"/>), for an hour, and never more than that key may read itself.
/// </summary>
internal static class SignedLinks
{
    private const int LifetimeSeconds = 3600;

    /// <summary>A link to a path of this service; in local mode, where there are no keys, without a signature.</summary>
    /// <param name="request">The request whose answer shows the link.</param>
    /// <param name="path">The path, percent-encoded, from the service's root on.</param>
    public static string To(HttpRequest request, string path)
    {
        var full = $"{request.PathBase}{path}";
        var address = $"{request.Scheme}://{request.Host}{full}";
        if (request.HttpContext.Features.Get<Credential>() is not { } credential)
            return address;
        var now = request.HttpContext.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow().UtcDateTime;
        var signature = new SignatureV4(new CredentialScope($"{now:yyyyMMdd}", "any", "mlservice"), PresentedSignature.Text(now), ["host"]);
        var query = $"X-Amz-Algorithm={SignatureV4.Algorithm}&X-Amz-Credential={Uri.EscapeDataString($"{credential.Caller.KeyId}/{signature.Scope}")}"
            + $"&X-Amz-Date={signature.Time}&X-Amz-Expires={LifetimeSeconds}&X-Amz-SignedHeaders=host";
        var value = signature.Compute(credential.Secret, new SignedRequest(HttpMethods.Get, full, query, _ => null), request.Host.Value, []);
        return $"{address}?{query}&{SignatureV4.SignatureParameter}={value}";
    }
}
