using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace MlService.Access;

/// <summary>
/// AWS Signature Version 4: a keyed hash over the request proves that its sender knows the secret, without sending it.
/// <code>
/// canonical = method \n path \n query \n each signed "name:value\n" \n names \n hex(SHA256(body))
/// toSign    = "AWS4-HMAC-SHA256" \n time \n scope \n hex(SHA256(canonical)),   scope = date/region/service/aws4_request
/// key       = HMAC(HMAC(HMAC(HMAC("AWS4" + secret, date), region), service), "aws4_request")
/// signature = hex(HMAC(key, toSign))
/// </code>
/// Source: AWS, "Create a signed AWS API request" (IAM User Guide).
/// </summary>
/// <param name="Scope">What the signing key is made for.</param>
/// <param name="Time">When it was signed, as it stands in the signed text, <c>yyyyMMddTHHmmssZ</c>.</param>
/// <param name="SignedHeaders">Lower-case names of the signed headers, in the order in which they were signed.</param>
internal sealed partial record SignatureV4(CredentialScope Scope, string Time, IReadOnlyList<string> SignedHeaders)
{
    /// <summary>Name of the algorithm, and of the scheme in the Authorization header.</summary>
    public const string Algorithm = "AWS4-HMAC-SHA256";

    /// <summary>The parameter of a link that has the signature, which cannot sign itself.</summary>
    public const string SignatureParameter = "X-Amz-Signature";

    /// <summary>The signature of a request under a secret: 64 hexadecimal digits.</summary>
    /// <param name="secret">The secret.</param>
    /// <param name="request">The request.</param>
    /// <param name="host">The host as the signer knew it.</param>
    /// <param name="body">The body.</param>
    public string Compute(string secret, SignedRequest request, string? host, ReadOnlySpan<byte> body)
    {
        var canonical = Canonical(request, host, Convert.ToHexStringLower(SHA256.HashData(body)));
        var toSign = $"{Algorithm}\n{Time}\n{Scope}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var key = Encoding.UTF8.GetBytes("AWS4" + secret);
        foreach (var part in (string[])[Scope.Date, Scope.Region, Scope.Service, CredentialScope.Terminator])
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        return Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(toSign)));
    }

    private string Canonical(SignedRequest request, string? host, string bodyHash)
    {
        var text = new StringBuilder();
        text.Append(request.Method).Append('\n').Append(CanonicalPath(request.Path)).Append('\n').Append(CanonicalQuery(request)).Append('\n');
        foreach (var name in SignedHeaders)
        {
            var value = (name == "host" ? host : request.Header(name)) ?? "";
            text.Append(name).Append(':').Append(Blanks().Replace(value.Trim(), " ")).Append('\n');
        }
        return text.Append('\n').AppendJoin(';', SignedHeaders).Append('\n').Append(bodyHash).ToString();
    }

    /// <summary>Without empty and dot segments (RFC 3986, section 5.2.4), each encoded once more than it was sent: so all services but S3 have it.</summary>
    private static string CanonicalPath(string path)
    {
        var segments = new List<string>();
        foreach (var segment in path.Split('/'))
        {
            if (segment == ".." && segments.Count > 0)
                segments.RemoveAt(segments.Count - 1);
            else if (segment is not ("" or "." or ".."))
                segments.Add(Uri.EscapeDataString(segment));
        }
        return segments.Count == 0 ? "/" : $"/{string.Join('/', segments)}{(path.EndsWith('/') ? "/" : "")}";
    }

    private static string CanonicalQuery(SignedRequest request) => string.Join('&', request.Parameters
        .Where(parameter => parameter.Name != SignatureParameter)
        .Select(parameter => (Name: Uri.EscapeDataString(parameter.Name), Value: Uri.EscapeDataString(parameter.Value)))
        .OrderBy(parameter => parameter.Name, StringComparer.Ordinal).ThenBy(parameter => parameter.Value, StringComparer.Ordinal)
        .Select(parameter => $"{parameter.Name}={parameter.Value}"));

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Blanks();
}

/// <summary>What a signing key is made for.</summary>
/// <param name="Date">Day, <c>yyyyMMdd</c>.</param>
/// <param name="Region">Region of the client; any.</param>
/// <param name="Service">Service, for most clients <c>machinelearning</c>; old ones take it from the host's name.</param>
internal sealed record CredentialScope(string Date, string Region, string Service)
{
    /// <summary>What every scope ends with.</summary>
    public const string Terminator = "aws4_request";

    /// <inheritdoc/>
    public override string ToString() => $"{Date}/{Region}/{Service}/{Terminator}";
}
