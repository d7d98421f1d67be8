using MlService.Metadata;

namespace MlService.Jobs;

/// <summary>What the job engine writes to the log: ids and figures, never data values.</summary>
internal static partial class JobLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Job {Job} attempt {Attempt} started")]
    public static partial void Started(ILogger logger, ResourceKey job, int attempt);

    [LoggerMessage(Level = LogLevel.Information, Message = "Job {Job} attempt {Attempt} completed in {Seconds:0.000} s")]
    public static partial void Completed(ILogger logger, ResourceKey job, int attempt, double seconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Job {Job} attempt {Attempt} failed; its message says why")]
    public static partial void Failed(ILogger logger, ResourceKey job, int attempt);

    [LoggerMessage(Level = LogLevel.Information, Message = "Job {Job} attempt {Attempt} came to nothing: its row was cancelled, deleted or taken over meanwhile")]
    public static partial void Fenced(ILogger logger, ResourceKey job, int attempt);

    [LoggerMessage(Level = LogLevel.Information, Message = "Job {Job} attempt {Attempt} stopped")]
    public static partial void Stopped(ILogger logger, ResourceKey job, int attempt);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Job {Job} attempt {Attempt} was interrupted; unless it is to stop it begins anew")]
    public static partial void Interrupted(ILogger logger, Exception exception, ResourceKey job, int attempt);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Job {Job} waits for object storage, and goes on when it is back. {Outage}")]
    public static partial void WaitsForStorage(ILogger logger, ResourceKey job, string outage);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Job {Job} attempt {Attempt} works on without the metadata store, which does not answer ({Reason})")]
    public static partial void WithoutMetadata(ILogger logger, ResourceKey job, int attempt, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Job {Job} attempt {Attempt} works on, and cannot tell how it goes ({Reason})")]
    public static partial void Untold(ILogger logger, ResourceKey job, int attempt, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Job {Job} attempt {Attempt} cannot use what {Other} has kept, and works anew ({Reason})")]
    public static partial void Unusable(ILogger logger, ResourceKey job, int attempt, ResourceKey other, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Job {Job} was not reached now ({Reason}); the sweeper comes to it")]
    public static partial void NotReached(ILogger logger, ResourceKey job, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Job {Job} attempt {Attempt} hit a fault; it will be tried again")]
    public static partial void Faulted(ILogger logger, Exception exception, ResourceKey job, int attempt);

    [LoggerMessage(Level = LogLevel.Error, Message = "Job {Job} could not be looked at; it will be tried again")]
    public static partial void LookFailed(ILogger logger, Exception exception, ResourceKey job);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Job {Job} attempt {Attempt} could not let go of all it held")]
    public static partial void EndFailed(ILogger logger, Exception exception, ResourceKey job, int attempt);

    [LoggerMessage(Level = LogLevel.Error, Message = "Shard {Shard} hit a fault in {Step}")]
    public static partial void ShardFaulted(ILogger logger, Exception exception, ShardKey shard, string step);

    [LoggerMessage(Level = LogLevel.Information, Message = "Job {Job} attempt {Attempt} has {Shards} shards in {Processes} processes")]
    public static partial void Spread(ILogger logger, ResourceKey job, int attempt, int shards, int processes);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Shard {Shard} was lost with its process {Process} and goes on at {Next}")]
    public static partial void ShardLost(ILogger logger, string shard, string process, string next);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Shard {Shard} could not look whether its job still runs; it will look again")]
    public static partial void JobCheckFailed(ILogger logger, Exception exception, ShardKey shard);

    [LoggerMessage(Level = LogLevel.Information, Message = "Shard {Shard} ends, for its job's attempt no longer runs")]
    public static partial void ShardOrphaned(ILogger logger, ShardKey shard);

    [LoggerMessage(Level = LogLevel.Error, Message = "The sweep for jobs nobody runs failed; it will be tried again")]
    public static partial void SweepFailed(ILogger logger, Exception exception);
}
