using Orleans.Concurrency;

namespace MlService.Jobs;

/// <summary>
/// Works on one shard of a job; keyed <c>{kind}/{id}/{attempt}/{index}</c>. It keeps what a step leaves behind (encoded
/// examples, for instance) for the steps that follow, until <see cref="Release"/>.
/// </summary>
public interface IShardGrain : IGrainWithStringKey
{
    /// <summary>Starts a step off the grain's scheduler and returns at once. One step runs at a time.</summary>
    Task Begin([Immutable] ShardStep work);

    /// <summary>Answers as soon as the state differs from <paramref name="seen"/>, or after a short while with the same.</summary>
    [AlwaysInterleave]
    Task<ShardState> Watch(long seen);

    /// <summary>Stops the running step, if any, and lets go of everything.</summary>
    [AlwaysInterleave]
    Task Release();
}

/// <summary>What a shard has to tell.</summary>
/// <param name="Version">Grows with each change.</param>
/// <param name="Rows">Rows handled in this step.</param>
/// <param name="Bytes">Bytes handled in this step.</param>
/// <param name="IsDone">Whether the step ended.</param>
/// <param name="BusyMilliseconds">Time that the step took.</param>
/// <param name="InputError">What is wrong with the input, if that ended the step.</param>
/// <param name="Fault">What else ended the step.</param>
[GenerateSerializer, Immutable]
public sealed record ShardState(
    [property: Id(0)] long Version,
    [property: Id(1)] long Rows,
    [property: Id(2)] long Bytes,
    [property: Id(3)] bool IsDone,
    [property: Id(4)] long BusyMilliseconds,
    [property: Id(5)] string? InputError,
    [property: Id(6)] string? Fault);
