using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using MlService.Learning;
using MlService.Metadata;
using MlService.Problems;
using MlService.Storage;

namespace MlService.Jobs;

/// <summary>One attempt of one job: what it works on, where its results go, how it tells of its progress.</summary>
public sealed class JobContext(
    Resource row,
    IGrainFactory grains,
    ClusterMembers members,
    ShardExchange exchange,
    IDbContextFactory<MetadataContext> metadata,
    IObjectStore objects,
    JobSlots slots,
    KeyQuota quota,
    JobsOptions options,
    TimeProvider time,
    ILogger logger,
    CancellationToken cancellation) : IAsyncDisposable
{
    private static readonly TimeSpan ReportInterval = TimeSpan.FromMilliseconds(400);

    private readonly List<Func<Task>> _undo = [];
    private readonly List<IDisposable> _held = [];
    private readonly Stopwatch _sinceReport = Stopwatch.StartNew();
    private ShardTeam? _team;
    private IDisposable? _slot;

    /// <summary>The resource as it was when the attempt began.</summary>
    public Resource Row { get; } = row;

    /// <summary>Names the resource.</summary>
    public ResourceKey Key { get; } = row.Key;

    /// <summary>Where the data lies and the results go.</summary>
    public IObjectStore Objects { get; } = objects;

    /// <summary>Settings of the job engine.</summary>
    public JobsOptions Options { get; } = options;

    /// <summary>Asks the attempt to stop.</summary>
    public CancellationToken Cancellation { get; } = cancellation;

    /// <summary>Prefix in the artifact bucket that is this attempt's own; ends with a slash.</summary>
    public string Artifacts { get; } = Storage.Artifacts.Prefix(row.Key, row.Attempt);

    /// <summary>Time that the shards' threads have worked, in milliseconds.</summary>
    public long BusyMilliseconds { get; private set; }

    /// <summary>How far the attempt is.</summary>
    public JobProgress Progress { get; } = new();

    /// <summary>Opens the metadata store.</summary>
    public Task<MetadataContext> OpenMetadata() => metadata.CreateDbContextAsync(Cancellation);

    /// <summary>
    /// Waits for its turn among the jobs of its key, see <see cref="KeyQuota"/>, then among those of its size in this process, so that small
    /// jobs never queue behind large ones; see <see cref="JobSlots"/>.
    /// </summary>
    /// <param name="bytes">Size of the job's input.</param>
    public async Task Admit(long bytes)
    {
        if (_slot is null)
        {
            var owner = Row.CreatedBy ?? "";
            await quota.Enter(Row, () => Report("waiting", 0), Cancellation);
            if (slots.AreTaken(bytes))
                await Report("waiting", 0);
            _slot = await slots.Enter(bytes, owner, Cancellation);
        }
    }

    /// <summary>How many shards to cut an input into.</summary>
    /// <param name="bytes">Size of the input.</param>
    /// <param name="minShardBytes">No shard is to be smaller than this.</param>
    /// <param name="inOneProcess">Whether all are to be in this process.</param>
    public int ShardCount(long bytes, long minShardBytes, bool inOneProcess = false)
    {
        var processes = inOneProcess ? 1 : Math.Clamp(bytes / Math.Max(1, Options.MinProcessBytes), 1, members.WorkersFromHere.Count);
        return (int)Math.Clamp(bytes / Math.Max(1, minShardBytes), 1, Math.Max(1, Options.ShardsPerJob) * processes);
    }

    /// <summary>Gets the attempt its shards; a job calls this once.</summary>
    public ShardTeam Team(int shards) => _team = new ShardTeam(this, shards, grains, exchange, members, logger);

    /// <summary>Adds time that shards' threads have worked.</summary>
    internal void Worked(long milliseconds) => BusyMilliseconds += milliseconds;

    /// <summary>Notes that people could not be told how the job goes.</summary>
    public void LogUntold(Exception exception) => JobLog.Untold(logger, Key, Row.Attempt, exception.Message);

    /// <summary>Notes that what another resource's job had kept is of no use.</summary>
    public void LogUnusable(ResourceKey other, Exception exception) => JobLog.Unusable(logger, Key, Row.Attempt, other, exception.Message);

    /// <summary>Tells which training pass begins, and how the ones before ended.</summary>
    public Task ReportPass(string phase, int pass, double? loss, double percent)
    {
        Progress.Pass = pass;
        Progress.Loss = loss;
        return Report(phase, percent);
    }

    /// <summary>Writes the progress into the row, though not more often than a person can follow.</summary>
    /// <exception cref="AttemptOverException">The row says that this attempt is to end.</exception>
    public async Task Report(string phase, double percent)
    {
        var isNew = Progress.Phase != phase;
        Progress.Phase = phase;
        // Steps can take turns, but what is done is done.
        Progress.Percent = Math.Max(Progress.Percent, Math.Round(percent, 1));
        if (!isNew && _sinceReport.Elapsed < ReportInterval)
            return;
        try
        {
            await WriteProgress();
        }
        catch (Exception exception) when (MetadataOutage.Is(exception))
        {
            // Nobody reads the progress now, and nobody can have taken the job over. What matters waits in EnsureCurrent.
            JobLog.WithoutMetadata(logger, Key, Row.Attempt, exception.Message);
        }
    }

    /// <summary>Makes sure that this attempt still is the row's own, before it changes what others can see.</summary>
    /// <exception cref="AttemptOverException">It is not.</exception>
    public Task EnsureCurrent() => Insist(async () =>
    {
        await WriteProgress();
        return true;
    });

    /// <summary>
    /// Asks the metadata store until it answers: an attempt that has done its work waits for a server that is away rather than do it all again.
    /// </summary>
    public async Task<T> Insist<T>(Func<Task<T>> ask)
    {
        while (true)
        {
            try
            {
                return await ask();
            }
            catch (Exception exception) when (MetadataOutage.Is(exception))
            {
                JobLog.WithoutMetadata(logger, Key, Row.Attempt, exception.Message);
            }
            await Task.Delay(ReportInterval, time, Cancellation);
        }
    }

    /// <summary>Notes how to undo something that lies outside of <see cref="Artifacts"/>, should the attempt come to nothing.</summary>
    public void Undo(Func<Task> how) => _undo.Add(how);

    /// <summary>Holds something until the attempt's result counts, or came to nothing.</summary>
    public void Hold(IDisposable held) => _held.Add(held);

    /// <summary>The shards have done their work: what they exchanged is not part of the result.</summary>
    internal Task EndExchange() => _team?.RemoveParcels() ?? Task.CompletedTask;

    /// <summary>The attempt's result counts: nothing is to be undone.</summary>
    public void Keep() => _undo.Clear();

    /// <summary>Lets the shards go, undoes what came to nothing, and gives the slot to the next job.</summary>
    public async ValueTask DisposeAsync()
    {
        // One after the other whatever goes wrong: the slot must come free.
        if (_team is { } team)
            await Try(team.Release);
        foreach (var undo in _undo)
            await Try(undo);
        _held.ForEach(held => held.Dispose());
        _slot?.Dispose();

        async Task Try(Func<Task> end)
        {
            try
            {
                await end();
            }
            catch (Exception exception)
            {
                JobLog.EndFailed(logger, exception, Key, Row.Attempt);
            }
        }
    }

    private async Task WriteProgress()
    {
        _sinceReport.Restart();
        await using var context = await OpenMetadata();
        if (!await Rows.WriteProgress(context, Key, Row.Attempt, Progress, time.GetUtcNow().UtcDateTime, Cancellation))
            throw new AttemptOverException(Key, Row.Attempt);
    }
}
