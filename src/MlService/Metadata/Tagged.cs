namespace MlService.Metadata;

/// <summary>A resource with its tags.</summary>
/// <typeparam name="T">The resource.</typeparam>
/// <param name="Row">The resource.</param>
/// <param name="Tags">Its tags, by key; a key may be without value.</param>
public sealed record Tagged<T>(T Row, IReadOnlyDictionary<string, string?> Tags) where T : Resource;
