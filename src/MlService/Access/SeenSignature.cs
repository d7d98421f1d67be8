namespace MlService.Access;

/// <summary>A signature by which something was changed, kept for as long as it could be sent again.</summary>
public sealed class SeenSignature
{
    /// <summary>Digits of a signature.</summary>
    public const int Length = 64;

    /// <summary>The signature: hexadecimal digits.</summary>
    public required string Signature { get; set; }

    /// <summary>When it first came, UTC.</summary>
    public DateTime SeenAt { get; set; }
}
