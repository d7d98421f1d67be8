using MlService.Realtime;
using MlService.Tests.Access;

namespace MlService.Tests.Realtime;

public sealed class EndpointTrafficTests
{
    private readonly ManualTime _time = new();

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.9)]
    [InlineData(0.99)]
    public void QuantilesAreThoseOfTheCallsToATenth(double share)
    {
        var random = new Random(5);
        // From some microseconds to some seconds.
        var latencies = Enumerable.Range(0, 20_000).Select(_ => TimeSpan.FromMicroseconds(Math.Exp(2 + 12 * random.NextDouble()))).ToList();
        var slot = new TrafficSlot(0);
        foreach (var latency in latencies)
            slot.Add(latency, isAnswered: true);

        var exact = latencies.Order().ElementAt((int)(share * latencies.Count)).TotalMilliseconds;
        Assert.InRange(slot.Milliseconds(share)!.Value, exact * 0.9, exact * 1.1);
    }

    [Fact]
    public void CallsFromManyThreadsAreAllCounted()
    {
        var traffic = new EndpointTraffic(_time);
        Parallel.For(0, 100_000, i => traffic.Add(_time.GetTimestamp(), isAnswered: i % 10 > 0));
        var slot = Assert.Single(traffic.Read());
        Assert.Equal((100_000, 10_000), (slot.Requests, slot.Failed));
    }

    [Fact]
    public void CallsOlderThanAQuarterOfAnHourAreForgotten()
    {
        var traffic = new EndpointTraffic(_time);
        traffic.Add(_time.GetTimestamp(), isAnswered: true);
        _time.Advance(TimeSpan.FromMinutes(10));
        traffic.Add(_time.GetTimestamp(), isAnswered: true);
        Assert.Equal(2, traffic.Read().Count);
        _time.Advance(TimeSpan.FromMinutes(6));
        Assert.Single(traffic.Read());
    }

    [Fact]
    public void ProcessesAddUpSlotBySlotAndTheSlotThatIsBeingCountedIsLeftOut()
    {
        var (first, second) = (new EndpointTraffic(_time), new EndpointTraffic(_time));
        for (var i = 0; i < 60; i++)
        {
            first.Add(_time.GetTimestamp(), isAnswered: true);
            second.Add(_time.GetTimestamp(), isAnswered: i > 0);
        }
        _time.Advance(TimeSpan.FromSeconds(EndpointTraffic.SlotSeconds));
        first.Add(_time.GetTimestamp(), isAnswered: true);

        var report = new TrafficReport([first.Read(), second.Read(), []], EndpointTraffic.SlotAt(_time.GetUtcNow()));

        Assert.Equal((3, 180), (report.Processes, report.Slots.Count));
        Assert.Equal((120, 1, 24.0), (report.Slots[^1].Requests, report.Slots[^1].Failed, report.Slots[^1].RequestsPerSecond));
        Assert.All(report.Slots.SkipLast(1), slot => Assert.Equal((0, null), (slot.Requests, slot.P50Milliseconds)));
        Assert.Equal((120, 2.0), (report.LastMinute.Requests, report.LastMinute.RequestsPerSecond));
        Assert.Equal(_time.GetUtcNow().UtcDateTime.AddSeconds(-EndpointTraffic.SlotSeconds), report.Slots[^1].From);
    }

    [Fact]
    public void CountingTakesNoMemory()
    {
        var traffic = new EndpointTraffic(_time);
        traffic.Add(_time.GetTimestamp(), isAnswered: true);
        var least = Enumerable.Range(0, 5).Min(_ =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 1000; i++)
                traffic.Add(_time.GetTimestamp(), isAnswered: true);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        });
        Assert.Equal(0, least);
    }
}
