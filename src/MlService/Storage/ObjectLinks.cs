namespace MlService.Storage;

/// <summary>Links by which the client of a request fetches objects.</summary>
internal static class ObjectLinks
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    /// <summary>Address of the service as the client knows it, without a slash at the end.</summary>
    public static string Service(HttpRequest request) => $"{request.Scheme}://{request.Host}{request.PathBase}";

    /// <summary>A link that needs no key and lasts an hour; null where storage has no address of its own.</summary>
    public static string? Presigned(HttpRequest request, ObjectUri uri) =>
        request.HttpContext.RequestServices.GetRequiredService<IObjectStore>().PresignRead(uri, Lifetime)?.AbsoluteUri;

    /// <summary>A link to storage, or else to this service, which asks for a key where it has any.</summary>
    public static string Of(HttpRequest request, ObjectUri uri) => Presigned(request, uri)
        ?? $"{Service(request)}/v1/objects/{uri.Bucket}/{string.Join('/', uri.Key.Split('/').Select(Uri.EscapeDataString))}";
}
