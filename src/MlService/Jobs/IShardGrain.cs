using Orleans.Concurrency;

namespace MlService.Jobs;

/// <summary>
/// Works on one shard of a job; keyed <c>{kind}/{id}/{attempt}/{index}</c>, and <c>{index}.{life}</c> where it takes the place of one
/// that died. It keeps what a step leaves behind (encoded examples, for instance) for the steps that follow, until <see cref="Release"/>.
/// </summary>
public interface IShardGrain : IGrainWithStringKey
{
    /// <summary>Starts a step off the grain's scheduler and returns at once. One step runs at a time.</summary>
    /// <param name="work">What to do.</param>
    /// <param name="number">Number of the step among this shard's, from 1; it must follow the one before.</param>
    /// <param name="home">The job's process. A shard there leaves results in the exchange, others answer with a parcel.</param>
    /// <returns>False if the steps before are not this shard's: it died, and this is another that knows nothing of them.</returns>
    [ResponseTimeout("00:00:10")]
    Task<bool> Begin([Immutable] ShardStep work, int number, SiloAddress home);

    /// <summary>Answers as soon as the state differs from <paramref name="seen"/>, or after a short while with the same.</summary>
    [AlwaysInterleave, ResponseTimeout("00:00:10")]
    Task<ShardState> Watch(long seen);

    /// <summary>Stops the running step, if any, and lets go of everything.</summary>
    [AlwaysInterleave, ResponseTimeout("00:00:10")]
    Task Release();
}

/// <summary>What a shard has to tell.</summary>
/// <param name="Step">Number of the step that it runs or ran last; 0 before the first.</param>
/// <param name="Version">Grows with each change.</param>
/// <param name="Rows">Rows handled in this step.</param>
/// <param name="Bytes">Bytes handled in this step.</param>
/// <param name="IsDone">Whether the step ended.</param>
/// <param name="BusyMilliseconds">Time that the step took.</param>
/// <param name="InputError">What is wrong with the input, if that ended the step.</param>
/// <param name="Fault">What else ended the step.</param>
/// <param name="IsInterruption">Whether the fault is one that passes by itself.</param>
/// <param name="Result">The step's result, if the job is in another process.</param>
[GenerateSerializer, Immutable]
public sealed record ShardState(
    [property: Id(0)] int Step,
    [property: Id(1)] long Version,
    [property: Id(2)] long Rows,
    [property: Id(3)] long Bytes,
    [property: Id(4)] bool IsDone,
    [property: Id(5)] long BusyMilliseconds,
    [property: Id(6)] string? InputError,
    [property: Id(7)] string? Fault,
    [property: Id(8)] bool IsInterruption,
    [property: Id(9)] Parcel? Result);
