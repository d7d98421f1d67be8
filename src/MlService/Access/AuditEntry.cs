namespace MlService.Access;

/// <summary>One change that someone asked for: who, what, when, and how it ended.</summary>
public sealed class AuditEntry
{
    /// <summary>Longest action and target that are kept; what is longer is cut.</summary>
    public const int MaxTextLength = 1280;

    /// <summary>Grows with each entry.</summary>
    public long Id { get; set; }

    /// <summary>When the request came, UTC.</summary>
    public DateTime At { get; set; }

    /// <summary>Id of the key; <c>command line</c> for what was done there, <c>configuration</c> for the first key.</summary>
    public required string Who { get; set; }

    /// <summary>The call, for example <c>DELETE /v1/models/bank-model</c>.</summary>
    public required string Action { get; set; }

    /// <summary>What came into being or was changed, for example <c>/v1/models/bank-model</c>.</summary>
    public required string Target { get; set; }

    /// <summary>
    /// HTTP status of the answer. Null: the process ended before the call did, so the change may or may not have come about.
    /// </summary>
    public int? Status { get; set; }
}
