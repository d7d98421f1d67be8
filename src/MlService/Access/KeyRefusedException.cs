using MlService.Problems;

namespace MlService.Access;

/// <summary>What is wrong with the proof that a caller has a key.</summary>
public enum KeyFault
{
    /// <summary>There is none.</summary>
    Missing,

    /// <summary>No good key has this id, or the secret is another one.</summary>
    Unknown,

    /// <summary>A signature lacks a part, or a part cannot be read.</summary>
    Incomplete,

    /// <summary>A signature is not the one that key and request give, or it is too old.</summary>
    Mismatch,
}

/// <summary>Refuses a call whose caller does not prove to have a key.</summary>
/// <param name="fault">What is wrong.</param>
/// <param name="detail">The same in words, and what to do about it.</param>
public sealed class KeyRefusedException(KeyFault fault, string detail) : ProblemException(ProblemKind.Unauthorized, detail)
{
    /// <summary>What is wrong.</summary>
    public KeyFault Fault { get; } = fault;
}
