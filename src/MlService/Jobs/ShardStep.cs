using MlService.Storage;

namespace MlService.Jobs;

/// <summary>
/// One step of work on one shard: the data it needs and the code that does it. It may go to another process, so it is a description:
/// what is large, or is no message, comes along as <see cref="SharedItem{T}"/>.
/// </summary>
[GenerateSerializer, Immutable]
public abstract record ShardStep
{
    /// <summary>
    /// Whether the shard needs what the step leaves in <see cref="ShardScope.Kept"/> for the steps that follow. When a shard's
    /// process dies, another process repeats these steps, with the same outcome, before it goes on.
    /// </summary>
    public virtual bool IsLasting => false;

    internal abstract object Run(ShardScope scope);

    internal abstract void WriteResult(object result, Stream stream);
}

/// <summary>A step with a result.</summary>
/// <typeparam name="T">What the job gets of each shard.</typeparam>
[GenerateSerializer, Immutable]
public abstract record ShardStep<T> : ShardStep where T : class
{
    /// <summary>Does the work on a thread of its own; it may block and burn processor time.</summary>
    /// <exception cref="Learning.InvalidInputException">The input is at fault; the job fails with this message.</exception>
    public abstract T Execute(ShardScope scope);

    /// <summary>Writes a result for the job in another process.</summary>
    public abstract void Write(T result, Stream stream);

    /// <summary>Reads, in the job's process, what <see cref="Write"/> wrote.</summary>
    /// <param name="stream">Can seek.</param>
    public abstract T Read(Stream stream);

    internal sealed override object Run(ShardScope scope) => Execute(scope);

    internal sealed override void WriteResult(object result, Stream stream) => Write((T)result, stream);
}

/// <summary>What a step may use.</summary>
public sealed class ShardScope(
    string attempt, IObjectStore objects, ShardExchange exchange, DataDirectory directory, JobsOptions options, CancellationToken cancellation)
{
    private long _rows;
    private long _bytes;

    /// <summary>Where the data lies.</summary>
    public IObjectStore Objects { get; } = objects;

    /// <summary>Where the shard may keep files while it lives.</summary>
    public string Scratch { get; } = directory.Scratch;

    /// <summary>Refuses to begin what will need this many bytes in <see cref="Scratch"/>, where there are not as many.</summary>
    /// <exception cref="StorageFullException">There are not.</exception>
    public void RequireScratch(long bytes) => directory.RequireScratch(bytes);

    /// <summary>Settings of the job engine.</summary>
    public JobsOptions Options { get; } = options;

    /// <summary>Asks the step to stop.</summary>
    public CancellationToken Cancellation { get; } = cancellation;

    /// <summary>What an earlier step of this shard left; disposed when the shard ends, if it can be.</summary>
    public object? Kept { get; set; }

    internal long Rows => Interlocked.Read(ref _rows);

    internal long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>What the job shares: the thing itself in the job's process, in others one copy for all shards there.</summary>
    public T Get<T>(SharedItem<T> shared, Func<Stream, T> read) where T : class => exchange.Open(attempt, shared, read, Cancellation);

    /// <summary>Tells how far the step is, and stops it here if that was asked for. Cheap: call it every few thousand rows.</summary>
    public void Report(long rows, long bytes)
    {
        Cancellation.ThrowIfCancellationRequested();
        Interlocked.Exchange(ref _rows, rows);
        Interlocked.Exchange(ref _bytes, bytes);
    }
}
