using CsCheck;
using Microsoft.Extensions.Options;
using MlService.Jobs;

namespace MlService.Tests.Jobs;

public sealed class JobSlotsTests
{
    private const long Small = 1;
    private const long Large = 100;

    [Fact]
    public async Task OwnersTakeTurnsAndEachOnesJobsKeepTheirOrder()
    {
        var slots = Slots(small: 1);
        List<string> order = [];
        var running = await Enter(slots, Small, "z");
        var jobs = new[] { "a1", "a2", "a3", "a4", "b1", "b2", "c1" }.Select(Run).ToList();
        running.Dispose();
        await Task.WhenAll(jobs);
        Assert.Equal(["a1", "b1", "c1", "a2", "b2", "a3", "a4"], order);

        async Task Run(string name)
        {
            using (await slots.Enter(Small, name[..1], TestContext.Current.CancellationToken))
                order.Add(name);
        }
    }

    [Fact]
    public async Task SmallJobsDoNotWaitForLargeOnes()
    {
        var slots = Slots(small: 1, large: 1);
        using var running = await Enter(slots, Large, "a");
        Assert.False(Enter(slots, Large, "b").IsCompleted);
        Assert.True(Enter(slots, Small, "a").IsCompletedSuccessfully);
    }

    [Fact]
    public async Task WhoGivesUpWaitingTakesNoSlot()
    {
        var slots = Slots(small: 1);
        using var stop = new CancellationTokenSource();
        var running = await Enter(slots, Small, "a");
        var (abandoned, next) = (slots.Enter(Small, "b", stop.Token), Enter(slots, Small, "c"));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => abandoned);
        running.Dispose();
        running.Dispose(); // twice frees once
        using (await next)
            Assert.False(Enter(slots, Small, "d").IsCompleted);
    }

    [Fact]
    public void WhateverComesAndGoesAsManyRunAsMayAndNoSlotIsLost() =>
        Gen.Select(Gen.Int[1, 3], Gen.Select(Gen.Int[0, 3], Gen.Int[0, 2]).Array[1, 60]).Sample((capacity, steps) =>
        {
            var slots = Slots(small: capacity);
            List<(string Owner, Task<IDisposable> Job, CancellationTokenSource Stop)> jobs = [];
            foreach (var (action, owner) in steps)
            {
                var running = jobs.FindAll(job => job.Job.IsCompletedSuccessfully);
                var waiting = jobs.FindAll(job => !job.Job.IsCompleted);
                if (action == 0 && running.Count > 0)
                    Leave(running[0]);
                else if (action == 1 && waiting.Count > 0)
                    GiveUp(waiting[^1]);
                else
                {
                    var stop = new CancellationTokenSource();
                    jobs.Add(($"{owner}", slots.Enter(Small, $"{owner}", stop.Token), stop));
                }
                Settle();
            }
            // Let everything run to its end: each job gets its turn.
            while (jobs.Count > 0)
            {
                SpinWait.SpinUntil(() => jobs.Exists(job => job.Job.IsCompletedSuccessfully));
                Leave(jobs.Find(job => job.Job.IsCompletedSuccessfully));
            }

            void Leave((string Owner, Task<IDisposable> Job, CancellationTokenSource Stop) job)
            {
                jobs.Remove(job);
                job.Job.Result.Dispose();
                Settle();
            }

            void GiveUp((string Owner, Task<IDisposable> Job, CancellationTokenSource Stop) job)
            {
                jobs.Remove(job);
                job.Stop.Cancel();
                Settle();
            }

            // Who was admitted goes on on another thread: wait until as many run as can.
            void Settle() => SpinWait.SpinUntil(() => jobs.Count(job => job.Job.IsCompletedSuccessfully) == Math.Min(capacity, jobs.Count));
        }, iter: 200);

    private static Task<IDisposable> Enter(JobSlots slots, long bytes, string owner) =>
        slots.Enter(bytes, owner, TestContext.Current.CancellationToken);

    private static JobSlots Slots(int small = 1, int large = 1) => new(Options.Create(new JobsOptions
    {
        ConcurrentSmallJobs = small,
        ConcurrentLargeJobs = large,
        LargeJobBytes = 10,
    }));
}
