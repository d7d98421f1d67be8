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
    IDbContextFactory<MetadataContext> metadata,
    IObjectStore objects,
    ShardExchange exchange,
    JobSlots slots,
    KeyQuota quota,
    JobsOptions options,
    TimeProvider time,
    ILogger logger,
    CancellationToken cancellation) : IAsyncDisposable
{
    private static readonly TimeSpan ReportInterval = TimeSpan.FromMilliseconds(400);

    private readonly List<IShardGrain> _shards = [];
    private readonly List<Func<Task>> _undo = [];
    private readonly List<int> _steps = [];
    private readonly Stopwatch _sinceReport = Stopwatch.StartNew();
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
    public int ShardCount(long bytes, long minShardBytes) =>
        (int)Math.Clamp(bytes / Math.Max(1, minShardBytes), 1, Math.Max(1, Options.ShardsPerJob));

    /// <summary>
    /// Runs one step on each shard, side by side, and waits for all. A shard keeps its state between the steps of an attempt,
    /// so step i always goes to the same shard i.
    /// </summary>
    /// <typeparam name="T">Type of a step's result.</typeparam>
    /// <param name="phase">Name of the phase in the progress.</param>
    /// <param name="steps">A step for each shard.</param>
    /// <param name="bytes">Input bytes of all shards together, by which their progress is measured; 0 if the steps do not read bytes.</param>
    /// <param name="from">Share of the job, in percent, that is done when the steps begin.</param>
    /// <param name="to">Share of the job that is done when they end.</param>
    /// <param name="rows">Rows of all shards together, for steps whose progress is measured by rows.</param>
    /// <returns>The steps' results, in their order.</returns>
    /// <exception cref="InvalidInputException">A shard found the input at fault; the first shard's message.</exception>
    public async Task<IReadOnlyList<T>> RunShards<T>(
        string phase, IReadOnlyList<ShardStep> steps, long bytes, double from, double to, long rows = 0)
    {
        for (; _shards.Count < steps.Count; _steps.Add(0))
            _shards.Add(grains.GetGrain<IShardGrain>(ShardKey(_shards.Count)));

        var states = new ShardState[steps.Count];
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(steps.Select((step, index) => _shards[index].Begin(step, ++_steps[index])));
        await Task.WhenAll(Enumerable.Range(0, steps.Count).Select(Follow));
        BusyMilliseconds += states.Sum(state => state.BusyMilliseconds);
        Cancellation.ThrowIfCancellationRequested();
        if (states.FirstOrDefault(state => state.InputError is not null) is { } wrong)
            throw new InvalidInputException(wrong.InputError!);
        if (states.FirstOrDefault(state => state.IsInterruption) is { } interrupted)
            throw new AttemptInterruptedException($"A shard of {Key} was interrupted: {interrupted.Fault}");
        if (states.FirstOrDefault(state => state.Fault is not null) is { } broken)
            throw new InvalidOperationException($"A shard of {Key} hit a fault: {broken.Fault}");
        await ReportShards();
        return [.. Enumerable.Range(0, steps.Count).Select(index => exchange.Take<T>(ShardKey(index)))];

        async Task Follow(int index)
        {
            var seen = 0L;
            while (true)
            {
                var state = await _shards[index].Watch(seen).WaitAsync(Cancellation);
                if (state.Step != _steps[index])
                    throw new AttemptInterruptedException($"Shard {index} of {Key} has died, and what it knew with it.");
                seen = state.Version;
                states[index] = state;
                if (state.IsDone)
                    return;
                await ReportShards();
            }
        }

        Task ReportShards()
        {
            var done = states.Sum(state => state?.Rows ?? 0);
            if ((bytes == 0 && rows == 0) || done == 0)
                return Report(phase, from);
            Progress.Rows = done;
            Progress.RowsPerSecond = Math.Round(Progress.Rows / Math.Max(watch.Elapsed.TotalSeconds, 1e-3));
            var share = bytes > 0 ? states.Sum(state => state?.Bytes ?? 0) / (double)bytes : Progress.Rows / (double)rows;
            return Report(phase, from + (to - from) * Math.Min(1, share));
        }
    }

    /// <summary>Leaves a thing for the shards in the exchange.</summary>
    /// <returns>The name under which <see cref="ShardExchange.Get{T}"/> finds it until the attempt ends.</returns>
    public string Offer(string name, object item)
    {
        var full = $"{Key}/{Row.Attempt}:{name}";
        exchange.Put(full, item);
        return full;
    }

    /// <summary>Tells how a training pass ended.</summary>
    public Task ReportPass(int pass, double? loss, double percent)
    {
        Progress.Pass = pass;
        Progress.Loss = loss;
        return Report("training", percent);
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

    /// <summary>The attempt's result counts: nothing is to be undone.</summary>
    public void Keep() => _undo.Clear();

    /// <summary>Lets the shards go, undoes what came to nothing, and gives the slot to the next job.</summary>
    public async ValueTask DisposeAsync()
    {
        // One after the other whatever goes wrong: the slot must come free.
        await Try(() => Task.WhenAll(_shards.Select(shard => shard.Release())));
        foreach (var undo in _undo)
            await Try(undo);
        exchange.Clear($"{Key}/{Row.Attempt}/");
        exchange.Clear($"{Key}/{Row.Attempt}:");
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

    private string ShardKey(int index) => $"{Key}/{Row.Attempt}/{index}";
}
