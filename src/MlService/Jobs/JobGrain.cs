using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using MlService.Metadata;
using MlService.Problems;
using MlService.Storage;

namespace MlService.Jobs;

/// <inheritdoc cref="IJobGrain"/>
[WorkerPlacement]
public sealed class JobGrain(
    IDbContextFactory<MetadataContext> metadata,
    IObjectStore objects,
    ShardExchange exchange,
    ClusterMembers members,
    JobSlots slots,
    KeyQuota quota,
    RunningJobs running,
    FinishedJobs finished,
    JobClient client,
    IEnumerable<ResourceJob> jobs,
    IOptions<JobsOptions> options,
    TimeProvider time,
    ILogger<JobGrain> logger) : Grain, IJobGrain
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private CancellationTokenSource? _stop;
    private Task? _run;
    private bool _isNudgedAgain;
    private bool _isInterrupted;
    private bool _isEnding;

    private ResourceJob Job => jobs.Single(job => job.Kind == Key.Kind);

    private ResourceKey Key => ResourceKey.Parse(this.GetPrimaryKeyString());

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    /// <inheritdoc/>
    public Task Nudge()
    {
        // A nudge that comes while an attempt is ending must not be lost: it may tell of the dependency that was missing.
        if (_run is { IsCompleted: false })
            _isNudgedAgain = true;
        else
            _run = running.Follow(RunUntilQuiet());
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task Cancel()
    {
        if (_stop is { } stop)
            await stop.CancelAsync();
        if (_run is { } run)
            await run;
        // The row now says what shall become of it: this look carries it out, and is short.
        await Nudge();
        await _run!;
    }

    /// <inheritdoc/>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _isEnding = true;
        if (_stop is { } stop)
            await stop.CancelAsync();
        if (_run is { } run)
            await run;
        await base.OnDeactivateAsync(reason, cancellationToken);
    }

    private async Task RunUntilQuiet()
    {
        DelayDeactivation(Timeout.InfiniteTimeSpan);
        do
        {
            _isNudgedAgain = _isInterrupted = false;
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(running.Stopping);
            _stop = stop;
            try
            {
                await RunOnce(stop.Token);
                if (_isInterrupted)
                    await WaitForStorage(stop.Token);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                // Stopped between two steps: whoever stopped it nudges again, or the process ends.
            }
            catch (Exception exception)
            {
                // The metadata store did not answer, even for noting the fault: the row is as it was, and the sweeper comes again.
                JobLog.LookFailed(logger, exception, Key);
            }
            finally
            {
                _stop = null;
            }
        }
        while (_isNudgedAgain && !_isEnding && !running.Stopping.IsCancellationRequested);

        DeactivateOnIdle();
    }

    private async Task RunOnce(CancellationToken stop)
    {
        var key = Key;
        await using var context = await metadata.CreateDbContextAsync(stop);
        var row = await Rows.Find(context, key, stop);
        if (row is { Status: ResourceStatus.Deleted })
        {
            await Artifacts.Remove(objects, key, stop);
            await Job.DropLeftovers(context, objects, row, stop);
            await WakeDependents(context, key);
        }

        if (row is not { Status: ResourceStatus.Pending or ResourceStatus.InProgress })
            return;
        if (row.CancelRequested)
        {
            await Fail(context, row, "Cancelled on request.");
            return;
        }

        if (row.Attempt - row.Interruptions >= options.Value.MaxAttempts)
        {
            await Fail(context, row, $"Given up after {row.Attempt - row.Interruptions} attempts, each of which ended with the death of its process. "
                + "Look at the log for the reason (often too little memory), then create the resource again under another id.");
            return;
        }

        switch (await LookAtDependencies(context, row, stop))
        {
            case (false, null):
                return;
            case (_, { } reason):
                await Fail(context, row, reason);
                return;
        }

        if (await Rows.Claim(context, row, Now, stop))
            await Attempt(row, stop);
    }

    private async Task Attempt(Resource row, CancellationToken stop)
    {
        JobLog.Started(logger, row.Key, row.Attempt);
        try
        {
            await Work(row, stop);
        }
        catch (Exception exception) when (InputFault.Of(exception) is { } reason)
        {
            // What a job lacks may lie in what was deleted beneath it; then that is what its owner should read.
            await using var rows = await metadata.CreateDbContextAsync(CancellationToken.None);
            var (_, lost) = await LookAtDependencies(rows, row, CancellationToken.None);
            if (!await Fail(rows, row, lost ?? reason))
                await Overtaken(row); // what it lacked, the attempt that took over may have removed
        }
        catch (Exception exception) when (stop.IsCancellationRequested || exception is AttemptOverException)
        {
            await Stop(row);
        }
        catch (Exception exception) when (Interruption.Is(exception))
        {
            JobLog.Interrupted(logger, exception, row.Key, row.Attempt);
            _isInterrupted = true;
            await Stop(row);
        }
        catch (Exception exception)
        {
            JobLog.Faulted(logger, exception, row.Key, row.Attempt);
            await CountFault(row, exception);
        }
    }

    private async Task Work(Resource row, CancellationToken stop)
    {
        var key = row.Key;
        var attempt = row.Attempt;
        var watch = Stopwatch.StartNew();
        await using var context = new JobContext(
            row, GrainFactory, members, exchange, metadata, objects, slots, quota, options.Value, time, logger, stop);
        if (attempt > 1)
            await Artifacts.RemoveBefore(objects, key, attempt, stop);
        var result = await Job.Run(context);
        await context.EndExchange();
        await using var rows = await metadata.CreateDbContextAsync(stop);
        if (await context.Insist(() => Rows.Complete(rows, context, result, Now, stop)))
        {
            finished.Tell();
            context.Keep();
            JobLog.Completed(logger, key, attempt, watch.Elapsed.TotalSeconds);
            await WakeDependents(rows, key);
        }
        else
        {
            JobLog.Fenced(logger, key, attempt);
            await Artifacts.Remove(objects, context.Artifacts, CancellationToken.None);
        }
    }

    /// <summary>
    /// The attempt was stopped: by its owner, who cancelled or deleted the resource; by another attempt, which took over while this one's
    /// process was taken for dead; or by the end of a process, after which the job begins anew.
    /// </summary>
    private async Task Stop(Resource row)
    {
        JobLog.Stopped(logger, row.Key, row.Attempt);
        await using var context = await metadata.CreateDbContextAsync(CancellationToken.None);
        var now = await Rows.Find(context, row.Key, CancellationToken.None);
        if (now is { CancelRequested: true })
            await Fail(context, row, "Cancelled on request.");
        else if (now?.Attempt != row.Attempt)
            await Overtaken(row);
        else
            await Rows.NoteInterruption(context, row, Now, CancellationToken.None);
    }

    /// <summary>
    /// Waits until object storage answers; the row says so meanwhile. To begin anew before would be in vain, however long it takes.
    /// </summary>
    private async Task WaitForStorage(CancellationToken stop)
    {
        var isNoted = false;
        for (var pause = FirstPause; await StorageOutage(stop) is { } outage; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            if (!isNoted)
            {
                JobLog.WaitsForStorage(logger, Key, outage);
                await using var context = await metadata.CreateDbContextAsync(stop);
                isNoted = await Rows.NoteWaiting(context, Key, $"Waiting for object storage, and going on when it is back. {outage}", Now, stop);
            }

            await Task.Delay(pause, time, stop);
        }

        _isNudgedAgain |= isNoted;
    }

    /// <summary>What is wrong with object storage; null if it answers.</summary>
    private async Task<string?> StorageOutage(CancellationToken stop)
    {
        try
        {
            await objects.Head(new ObjectUri(Artifacts.Bucket, "health"), stop);
            return null;
        }
        catch (ProblemException problem) when (problem.Kind == ProblemKind.Unavailable)
        {
            return problem.Message;
        }
    }

    private Task Overtaken(Resource row)
    {
        JobLog.Fenced(logger, row.Key, row.Attempt);
        return Artifacts.Remove(objects, Artifacts.Prefix(row.Key, row.Attempt), CancellationToken.None);
    }

    private async Task CountFault(Resource row, Exception exception)
    {
        await using var context = await metadata.CreateDbContextAsync(CancellationToken.None);
        await Rows.NoteFaults(context, row.Key, row.Attempt, row.Faults + 1, CancellationToken.None);
        if (row.Faults + 1 >= options.Value.MaxFaults)
            await Fail(context, row, $"An error inside the service ended {row.Faults + 1} attempts: {exception.Message} "
                + "The log has the details; create the resource again under another id once the cause is gone.");
    }

    /// <returns>Whether the row was still unfinished and at this attempt; if not, nothing was changed.</returns>
    private async Task<bool> Fail(MetadataContext context, Resource row, string reason)
    {
        if (!await Rows.Fail(context, row.Key, row.Attempt, reason, Now, CancellationToken.None))
            return false;
        finished.Tell();
        JobLog.Failed(logger, row.Key, row.Attempt);
        await WakeDependents(context, row.Key);
        await Artifacts.Remove(objects, row.Key, CancellationToken.None);
        await Job.DropLeftovers(context, objects, row, CancellationToken.None);
        return true;
    }

    private async Task WakeDependents(MetadataContext context, ResourceKey key)
    {
        foreach (var dependent in await Rows.Dependents(context, key, CancellationToken.None))
            await client.Nudge(dependent);
    }

    /// <summary>Whether all dependencies are completed; if that can no longer come about, the reason.</summary>
    private static async Task<(bool AreReady, string? Reason)> LookAtDependencies(
        MetadataContext context, Resource row, CancellationToken cancellation)
    {
        var areReady = true;
        foreach (var dependency in row.Dependencies)
        {
            var other = await Rows.Find(context, dependency, cancellation);
            var name = $"{Words(dependency.Kind)} '{dependency.Id}'";
            switch (other?.Status)
            {
                case null:
                    return (false, $"The {name} does not exist. Create this resource again, on one that exists.");
                case ResourceStatus.Failed:
                    return (false, $"The {name} failed: {other.Message} Mend that, then create both again.");
                case ResourceStatus.Deleted:
                    return (false, $"The {name} was deleted before this could run. Create this resource again, on one that exists.");
                case not ResourceStatus.Completed:
                    areReady = false;
                    break;
            }
        }

        return (areReady, null);
    }

    private static string Words(ResourceKind kind) => kind switch
    {
        ResourceKind.DataSource => "datasource",
        ResourceKind.Model => "model",
        ResourceKind.Evaluation => "evaluation",
        _ => "batch prediction",
    };
}
