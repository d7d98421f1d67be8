using Microsoft.AspNetCore.Http.Features;

namespace MlService.Access;

/// <summary>What of a request a signature covers, as it came over the wire.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path, percent-encoded.</param>
/// <param name="Query">The query without its question mark, percent-encoded.</param>
/// <param name="Header">The value of a header by its lower-case name; null if there is none.</param>
internal sealed record SignedRequest(string Method, string Path, string Query, Func<string, string?> Header)
{
    /// <summary>Reads a request.</summary>
    public static SignedRequest Of(HttpRequest request)
    {
        // Decoding cannot be undone, so what was sent is asked for.
        var target = request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var question = target.IndexOf('?', StringComparison.Ordinal);
        var (path, query) = question < 0 ? (target, "") : (target[..question], target[(question + 1)..]);
        return new SignedRequest(request.Method, path, query, name => request.Headers.TryGetValue(name, out var value) ? string.Join(',', (IEnumerable<string?>)value) : null);
    }

    /// <summary>The names and values of the query, decoded.</summary>
    public IEnumerable<(string Name, string Value)> Parameters => Query
        .Split('&', StringSplitOptions.RemoveEmptyEntries)
        .Select(pair => pair.Split('=', 2))
        .Select(pair => (Uri.UnescapeDataString(pair[0]), pair.Length > 1 ? Uri.UnescapeDataString(pair[1]) : ""));

    /// <summary>A parameter of the query; null if there is none.</summary>
    public string? Parameter(string name) => Parameters.Where(parameter => parameter.Name == name).Select(parameter => parameter.Value).FirstOrDefault();
}
