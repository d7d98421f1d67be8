using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using MlService.Metadata;

namespace MlService.Jobs;

/// <summary>
/// Holds each access key to a number of jobs at a time, in all processes together: their rows tell which are at work. In each process
/// one of a key's jobs asks at a time, in the order in which they came, so however many wait, the metadata store is asked little.
/// </summary>
public sealed class KeyQuota(IDbContextFactory<MetadataContext> metadata, IOptions<JobsOptions> options, TimeProvider time)
{
    private static readonly TimeSpan AskAgain = TimeSpan.FromMilliseconds(250);

    private readonly ConcurrentDictionary<string, SemaphoreSlim> _turns = new(StringComparer.Ordinal);

    /// <summary>
    /// Waits until the attempt that a row is at may work. It counts until the row is finished, or at its next attempt. Returns at once where
    /// there is no limit, or no key.
    /// </summary>
    /// <param name="row">The job.</param>
    /// <param name="whenRefused">Called each time that it has to wait on.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task Enter(Resource row, Func<Task> whenRefused, CancellationToken cancellation)
    {
        if (options.Value.ConcurrentJobsPerKey <= 0 || row.CreatedBy is not { } key)
            return;
        var turn = _turns.GetOrAdd(key, _ => new SemaphoreSlim(1));
        if (!turn.Wait(0, cancellation))
        {
            await whenRefused();
            await turn.WaitAsync(cancellation);
        }
        try
        {
            while (!await Admit(row, cancellation))
            {
                await whenRefused();
                await Task.Delay(AskAgain, time, cancellation);
            }
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task<bool> Admit(Resource row, CancellationToken cancellation)
    {
        await using var context = await metadata.CreateDbContextAsync(cancellation);
        return await Rows.Admit(context, row, options.Value.ConcurrentJobsPerKey, cancellation);
    }
}
