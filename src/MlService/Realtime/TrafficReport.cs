namespace MlService.Realtime;

/// <summary>The calls of an endpoint in the last quarter of an hour, over all processes.</summary>
public sealed class TrafficReport
{
    private const int SlotsOfAMinute = 60 / EndpointTraffic.SlotSeconds;

    /// <summary>Adds up what processes told.</summary>
    /// <param name="processes">The slots of each.</param>
    /// <param name="present">Number of the slot that is being counted; it is not told of.</param>
    internal TrafficReport(IReadOnlyCollection<IReadOnlyList<TrafficSlot>> processes, long present)
    {
        Processes = processes.Count;
        var slots = Enumerable.Range(0, EndpointTraffic.Slots).Select(i => new TrafficSlot(present - EndpointTraffic.Slots + i)).ToList();
        foreach (var slot in processes.SelectMany(process => process))
            if (slot.Number >= slots[0].Number && slot.Number < present)
                slots[(int)(slot.Number - slots[0].Number)].Add(slot);
        Slots = [.. slots.Select(slot => new TrafficFigures(
            new DateTime(slot.Number * EndpointTraffic.SlotSeconds * TimeSpan.TicksPerSecond, DateTimeKind.Utc), slot, EndpointTraffic.SlotSeconds))];
        var minute = new TrafficSlot(present);
        foreach (var slot in slots.TakeLast(SlotsOfAMinute))
            minute.Add(slot);
        LastMinute = new TrafficFigures(Slots[^SlotsOfAMinute].From, minute, SlotsOfAMinute * EndpointTraffic.SlotSeconds);
    }

    /// <summary>How many processes are counted.</summary>
    public int Processes { get; }

    /// <summary>Seconds of a slot.</summary>
    public int SlotSeconds => EndpointTraffic.SlotSeconds;

    /// <summary>The last full minute.</summary>
    public TrafficFigures LastMinute { get; }

    /// <summary>Slots without gaps, older first; the last is the last full one.</summary>
    public IReadOnlyList<TrafficFigures> Slots { get; }
}

/// <summary>The calls of some seconds. Latencies are from a call's headers to its answer's last byte, in the service's process.</summary>
public sealed record TrafficFigures
{
    internal TrafficFigures(DateTime from, TrafficSlot calls, double seconds)
    {
        (From, Requests, Failed, RequestsPerSecond) = (from, calls.Requests, calls.Failed, calls.Requests / seconds);
        (P50Milliseconds, P90Milliseconds, P99Milliseconds) = (calls.Milliseconds(0.5), calls.Milliseconds(0.9), calls.Milliseconds(0.99));
    }

    /// <summary>When they begin, UTC.</summary>
    public DateTime From { get; }

    /// <summary>Calls, with those that failed.</summary>
    public long Requests { get; }

    /// <summary>Calls that did not end in a prediction.</summary>
    public long Failed { get; }

    /// <summary>Calls a second.</summary>
    public double RequestsPerSecond { get; }

    /// <summary>Half of the calls took no longer; null without calls.</summary>
    public double? P50Milliseconds { get; }

    /// <summary>Nine of ten calls took no longer; null without calls.</summary>
    public double? P90Milliseconds { get; }

    /// <summary>99 of 100 calls took no longer; null without calls.</summary>
    public double? P99Milliseconds { get; }
}
