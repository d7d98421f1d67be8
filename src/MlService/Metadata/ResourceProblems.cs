using MlService.Learning;
using MlService.Problems;

namespace MlService.Metadata;

/// <summary>The errors that all kinds of resource have in common.</summary>
public static class ResourceProblems
{
    /// <summary>The id belongs to a resource that another request created.</summary>
    public static readonly ProblemKind IdTaken = new("id-taken", "Id taken", StatusCodes.Status409Conflict);

    /// <summary>A member of the request cannot be used.</summary>
    public static ProblemException Invalid(string field, string detail) => new(ProblemKind.InvalidInput, detail, field);

    /// <summary>There is no such resource.</summary>
    public static ProblemException NotFound(ResourceKey key) => new ResourceNotFoundException(key);

    /// <summary>The resource is not in a state that allows the request.</summary>
    public static ProblemException Conflict(string detail, string? field = null) => new(ProblemKind.Conflict, detail, field);

    /// <summary>Refuses to create what another request has created.</summary>
    public static ProblemException Taken(ResourceKey key, bool isDeleted) => new(IdTaken, isDeleted
        ? $"The id {key.Id} belongs to a deleted {key.Kind.ToWords()}; ids are never used again. Choose another."
        : $"The id {key.Id} belongs to a {key.Kind.ToWords()} that was created by a different request. Choose another id, or repeat that request exactly.",
        "id");

    /// <summary>Reads a member of a request, and names it where the engine finds its value at fault.</summary>
    public static T Read<TValue, T>(string field, TValue value, Func<TValue, T> parse)
    {
        try
        {
            return parse(value);
        }
        catch (InvalidInputException exception)
        {
            var isNamed = exception.Message.StartsWith($"{field}:", StringComparison.OrdinalIgnoreCase);
            throw new ProblemException(ProblemKind.InvalidInput, isNamed ? exception.Message : $"{field}: {exception.Message}", field, cause: exception);
        }
    }
}
