using MlService.Metadata;
using MlService.Tests.Storage;

namespace MlService.Tests.Chaos;

/// <summary>Strikes the cluster's processes and servers as the plan has it, and watches how its jobs go on.</summary>
internal sealed class Faults(
    ChaosPlan plan, IReadOnlyList<Member> members, PostgreSqlServer metadata, CephGateway objects, JobTable jobs, FaultLog log)
{
    // The others take a silent process for dead after some six seconds.
    private const int FreezeMilliseconds = 8_000;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly List<Task> _watches = [];

    /// <summary>Does all that is planned; returns when every job that was struck has gone on.</summary>
    public async Task Run()
    {
        await Task.WhenAll(StrikeProcesses(), StrikeServers());
        await Task.WhenAll(_watches);
    }

    private async Task StrikeProcesses()
    {
        var random = new Random(plan.Seed + 1);
        foreach (var kind in plan.ProcessFaults())
        {
            await Pause(random, 200, 1500);
            var victim = await Victim(random);
            var struck = victim.Running();
            var start = DateTime.UtcNow;
            switch (kind)
            {
                case FaultKind.Kill:
                    await victim.Current!.Kill();
                    break;
                case FaultKind.Freeze:
                    _watches.Add(victim.Freeze(TimeSpan.FromMilliseconds(FreezeMilliseconds + random.Next(3000))));
                    break;
                default:
                    await victim.Current!.Terminate();
                    break;
            }
            _watches.Add(Watch(kind, start, TimeSpan.Zero, struck.Count, rows => struck.All(
                attempt => rows.TryGetValue(attempt.Key, out var row) && (!row.IsUnfinished || row.Attempt > attempt.Value))));
        }
    }

    private async Task StrikeServers()
    {
        var random = new Random(plan.Seed + 2);
        foreach (var kind in plan.ServerFaults())
        {
            await Pause(random, 1000, 6000);
            var running = (await jobs.Read()).Where(row => row.Value.Status == ResourceStatus.InProgress).Select(row => row.Key).ToList();
            var start = DateTime.UtcNow;
            if (kind == FaultKind.StorageOutage)
                await objects.Stop();
            else
                await metadata.Stop(isCrash: kind == FaultKind.MetadataCrash);
            await Pause(random, 1000, 8000);
            if (kind == FaultKind.StorageOutage)
                await objects.Restart();
            else
                await metadata.Restart();
            var back = DateTime.UtcNow;
            await Watch(kind, start, back - start, running.Count, rows => running.All(key => !rows[key].IsUnfinished || rows[key].UpdatedAt > back));
        }
    }

    /// <summary>Chooses a process that runs, while at least one other does.</summary>
    private async Task<Member> Victim(Random random)
    {
        while (true)
        {
            var up = members.Where(member => member.IsUp).ToList();
            if (up.Count > 1)
                return up[random.Next(up.Count)];
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    private async Task Watch(
        FaultKind kind, DateTime start, TimeSpan duration, int struck, Func<IReadOnlyDictionary<ResourceKey, JobState>, bool> haveGoneOn)
    {
        var over = start + duration;
        while (struck > 0 && !haveGoneOn(await jobs.Read()))
        {
            if (DateTime.UtcNow - over > Patience)
            {
                log.Add(new Fault(kind, start, duration, struck, null));
                return;
            }
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
        log.Add(new Fault(kind, start, duration, struck, DateTime.UtcNow - over));
    }

    private static Task Pause(Random random, int least, int most) => Task.Delay(random.Next(least, most), TestContext.Current.CancellationToken);
}
