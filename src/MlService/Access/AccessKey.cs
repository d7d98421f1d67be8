namespace MlService.Access;

/// <summary>A key as the metadata store has it. What it takes to use the key is sealed, see <see cref="SecretSeal"/>.</summary>
public sealed class AccessKey
{
    /// <summary>Longest id.</summary>
    public const int MaxIdLength = 64;

    /// <summary>Longest name.</summary>
    public const int MaxNameLength = 256;

    /// <summary>Public name of the key, which also signatures carry; 8 to 64 of <c>a-z A-Z 0-9 _ -</c>.</summary>
    public required string Id { get; set; }

    /// <summary>What the key is for, in words.</summary>
    public string? Name { get; set; }

    /// <summary>The secret, sealed under the master key and bound to this id, these scopes and these limits.</summary>
    public required byte[] SealedSecret { get; set; }

    /// <summary>What the key may do.</summary>
    public AccessScopes Scopes { get; set; }

    /// <summary>What the key is limited to, one pattern a line, see <see cref="ResourceLimits"/>; empty for no limit.</summary>
    public string Limits { get; set; } = "";

    /// <summary>When it was made, UTC.</summary>
    public DateTime CreatedAt { get; set; }

    /// <summary>Who made it.</summary>
    public required string CreatedBy { get; set; }

    /// <summary>When it was last used, UTC, to the minute; null if never.</summary>
    public DateTime? LastUsedAt { get; set; }

    /// <summary>When it was revoked, UTC; null while it is good.</summary>
    public DateTime? RevokedAt { get; set; }
}
