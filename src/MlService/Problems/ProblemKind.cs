using Microsoft.AspNetCore.Http;

namespace MlService.Problems;

/// <summary>A class of errors as clients know it: a stable type URI, a title and a status (RFC 9457, section 3.1).</summary>
/// <param name="Slug">Last part of the type URI.</param>
/// <param name="Title">What is wrong, the same for every occurrence.</param>
/// <param name="Status">The HTTP status.</param>
public sealed record ProblemKind(string Slug, string Title, int Status)
{
    public static readonly ProblemKind InvalidInput = new("invalid-input", "Invalid input", StatusCodes.Status400BadRequest);
    public static readonly ProblemKind Unauthorized = new("unauthorized", "Unauthorized", StatusCodes.Status401Unauthorized);
    public static readonly ProblemKind Forbidden = new("forbidden", "Forbidden", StatusCodes.Status403Forbidden);
    public static readonly ProblemKind NotFound = new("not-found", "Not found", StatusCodes.Status404NotFound);
    public static readonly ProblemKind MethodNotAllowed =
        new("method-not-allowed", "Method not allowed", StatusCodes.Status405MethodNotAllowed);
    public static readonly ProblemKind TooSlow = new("too-slow", "Too slow", StatusCodes.Status408RequestTimeout);
    public static readonly ProblemKind Conflict = new("conflict", "Conflict", StatusCodes.Status409Conflict);
    public static readonly ProblemKind PreconditionFailed =
        new("precondition-failed", "Precondition failed", StatusCodes.Status412PreconditionFailed);
    public static readonly ProblemKind TooLarge = new("too-large", "Too large", StatusCodes.Status413PayloadTooLarge);
    public static readonly ProblemKind AddressTooLong = new("address-too-long", "Address too long", StatusCodes.Status414UriTooLong);
    public static readonly ProblemKind UnsupportedMediaType =
        new("unsupported-media-type", "Unsupported media type", StatusCodes.Status415UnsupportedMediaType);
    public static readonly ProblemKind RangeNotSatisfiable =
        new("range-not-satisfiable", "Range not satisfiable", StatusCodes.Status416RangeNotSatisfiable);
    public static readonly ProblemKind TooManyRequests =
        new("too-many-requests", "Too many requests", StatusCodes.Status429TooManyRequests);
    public static readonly ProblemKind HeadersTooLarge =
        new("headers-too-large", "Headers too large", StatusCodes.Status431RequestHeaderFieldsTooLarge);
    public static readonly ProblemKind Internal = new("internal", "Internal error", StatusCodes.Status500InternalServerError);
    public static readonly ProblemKind Unavailable =
        new("unavailable", "Unavailable", StatusCodes.Status503ServiceUnavailable);
    public static readonly ProblemKind TimedOut = new("timed-out", "Timed out", StatusCodes.Status504GatewayTimeout);
    public static readonly ProblemKind StorageFull =
        new("storage-full", "Storage full", StatusCodes.Status507InsufficientStorage);

    private static readonly Dictionary<int, ProblemKind> ByStatus = new ProblemKind[]
    {
        InvalidInput, Unauthorized, Forbidden, NotFound, MethodNotAllowed, TooSlow, Conflict, PreconditionFailed, TooLarge, AddressTooLong,
        UnsupportedMediaType, RangeNotSatisfiable, TooManyRequests, HeadersTooLarge, Internal, Unavailable, TimedOut, StorageFull,
    }.ToDictionary(kind => kind.Status);

    /// <summary>The problem's type: a stable URI relative to the service's root.</summary>
    public string Type => $"/problems/{Slug}";

    /// <summary>The kind for a status that something else than our code chose.</summary>
    public static ProblemKind Of(int status) => ByStatus.TryGetValue(status, out var kind)
        ? kind
        : new ProblemKind($"status-{status}", status < 500 ? "Request refused" : "Server error", status);
}
