using CsCheck;
using MlService.Jobs;

namespace MlService.Tests.Cluster;

public class PlacementTests
{
    [Fact]
    public void TheShardsOfAJobAreSpreadOverTheWorkersAsEvenlyAsTheirNumberAllows() =>
        Gen.Select(Gen.Int[1, 7], Gen.Int[1, 40], Gen.Int[1, 5]).Sample((workers, shards, attempt) =>
        {
            var counts = new int[workers];
            for (var shard = 0; shard < shards; shard++)
                counts[WorkerPlacementDirector.Place($"Model/ml-1/{attempt}/{shard}", workers)]++;
            Assert.InRange(counts.Max() - counts.Min(), 0, 1);
        });

    [Fact]
    public void JobsBeginOnEveryWorker()
    {
        foreach (var workers in Enumerable.Range(2, 4))
        {
            var counts = new int[workers];
            for (var job = 0; job < 1000; job++)
                counts[WorkerPlacementDirector.Place($"DataSource/ds-{job}", workers)]++;
            Assert.All(counts, count => Assert.InRange(count, 1000 / workers * 0.7, 1000 / workers * 1.3));
        }
    }
}
