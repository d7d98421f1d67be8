using Xunit.v3;

namespace MlService.Tests;

/// <summary>
/// Marks a test that takes so long that it does not belong to every run: it is run by a command of its own, which CONTRIBUTING.md shows,
/// and by continuous integration. Compiled into each test project.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
internal sealed class LongProofAttribute : Attribute, ITraitAttribute
{
    /// <inheritdoc/>
    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Proof", "Long")];
}
