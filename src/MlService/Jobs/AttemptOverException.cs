using MlService.Metadata;

namespace MlService.Jobs;

/// <summary>
/// The row was cancelled, deleted or taken over by another attempt, and this one did not hear of it otherwise: the message was lost, or
/// the process was out of reach.
/// </summary>
public sealed class AttemptOverException(ResourceKey key, int attempt)
    : Exception($"Attempt {attempt} at {key} is over; its row has gone on without it.");
