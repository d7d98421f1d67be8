namespace MlService.Metadata;

/// <summary>
/// What a request to create a resource says, whichever face it came through. All members count when a repeated request is
/// compared with the one that created the resource.
/// </summary>
public abstract record NewResource
{
    /// <summary>Id that the client chose; null for a new one. With an id, the same request again has no second effect.</summary>
    public string? Id { get; init; }

    /// <summary>Name for people.</summary>
    public string? Name { get; init; }

    /// <summary>Tags that the resource begins with.</summary>
    public IReadOnlyDictionary<string, string?>? Tags { get; init; }
}
