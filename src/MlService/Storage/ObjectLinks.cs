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

    /// <summary>Where this service itself hands an object out, percent-encoded.</summary>
    public static string Path(ObjectUri uri) => $"/v1/objects/{uri.Bucket}/{string.Join('/', uri.Key.Split('/').Select(Uri.EscapeDataString))}";
}
