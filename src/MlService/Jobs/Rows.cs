using Microsoft.EntityFrameworkCore;
using MlService.Metadata;

namespace MlService.Jobs;

/// <summary>
/// The job engine's few statements on the rows. Each that writes names the attempt it writes for, so that an attempt which
/// the row has left behind changes nothing.
/// </summary>
internal static class Rows
{
    private const int MaxMessageLength = 2048;

    /// <summary>Reads a row without tracking it; null if there is none.</summary>
    public static Task<Resource?> Find(MetadataContext context, ResourceKey key, CancellationToken cancellation) =>
        context.Resources(key.Kind).AsNoTracking().SingleOrDefaultAsync(row => row.Id == key.Id, cancellation);

    /// <summary>Makes the next attempt the row's own, and <paramref name="row"/> say so.</summary>
    /// <returns>Whether the row was still as <paramref name="row"/> has it.</returns>
    public static async Task<bool> Claim(MetadataContext context, Resource row, DateTime now, CancellationToken cancellation)
    {
        var started = row.StartedAt ?? now;
        var (before, next) = (row.Attempt, row.Attempt + 1);
        var taken = await context.Resources(row.Kind)
            .Where(r => r.Id == row.Id && r.Attempt == before && !r.CancelRequested
                && (r.Status == ResourceStatus.Pending || r.Status == ResourceStatus.InProgress))
            .ExecuteUpdateAsync(set => set
                .SetProperty(r => r.Status, ResourceStatus.InProgress)
                .SetProperty(r => r.Attempt, next)
                .SetProperty(r => r.IsAdmitted, false)
                .SetProperty(r => r.StartedAt, started)
                .SetProperty(r => r.Message, (string?)null)
                .SetProperty(r => r.Progress.Phase, (string?)null)
                .SetProperty(r => r.Progress.Percent, 0)
                .SetProperty(r => r.Progress.Rows, 0)
                .SetProperty(r => r.Progress.RowsPerSecond, 0)
                .SetProperty(r => r.UpdatedAt, now), cancellation);
        row.Attempt = next;
        return taken == 1;
    }

    /// <summary>
    /// Lets an attempt work, unless as many jobs of its key do so as may. Serializable: of two that ask at once, one sees the other.
    /// </summary>
    /// <returns>Whether it may.</returns>
    public static Task<bool> Admit(MetadataContext context, Resource row, int most, CancellationToken cancellation) =>
        context.Database.CreateExecutionStrategy().ExecuteAsync(
            async stop =>
            {
                await using var transaction = await context.Database.BeginTransactionAsync(System.Data.IsolationLevel.Serializable, stop);
                var working = 0;
                foreach (var kind in Enum.GetValues<ResourceKind>())
                {
                    working += await context.Resources(kind).CountAsync(
                        r => r.Status == ResourceStatus.InProgress && r.IsAdmitted && r.CreatedBy == row.CreatedBy && (kind != row.Kind || r.Id != row.Id), stop);
                }
                if (working >= most)
                    return false;
                var admitted = await Running(context, row.Key, row.Attempt)
                    .ExecuteUpdateAsync(set => set.SetProperty(r => r.IsAdmitted, true), stop);
                await transaction.CommitAsync(stop);
                return admitted == 1;
            },
            cancellation);

    /// <summary>Whether an attempt is the row's own, and not finished.</summary>
    public static Task<bool> IsRunning(MetadataContext context, ResourceKey key, int attempt, CancellationToken cancellation) =>
        Running(context, key, attempt).AnyAsync(cancellation);

    /// <summary>Shows how far an attempt is.</summary>
    /// <returns>Whether the attempt still is the row's, and wanted.</returns>
    public static async Task<bool> WriteProgress(
        MetadataContext context, ResourceKey key, int attempt, JobProgress progress, DateTime now, CancellationToken cancellation) =>
        await Running(context, key, attempt).Where(r => !r.CancelRequested).ExecuteUpdateAsync(set => set
            .SetProperty(r => r.UpdatedAt, now)
            .SetProperty(r => r.Progress.Phase, progress.Phase)
            .SetProperty(r => r.Progress.Percent, progress.Percent)
            .SetProperty(r => r.Progress.Rows, progress.Rows)
            .SetProperty(r => r.Progress.RowsPerSecond, progress.RowsPerSecond)
            .SetProperty(r => r.Progress.Pass, progress.Pass)
            .SetProperty(r => r.Progress.Loss, progress.Loss), cancellation) == 1;

    /// <summary>
    /// Completes the resource with an attempt's result, all or nothing. It is tried again if the store fails in passing; should the first
    /// try have taken effect although its answer was lost, the second sees that.
    /// </summary>
    /// <returns>Whether the attempt still was the row's, and wanted; if not, nothing was changed.</returns>
    public static Task<bool> Complete(
        MetadataContext context, JobContext job, Action<Resource> result, DateTime now, CancellationToken cancellation) =>
        context.Database.CreateExecutionStrategy().ExecuteAsync(
            async stop =>
            {
                context.ChangeTracker.Clear();
                return await CompleteOnce(context, job, result, now, stop) || await IsCompletedBy(context, job, stop);
            },
            cancellation);

    /// <summary>Fails the resource, if it is not finished and still at this attempt.</summary>
    /// <returns>Whether it was.</returns>
    public static async Task<bool> Fail(
        MetadataContext context, ResourceKey key, int attempt, string message, DateTime now, CancellationToken cancellation)
    {
        var text = Shorten(message);
        return await Unfinished(context, key, attempt).ExecuteUpdateAsync(set => set
            .SetProperty(r => r.Status, ResourceStatus.Failed)
            .SetProperty(r => r.Message, text)
            .SetProperty(r => r.FinishedAt, now)
            .SetProperty(r => r.UpdatedAt, now), cancellation) == 1;
    }

