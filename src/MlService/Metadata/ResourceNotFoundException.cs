using MlService.Problems;

namespace MlService.Metadata;

/// <summary>There is no such resource.</summary>
/// <param name="key">What was asked for.</param>
public sealed class ResourceNotFoundException(ResourceKey key)
    : ProblemException(ProblemKind.NotFound, $"No {key.Kind.ToWords()} with id {key.Id} exists.", "id")
{
    /// <summary>What was asked for.</summary>
    public ResourceKey Key { get; } = key;
}
