using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using MlService.Metadata;

namespace MlService.Jobs;

/// <summary>
/// Looks for unfinished rows at start and every few seconds, and nudges their grains: so a job survives the death of the
/// process that ran it, and a nudge that was lost. When the process ends, it sees the jobs out.
/// </summary>
public sealed class JobSweeper(
    IDbContextFactory<MetadataContext> metadata,
    JobClient jobs,
    RunningJobs running,
    IOptions<JobsOptions> options,
    TimeProvider time,
    ILogger<JobSweeper> logger) : BackgroundService
{
    private const int PageSize = 500;
    private const int NudgesAtOnce = 32;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(Math.Max(0.1, options.Value.SweepSeconds)), time);
        try
        {
            do
            {
                try
                {
                    foreach (var kind in Enum.GetValues<ResourceKind>())
                        await Sweep(kind, stoppingToken);
                }
                catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
                {
                    JobLog.SweepFailed(logger, exception);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service stops.
        }
    }

    /// <summary>Stops looking, then waits until the jobs, which have heard it too, have stopped.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await running.WhenQuiet(cancellationToken);
    }

    private async Task Sweep(ResourceKind kind, CancellationToken cancellation)
    {
        await using var context = await metadata.CreateDbContextAsync(cancellation);
        var after = "";
        while (true)
        {
            var last = after;
            var ids = await context.Resources(kind)
                .Where(row => (row.Status == ResourceStatus.Pending || row.Status == ResourceStatus.InProgress)
                    && row.Id.CompareTo(last) > 0)
                .OrderBy(row => row.Id).Select(row => row.Id).Take(PageSize).ToListAsync(cancellation);
            // Side by side: a process that hangs must not hold up the jobs of the others.
            await Parallel.ForEachAsync(
                ids,
                new ParallelOptions { MaxDegreeOfParallelism = NudgesAtOnce, CancellationToken = cancellation },
                async (id, _) => await jobs.Nudge(new ResourceKey(kind, id)));
            if (ids.Count < PageSize)
                return;
            after = ids[^1];
        }
    }
}
