using MlService.Metadata;

namespace MlService.Tags;

/// <summary>A key with a value on a resource; at most 50 on each.</summary>
public sealed class Tag
{
    /// <summary>Kind of the tagged resource.</summary>
    public ResourceKind ResourceKind { get; set; }

    /// <summary>Id of the tagged resource.</summary>
    public required string ResourceId { get; set; }

    /// <summary>1 to 128 characters, unique on its resource.</summary>
    public required string Key { get; set; }

    /// <summary>At most 256 characters; null for a key alone.</summary>
    public string? Value { get; set; }
}
