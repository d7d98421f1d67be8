using Microsoft.AspNetCore.Http.Features;
using MlService.Learning;

namespace MlService.Storage;

/// <summary>
/// Reads an object's key from the request as the client wrote it. The framework's decoded path cannot serve: in it %2F and
/// %252F look the same, and dot segments are gone.
/// </summary>
internal static class ObjectAddress
{
    /// <exception cref="InvalidInputException">The path is not UTF-8, or has dot segments.</exception>
    public static ObjectUri Read(HttpContext context)
    {
        var bucket = (string)context.Request.RouteValues["bucket"]!;
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var path = target.AsSpan(0, target.IndexOf('?', StringComparison.Ordinal) is var query and >= 0 ? query : target.Length);
        if (path.Length > 0 && path[0] != '/') // absolute form: http://host/path
            path = path[(path.IndexOf("://") + 3)..] is var rest && rest.IndexOf('/') is var slash and >= 0 ? rest[slash..] : "/";

        // Whoever sent dot segments, encoded or not, was routed by what remained without them: another key than was written.
        var key = AfterSegments(path, 3);
        if (!Percent.TryDecode(path.ToString(), out var decoded) || !Percent.TryDecode(key, out key))
            throw new InvalidInputException("The key is not percent-encoded UTF-8. Encode each byte outside of A–Z a–z 0–9 - . _ ~ / as %XX.");
        if (decoded.Split('/').Any(segment => segment is "." or ".."))
            throw new InvalidInputException(
                "A key with a segment '.' or '..' cannot be named in a URL, since clients and proxies remove such segments. Rename the object.");
        var uri = new ObjectUri(bucket, key);
        return uri.ObjectError() is { } error ? throw new InvalidInputException(error) : uri;
    }

    /// <summary>What follows "/v1/objects/{bucket}/".</summary>
    private static string AfterSegments(ReadOnlySpan<char> path, int count)
    {
        var position = 0;
        for (var i = 0; i < count; i++)
        {
            var slash = path[(position + 1)..].IndexOf('/');
            if (slash < 0)
                return "";
            position += slash + 1;
        }
        return path[(position + 1)..].ToString();
    }
}
