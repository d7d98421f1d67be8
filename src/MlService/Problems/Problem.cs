namespace MlService.Problems;

/// <summary>An error as the REST face tells it: RFC 9457, <c>application/problem+json</c>.</summary>
/// <param name="Type">Identifies the class of error; a stable URI relative to the service's root.</param>
/// <param name="Title">The class of error in words.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">What is wrong with this request, and what to do about it.</param>
/// <param name="Field">The field at fault, as a path into the request.</param>
/// <param name="Line">The line at fault, from 1.</param>
/// <param name="ErrorId">Finds the cause of an internal error in the service's log.</param>
public sealed record Problem(
    string Type, string Title, int Status, string Detail, string? Field = null, long? Line = null, string? ErrorId = null)
{
    public const string ContentType = "application/problem+json";

    public static Problem Of(ProblemKind kind, string detail, string? field = null, long? line = null, string? errorId = null) =>
        new(kind.Type, kind.Title, kind.Status, detail, field, line, errorId);
}
