using MlService.Storage;

namespace MlService.Jobs;

/// <summary>
/// One step of work on one shard: the data it needs and the code that does it. A step carries descriptions only; what is
/// large lies in object storage or in the <see cref="ShardExchange"/>.
/// </summary>
public abstract record ShardStep
{
    /// <summary>Does the work on a thread of its own; it may block and burn processor time.</summary>
    /// <returns>The result, which the job takes from the exchange; null for none.</returns>
    /// <exception cref="Learning.InvalidInputException">The input is at fault; the job fails with this message.</exception>
    public abstract object? Execute(ShardScope scope);
}

/// <summary>What a step may use.</summary>
public sealed class ShardScope(IObjectStore objects, DataDirectory directory, JobsOptions options, CancellationToken cancellation)
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

    /// <summary>Tells how far the step is, and stops it here if that was asked for. Cheap: call it every few thousand rows.</summary>
    public void Report(long rows, long bytes)
    {
        Cancellation.ThrowIfCancellationRequested();
        Interlocked.Exchange(ref _rows, rows);
        Interlocked.Exchange(ref _bytes, bytes);
    }
}
