namespace MlService.Access;

/// <summary>A time that has to pass between two runs of something that whoever comes by does; many may come at once.</summary>
internal sealed class Interval(TimeSpan length)
{
    private long _next;

    /// <summary>Answers yes at first, and then to one caller whenever the time has passed.</summary>
    public bool IsOver(DateTime now)
    {
        var due = Interlocked.Read(ref _next);
        return now.Ticks >= due && Interlocked.CompareExchange(ref _next, (now + length).Ticks, due) == due;
    }
}
