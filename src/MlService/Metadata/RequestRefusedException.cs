namespace MlService.Metadata;

/// <summary>Why a request was refused; each face of the service has its own word for it.</summary>
public enum Refusal
{
    /// <summary>A member of the request cannot be used.</summary>
    InvalidInput,

    /// <summary>No such resource.</summary>
    NotFound,

    /// <summary>The id is taken by a resource that another request created.</summary>
    IdempotencyMismatch,

    /// <summary>The resource is not in a state that allows it.</summary>
    Conflict,

    /// <summary>A tag's key or value cannot be used.</summary>
    InvalidTag,

    /// <summary>The resource would have too many tags.</summary>
    TagLimit,
}

/// <summary>
/// A request that cannot be carried out, though the service is well. The message is for the caller: what is wrong, with
/// which value, and what to do.
/// </summary>
public sealed class RequestRefusedException : Exception
{
    /// <summary>Refuses a request.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="message">What is wrong and what to do about it.</param>
    /// <param name="field">The member of the request at fault, in the spelling of the REST face.</param>
    public RequestRefusedException(Refusal reason, string message, string? field = null) : base(message)
    {
        Reason = reason;
        Field = field;
    }

    /// <summary>Why.</summary>
    public Refusal Reason { get; }

    /// <summary>The member of the request at fault, in the spelling of the REST face; null if it is none of them.</summary>
    public string? Field { get; }

    /// <summary>A member of the request cannot be used.</summary>
    public static RequestRefusedException Invalid(string field, string message) => new(Refusal.InvalidInput, message, field);

    /// <summary>No such resource.</summary>
    public static RequestRefusedException NotFound(ResourceKey key) =>
        new(Refusal.NotFound, $"No {key.Kind.ToWords()} with id {key.Id} exists.", "id");
}
