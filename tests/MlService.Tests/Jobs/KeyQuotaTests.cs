using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using MlService.DataSources;
using MlService.Evaluations;
using MlService.Jobs;
using MlService.Metadata;
using MlService.Tests.Access;

namespace MlService.Tests.Jobs;

/// <summary>How many jobs of a key work at a time, where several processes share a metadata store.</summary>
public abstract class KeyQuotaTests : IAsyncDisposable
{
    private const int Most = 2;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AllProcessesTogetherHoldAKeyToItsNumberAndNobodyElse()
    {
        var contexts = await Open();
        var processes = new[] { Process(contexts, Most), Process(contexts, Most), Process(contexts, Most) };
        var jobs = await Add(contexts, "a", 9);
        var refused = new ConcurrentDictionary<KeyQuota, TaskCompletionSource>(processes.ToDictionary(process => process, _ => new TaskCompletionSource()));
        var running = jobs.Select((job, index) => (Job: job, Entered: Enter(processes[index % processes.Length], job))).ToList();
        await Task.WhenAll(refused.Values.Select(one => one.Task)).WaitAsync(Cancellation);

        var other = (await Add(contexts, "b", 1))[0];
        await processes[0].Enter(other, () => throw new InvalidOperationException("Another key waits."), Cancellation);
        var most = 0;
        while (running.Count > 0)
        {
            await Task.WhenAny(running.Select(one => one.Entered)).WaitAsync(Cancellation);
            await using var context = await contexts.CreateDbContextAsync(Cancellation);
            var working = 0;
            foreach (var kind in Enum.GetValues<ResourceKind>())
                working += await context.Resources(kind).CountAsync(
                    row => row.CreatedBy == "a" && row.IsAdmitted && row.Status == ResourceStatus.InProgress, Cancellation);
            most = Math.Max(most, working);
            var done = running.Find(one => one.Entered.IsCompleted);
            await done.Entered;
            running.Remove(done);
            await context.Resources(done.Job.Kind).Where(row => row.Id == done.Job.Id)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.Status, ResourceStatus.Completed), Cancellation);
        }
        Assert.Equal(Most, most);

        Task Enter(KeyQuota process, Resource job) => process.Enter(
            job,
            () =>
            {
                refused[process].TrySetResult();
                return Task.CompletedTask;
            },
            Cancellation);
    }

    [Fact]
    public async Task AnAttemptWhoseProcessDiedCountsUntilTheNextOneBegins()
    {
        var contexts = await Open();
        var jobs = await Add(contexts, "a", 2);
        var process = Process(contexts, 1);
        await process.Enter(jobs[0], () => Task.CompletedTask, Cancellation);
        await using (var context = await contexts.CreateDbContextAsync(Cancellation))
        {
            Assert.False(await Rows.Admit(context, jobs[1], 1, Cancellation));
            Assert.True(await Rows.Claim(context, (await Rows.Find(context, jobs[0].Key, Cancellation))!, DateTime.UtcNow, Cancellation));
            Assert.False(await Rows.Admit(context, jobs[0], 1, Cancellation)); // the attempt that was
        }
        await process.Enter(jobs[1], () => Task.CompletedTask, Cancellation);
    }

    [Fact]
    public async Task WithoutALimitOrAKeyNobodyWaits()
    {
        var contexts = await Open();
        foreach (var job in await Add(contexts, "a", 4))
            await Process(contexts, 0).Enter(job, () => throw new InvalidOperationException("It waits."), Cancellation);
        foreach (var job in await Add(contexts, null, 4))
            await Process(contexts, 1).Enter(job, () => throw new InvalidOperationException("It waits."), Cancellation);
    }

    /// <summary>Opens a store that processes share.</summary>
    protected abstract Task<IDbContextFactory<MetadataContext>> Open();

    public abstract ValueTask DisposeAsync();

    private static KeyQuota Process(IDbContextFactory<MetadataContext> contexts, int most) =>
        new(contexts, Options.Create(new JobsOptions { ConcurrentJobsPerKey = most }), TimeProvider.System);

    private static async Task<IReadOnlyList<Resource>> Add(IDbContextFactory<MetadataContext> contexts, string? key, int count)
    {
        await using var context = await contexts.CreateDbContextAsync(Cancellation);
        List<Resource> jobs = [];
        for (var i = 0; i < count; i++)
        {
            var id = $"{key ?? "none"}-{i}";
            Resource job = i % 2 == 0
                ? new DataSource { Id = id, DataLocation = "s3://bucket/data.csv" }
                : new Evaluation { Id = id, ModelId = "m", DataSourceId = "ds" };
            (job.CreatedBy, job.Status, job.Attempt) = (key, ResourceStatus.InProgress, 1);
            context.Add(job);
            jobs.Add(job);
        }
        await context.SaveChangesAsync(Cancellation);
        return jobs;
    }
}

public sealed class SqliteKeyQuotaTests : KeyQuotaTests
{
    private KeyStore? _store;

    protected override async Task<IDbContextFactory<MetadataContext>> Open() => (_store = await KeyStore.Create()).Contexts;

    public override ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return _store!.DisposeAsync();
    }
}

public sealed class PostgreSqlKeyQuotaTests(PostgreSqlServer server) : KeyQuotaTests
{
    protected override async Task<IDbContextFactory<MetadataContext>> Open() => new Factory(await server.NewDatabase());

    public override ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    private sealed class Factory(string connection) : IDbContextFactory<MetadataContext>
    {
        public MetadataContext CreateDbContext() => PostgreSqlServer.Open(connection);
    }
}
