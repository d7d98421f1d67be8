namespace MlService.Problems;

/// <summary>
/// An error that the caller is told as it stands. Thrown anywhere in the service, it becomes an RFC 9457 problem at its edge.
/// What the engine throws for bad data is <see cref="MlService.Learning.InvalidInputException"/>, a 400.
/// </summary>
/// <param name="kind">The class of error.</param>
/// <param name="detail">What is wrong with this request and what to do about it.</param>
/// <param name="field">The field at fault, as the caller spells it.</param>
/// <param name="line">The line at fault, from 1.</param>
/// <param name="cause">The lower-level cause, for the log.</param>
public class ProblemException(
    ProblemKind kind, string detail, string? field = null, long? line = null, Exception? cause = null) : Exception(detail, cause)
{
    public ProblemKind Kind { get; } = kind;

    public string? Field { get; } = field;

    public long? Line { get; } = line;
}
