using CsCheck;
using MlService.Jobs;

namespace MlService.Tests.Cluster;

public class PlacementTests
{
    [Fact]
    public void TheShardsOfAJobAreSpreadEvenlyOverAsFewWorkersAsCanHoldThem() =>
        Gen.Select(Gen.Int[1, 7], Gen.Int[1, 40], Gen.Int[1, 5]).Sample((workers, shards, perWorker) =>
        {
            var places = ShardTeam.Places(shards, perWorker, [.. Enumerable.Range(0, workers)]);
            Assert.Equal(shards, places.Count);
            Assert.Equal(places.Order(), places);
            var counts = places.CountBy(place => place).Select(pair => pair.Value).ToList();
            Assert.Equal(Math.Min(workers, (int)Math.Ceiling(shards / (double)perWorker)), counts.Count);
            Assert.InRange(counts.Max() - counts.Min(), 0, 1);
            Assert.Equal(0, places[0]);
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
