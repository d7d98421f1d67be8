namespace MlService.Realtime;

/// <summary>The calls of a few seconds.</summary>
[GenerateSerializer]
public sealed class TrafficSlot(long number)
{
    [Id(1)]
    private readonly long[] _latencies = new long[LatencyScale.Buckets];

    [Id(2)]
    private long _failed;

    /// <summary>Which seconds: <see cref="EndpointTraffic.SlotSeconds"/> times this, since the year 1 in UTC.</summary>
    [Id(0)]
    public long Number { get; } = number;

    /// <summary>Calls, with those that were not answered.</summary>
    public long Requests => _latencies.Sum();

    /// <summary>Calls that did not end in a prediction.</summary>
    public long Failed => _failed;

    /// <summary>Counts one call, from any thread.</summary>
    public void Add(TimeSpan latency, bool isAnswered)
    {
        Interlocked.Increment(ref _latencies[LatencyScale.Bucket(latency)]);
        if (!isAnswered)
            Interlocked.Increment(ref _failed);
    }

    /// <summary>Adds the calls of another slot.</summary>
    public void Add(TrafficSlot other)
    {
        ArgumentNullException.ThrowIfNull(other);
        _failed += other._failed;
        for (var i = 0; i < _latencies.Length; i++)
            _latencies[i] += other._latencies[i];
    }

    /// <summary>The time within which a share of the calls ended, in milliseconds; null without calls.</summary>
    public double? Milliseconds(double share) => LatencyScale.Quantile(_latencies, share);
}
