using Microsoft.EntityFrameworkCore;
using MlService.Metadata;

namespace MlService.Tests.Chaos;

/// <summary>The jobs as their rows have them.</summary>
internal sealed class JobTable(string connection)
{
    /// <summary>How many resources of a kind the audit log says that a key was asked to create.</summary>
    public async Task<int> Noted(ResourceKind kind, string who)
    {
        await using var context = PostgreSqlServer.Open(connection);
        var action = $"POST /v1/{kind.ToCollection()}";
        return await context.AuditEntries.CountAsync(entry => entry.Who == who && entry.Action == action, TestContext.Current.CancellationToken);
    }

    /// <summary>Reads all rows; waits for a server that is down.</summary>
    public async Task<IReadOnlyDictionary<ResourceKey, JobState>> Read()
    {
        while (true)
        {
            try
            {
                await using var context = PostgreSqlServer.Open(connection);
                var rows = new Dictionary<ResourceKey, JobState>();
                foreach (var kind in Enum.GetValues<ResourceKind>())
                {
                    foreach (var row in await context.Resources(kind).AsNoTracking()
                        .Select(row => new { row.Id, row.Status, row.Attempt, row.UpdatedAt, row.Artifacts, row.Message })
                        .ToListAsync(TestContext.Current.CancellationToken))
                        rows[new ResourceKey(kind, row.Id)] = new JobState(row.Status, row.Attempt, row.UpdatedAt, row.Artifacts, row.Message);
                }
                return rows;
            }
            catch (Exception exception) when (exception is System.Data.Common.DbException or InvalidOperationException or Microsoft.EntityFrameworkCore.Storage.RetryLimitExceededException)
            {
                await Task.Delay(200, TestContext.Current.CancellationToken);
            }
        }
    }
}

/// <summary>Where a job stands.</summary>
internal sealed record JobState(ResourceStatus Status, int Attempt, DateTime UpdatedAt, string? Artifacts, string? Message)
{
    /// <summary>Whether the job waits or runs.</summary>
    public bool IsUnfinished => Status is ResourceStatus.Pending or ResourceStatus.InProgress;
}
