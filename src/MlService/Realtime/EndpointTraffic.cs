namespace MlService.Realtime;

/// <summary>
/// How often and how fast one process answered for one endpoint: a ring of the last quarter of an hour. Counting takes no lock and, but
/// for the first call of each slot, no memory.
/// </summary>
public sealed class EndpointTraffic(TimeProvider time)
{
    /// <summary>Seconds that are counted together. Slots begin at multiples of them in UTC, so that those of several processes add up.</summary>
    public const int SlotSeconds = 5;

    /// <summary>How many slots there are.</summary>
    public const int Slots = 180;

    // One more than is told of: the one that is being counted.
    private readonly TrafficSlot?[] _ring = new TrafficSlot?[Slots + 1];

    /// <summary>The slot of a moment.</summary>
    public static long SlotAt(DateTimeOffset moment) => moment.UtcTicks / (TimeSpan.TicksPerSecond * SlotSeconds);

    /// <summary>Counts one call.</summary>
    /// <param name="begin">Timestamp of its beginning.</param>
    /// <param name="isAnswered">Whether it ended in a prediction.</param>
    public void Add(long begin, bool isAnswered) => Now().Add(time.GetElapsedTime(begin), isAnswered);

    /// <summary>The slots in which something was called, older first, the present one included.</summary>
    public IReadOnlyList<TrafficSlot> Read()
    {
        var oldest = SlotAt(time.GetUtcNow()) - Slots;
        return [.. _ring.OfType<TrafficSlot>().Where(slot => slot.Number >= oldest).OrderBy(slot => slot.Number)];
    }

    private TrafficSlot Now()
    {
        var number = SlotAt(time.GetUtcNow());
        ref var place = ref _ring[number % _ring.Length];
        for (var slot = Volatile.Read(ref place); ;)
        {
            if (slot?.Number == number)
                return slot;
            var fresh = new TrafficSlot(number);
            var seen = Interlocked.CompareExchange(ref place, fresh, slot);
            if (seen == slot)
                return fresh;
            slot = seen;
        }
    }
}
