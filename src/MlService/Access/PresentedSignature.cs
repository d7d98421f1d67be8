using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Net.Http.Headers;
using MlService.Metadata;

namespace MlService.Access;

/// <summary>
/// A signature as a request carries it, in the header Authorization or, of a link, in its query; see <see cref="SignatureV4"/>. It is good
/// for one request, for a quarter of an hour or as long as the link says: so long could a copy be sent again, were it not for <see cref="SeenSignatures"/>.
/// </summary>
internal sealed class PresentedSignature
{
    private const string TimeFormat = "yyyyMMdd'T'HHmmss'Z'";
    private static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan MaxAhead = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan MaxLifetime = TimeSpan.FromDays(7);

    /// <summary>So long after it was first seen a signature in a header can still be good.</summary>
    internal static readonly TimeSpan Window = MaxAge + MaxAhead;

    private readonly SignedRequest _request;
    private readonly SignatureV4 _signature;
    private readonly DateTime _signedAt;
    private readonly TimeSpan _lifetime;

    private PresentedSignature(SignedRequest request, string credential, string signedHeaders, string value, string time, TimeSpan? lifetime)
    {
        if (credential.Split('/') is not [var id, var date, var region, var service, CredentialScope.Terminator])
            throw Incomplete($"Its Credential is not KEY-ID/yyyyMMdd/REGION/SERVICE/{CredentialScope.Terminator}.");
        if (!DateTime.TryParseExact(
            time, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out _signedAt))
            throw Incomplete("X-Amz-Date is missing, or is not a time such as 20260131T120000Z.");
        _request = request;
        IsLink = lifetime is not null;
        _lifetime = lifetime ?? MaxAge;
        Value = value;
        _signature = new SignatureV4(new CredentialScope(date, region, service), time, signedHeaders.Split(';'));
        KeyId = id;
    }

    /// <summary>Id of the key that it claims to be of.</summary>
    public string KeyId { get; }

    /// <summary>The signature itself: 64 hexadecimal digits, if it is good.</summary>
    public string Value { get; }

    /// <summary>Whether it is that of a link, which may be opened again for as long as it says.</summary>
    public bool IsLink { get; }

    /// <summary>Whether a request is signed, well or badly.</summary>
    public static bool IsOn(HttpRequest request) =>
        request.Headers.Authorization.ToString().StartsWith("AWS4-", StringComparison.OrdinalIgnoreCase)
        || request.Query.ContainsKey("X-Amz-Algorithm") || request.Query.ContainsKey(SignatureV4.SignatureParameter);

    /// <summary>Reads the signature of a request.</summary>
    /// <exception cref="KeyRefusedException">It lacks a part, or a part cannot be read.</exception>
    public static PresentedSignature Read(SignedRequest request) =>
        request.Header("authorization") is { } authorization ? OfHeader(request, authorization) : OfLink(request);

    /// <summary>Refuses a signature that cannot be good, whatever the secret: of another time, or over too little.</summary>
    /// <exception cref="KeyRefusedException">It cannot.</exception>
    public void Check(DateTime now)
    {
        if (_signature.Time[..8] != _signature.Scope.Date)
            throw Mismatch($"The day of the credential's scope is not the day of X-Amz-Date, {_signature.Time}.");
        if (now > _signedAt + _lifetime)
            throw Mismatch($"Signature expired: {_signature.Time} and {_lifetime.TotalMinutes:0.##} minutes is now earlier than {Text(now)}. Sign the request anew; if it is new, set the clock.");
        if (_signedAt > now + MaxAhead)
            throw Mismatch($"Signature not yet current: {_signature.Time} is still later than {Text(now + MaxAhead)} ({Text(now)} + 5 min.). Set the clock.");
        foreach (var name in (string[])["host", "x-amz-target"])
            if (!_signature.SignedHeaders.Contains(name) && _request.Header(name) is not null)
                throw Mismatch($"The header {name} is not signed. Sign it.");
        if (_request.Header("x-amz-content-sha256") is { } hash && (hash.Length != 64 || !hash.All(char.IsAsciiHexDigit)))
            throw Mismatch($"The body is not signed as a whole (X-Amz-Content-Sha256 is {hash.Shorten()}). Sign it, and send it in one piece.");
    }

    /// <summary>Whether this is the signature that a secret gives; how long the comparison takes tells nothing of it.</summary>
    public bool IsOf(string secret, ReadOnlySpan<byte> body)
    {
        var host = _request.Header("host") ?? "";
        return Matches(host, body) || (WithoutDefaultPort(host) is { } bare && Matches(bare, body));

        bool Matches(string host, ReadOnlySpan<byte> body) => CryptographicOperations.FixedTimeEquals(
            Encoding.ASCII.GetBytes(_signature.Compute(secret, _request, host, body)), Encoding.ASCII.GetBytes(Value));
    }

    private static PresentedSignature OfHeader(SignedRequest request, string authorization)
    {
        var blank = authorization.IndexOf(' ', StringComparison.Ordinal);
        if (blank < 0 || authorization[..blank] != SignatureV4.Algorithm)
            throw Incomplete($"The algorithm is none that is known. Sign with {SignatureV4.Algorithm}.");
        var parts = authorization[blank..].Split(',').Select(part => part.Trim().Split('=', 2)).ToLookup(part => part[0], part => part[^1]);
        return new PresentedSignature(request, Part("Credential"), Part("SignedHeaders"), Part("Signature"), Time(request), null);

        string Part(string name) => parts[name].FirstOrDefault() is { Length: > 0 } value
            ? value
            : throw Incomplete($"The header Authorization requires the parameter '{name}'.");
    }

    private static PresentedSignature OfLink(SignedRequest request)
    {
        if (Part("X-Amz-Algorithm") != SignatureV4.Algorithm)
            throw Incomplete($"The algorithm is none that is known. Sign with {SignatureV4.Algorithm}.");
        if (!int.TryParse(Part("X-Amz-Expires"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds < 1 || seconds > MaxLifetime.TotalSeconds)
            throw Incomplete("X-Amz-Expires is not a number of seconds from 1 to 604800.");
        return new PresentedSignature(
            request, Part("X-Amz-Credential"), Part("X-Amz-SignedHeaders"), Part(SignatureV4.SignatureParameter), Part("X-Amz-Date"), TimeSpan.FromSeconds(seconds));

        string Part(string name) => request.Parameter(name) is { Length: > 0 } value
            ? value
            : throw Incomplete($"The query requires the parameter '{name}'.");
    }

    /// <summary>The time of a header's signature. Clients that send no X-Amz-Date sign the header Date, and its time in the other form.</summary>
    private static string Time(SignedRequest request) =>
        request.Header("x-amz-date") ?? (HeaderUtilities.TryParseDate(request.Header("date"), out var date) ? Text(date.UtcDateTime) : request.Header("date") ?? "");

    /// <summary>Some clients send the port of the scheme and do not sign it.</summary>
    private static string? WithoutDefaultPort(string host) =>
        host.EndsWith(":80", StringComparison.Ordinal) || host.EndsWith(":443", StringComparison.Ordinal) ? host[..host.LastIndexOf(':')] : null;

    /// <summary>A time as signatures have it.</summary>
    internal static string Text(DateTime time) => time.ToString(TimeFormat, CultureInfo.InvariantCulture);

    private static KeyRefusedException Incomplete(string detail) => new(KeyFault.Incomplete, $"The request's signature is incomplete. {detail}");

    private static KeyRefusedException Mismatch(string detail) => new(KeyFault.Mismatch, detail);
}