    /// <summary>Notes how many faults there were that were not the input's.</summary>
    public static Task NoteFaults(MetadataContext context, ResourceKey key, int attempt, int faults, CancellationToken cancellation) =>
        Unfinished(context, key, attempt).ExecuteUpdateAsync(set => set.SetProperty(r => r.Faults, faults), cancellation);

    /// <summary>Notes that the attempt of <paramref name="row"/> has ended for a reason that says nothing against the job.</summary>
    public static Task NoteInterruption(MetadataContext context, Resource row, DateTime now, CancellationToken cancellation)
    {
        var interruptions = row.Interruptions + 1;
        return Unfinished(context, row.Key, row.Attempt).ExecuteUpdateAsync(
            set => set.SetProperty(r => r.Interruptions, interruptions).SetProperty(r => r.UpdatedAt, now), cancellation);
    }

    /// <summary>Tells the owner what an unfinished job waits for; the next attempt takes it back.</summary>
    /// <returns>Whether it is unfinished.</returns>
    public static async Task<bool> NoteWaiting(MetadataContext context, ResourceKey key, string message, DateTime now, CancellationToken cancellation)
    {
        var text = Shorten(message);
        return await context.Resources(key.Kind)
            .Where(r => r.Id == key.Id && (r.Status == ResourceStatus.Pending || r.Status == ResourceStatus.InProgress))
            .ExecuteUpdateAsync(set => set
                .SetProperty(r => r.Message, text)
                .SetProperty(r => r.Progress.Phase, "waiting")
                .SetProperty(r => r.UpdatedAt, now), cancellation) == 1;
    }

    /// <summary>The resources whose jobs may be waiting for this one.</summary>
    public static async Task<IReadOnlyList<ResourceKey>> Dependents(
        MetadataContext context, ResourceKey key, CancellationToken cancellation)
    {
        var id = key.Id;
        List<ResourceKey> waiting = [];
        if (key.Kind == ResourceKind.DataSource)
        {
            waiting.AddRange(Keys(ResourceKind.Model, await Ids(context.Models.Where(r => r.TrainingDataSourceId == id))));
            waiting.AddRange(Keys(ResourceKind.Evaluation, await Ids(context.Evaluations.Where(r => r.DataSourceId == id))));
            waiting.AddRange(Keys(ResourceKind.BatchPrediction, await Ids(context.BatchPredictions.Where(r => r.DataSourceId == id))));
        }
        else if (key.Kind == ResourceKind.Model)
        {
            waiting.AddRange(Keys(ResourceKind.Evaluation, await Ids(context.Evaluations.Where(r => r.ModelId == id))));
            waiting.AddRange(Keys(ResourceKind.BatchPrediction, await Ids(context.BatchPredictions.Where(r => r.ModelId == id))));
        }

        return waiting;

        Task<List<string>> Ids(IQueryable<Resource> rows) =>
            rows.Where(r => r.Status == ResourceStatus.Pending).Select(r => r.Id).ToListAsync(cancellation);

        static IEnumerable<ResourceKey> Keys(ResourceKind kind, List<string> ids) => ids.Select(id => new ResourceKey(kind, id));
    }

    private static Task<bool> IsCompletedBy(MetadataContext context, JobContext job, CancellationToken cancellation) =>
        context.Resources(job.Key.Kind).AnyAsync(
            r => r.Id == job.Key.Id && r.Attempt == job.Row.Attempt && r.Status == ResourceStatus.Completed, cancellation);

    private static async Task<bool> CompleteOnce(
        MetadataContext context, JobContext job, Action<Resource> result, DateTime now, CancellationToken cancellation)
    {
        await using var transaction = await context.Database.BeginTransactionAsync(cancellation);
        // The update comes before the read, so that the row is locked from here to the commit.
        if (await Running(context, job.Key, job.Row.Attempt).Where(r => !r.CancelRequested).ExecuteUpdateAsync(
            set => set.SetProperty(r => r.UpdatedAt, now), cancellation) != 1)
            return false;
        var row = await context.Resources(job.Key.Kind).SingleAsync(r => r.Id == job.Key.Id, cancellation);
        result(row);
        row.Status = ResourceStatus.Completed;
        row.Message = row.Message is null ? null : Shorten(row.Message);
        row.FinishedAt = now;
        row.ComputeMilliseconds = job.BusyMilliseconds;
        row.Artifacts = job.Artifacts;
        row.Progress = new JobProgress
        {
            Percent = 100,
            Rows = job.Progress.Rows,
            RowsPerSecond = job.Progress.RowsPerSecond,
            Pass = job.Progress.Pass,
            Loss = job.Progress.Loss,
        };
        await context.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return true;
    }

    private static string Shorten(string message) => message.Length <= MaxMessageLength ? message : message[..(MaxMessageLength - 3)] + "...";

    private static IQueryable<Resource> Running(MetadataContext context, ResourceKey key, int attempt) =>
        context.Resources(key.Kind).Where(r => r.Id == key.Id && r.Attempt == attempt && r.Status == ResourceStatus.InProgress);

    private static IQueryable<Resource> Unfinished(MetadataContext context, ResourceKey key, int attempt) =>
        context.Resources(key.Kind).Where(r => r.Id == key.Id && r.Attempt == attempt
            && (r.Status == ResourceStatus.Pending || r.Status == ResourceStatus.InProgress));
}
