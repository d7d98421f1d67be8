namespace MlService.Realtime;

/// <summary>
/// How often and how fast one process answered for one endpoint: a ring of the last quarter of an hour. Counting takes no lock, one look at
/// the clock and, but for the first call of each slot, no memory.
/// </summary>
public sealed class EndpointTraffic(TimeProvider time)
{
    /// <summary>Seconds that are counted together. Slots begin at multiples of them in UTC, so that those of several processes add up.</summary>
    public const int SlotSeconds = 5;

    /// <summary>How many slots are told of.</summary>
    public const int Slots = 180;

    private const long SlotTicks = SlotSeconds * TimeSpan.TicksPerSecond;

    // One more than is told of: the one that is being counted.
    private readonly TrafficSlot?[] _ring = new TrafficSlot?[Slots + 1];
    private Present? _present;

    /// <summary>The slot of a moment.</summary>
    public static long SlotAt(DateTimeOffset moment) => moment.UtcTicks / SlotTicks;

    /// <summary>Counts one call.</summary>
    /// <param name="begin">Timestamp of its beginning.</param>
    /// <param name="isAnswered">Whether it ended in a prediction.</param>
    public void Add(long begin, bool isAnswered)
    {
        var end = time.GetTimestamp();
        var present = Volatile.Read(ref _present);
        if (present is null || end >= present.Until)
            Volatile.Write(ref _present, present = Now());
        present.Slot.Add(time.GetElapsedTime(begin, end), isAnswered);
    }

    /// <summary>The slots in which something was called, older first, the present one included.</summary>
    public IReadOnlyList<TrafficSlot> Read()
    {
        var oldest = SlotAt(time.GetUtcNow()) - Slots;
        return [.. _ring.OfType<TrafficSlot>().Where(slot => slot.Number >= oldest).OrderBy(slot => slot.Number)];
    }

    private Present Now()
    {
        var now = time.GetUtcNow();
        var number = SlotAt(now);
        var left = ((number + 1) * SlotTicks - now.UtcTicks) / (double)TimeSpan.TicksPerSecond;
        var until = time.GetTimestamp() + (long)(left * time.TimestampFrequency);
        ref var place = ref _ring[number % _ring.Length];
        for (var slot = Volatile.Read(ref place); ;)
        {
            if (slot?.Number == number)
                return new Present(slot, until);
            var fresh = new TrafficSlot(number);
            var seen = Interlocked.CompareExchange(ref place, fresh, slot);
            if (seen == slot)
                return new Present(fresh, until);
            slot = seen;
        }
    }

    /// <summary>The slot that is being counted, and the timestamp at which it ends.</summary>
    private sealed record Present(TrafficSlot Slot, long Until);
}
