using System.Globalization;
using System.Text;

namespace MlService.Tests.Chaos;

/// <summary>What was done to the cluster, and how long it took to get over it.</summary>
internal sealed class FaultLog(Action<string> tell)
{
    // So long it may take until a process that was struck is noticed, and another in its place.
    private static readonly TimeSpan Aftermath = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly List<Fault> _faults = [];

    /// <summary>Notes a fault that is over.</summary>
    public void Add(Fault fault)
    {
        lock (_gate)
        {
            _faults.Add(fault);
            var recovery = fault.Jobs == 0 ? "" : fault.Recovery is { } time ? $", gone on after {Seconds(time)} s" : ", NOT gone on";
            tell(string.Create(CultureInfo.InvariantCulture, $"{_faults.Count,4} {fault.Start:HH:mm:ss} {fault.Kind,-14} struck {fault.Jobs,2} jobs{recovery}"));
        }
    }

    /// <summary>Faults whose jobs did not go on.</summary>
    public IReadOnlyList<string> Lasting()
    {
        lock (_gate)
            return [.. _faults.Where(fault => fault.Recovery is null).Select(fault => $"{fault.Kind}: {fault.Jobs} jobs did not go on")];
    }

    /// <summary>A table by kinds: how many there were, how many of them struck jobs, seconds until all these jobs had gone on.</summary>
    public string ToTable()
    {
        var text = new StringBuilder("| fault | count | struck jobs | jobs struck | all went on | median s | max s | alone | median s | max s |\n"
            + "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
        lock (_gate)
        {
            foreach (var kind in _faults.GroupBy(fault => fault.Kind).OrderBy(group => group.Key))
            {
                var hits = kind.Where(fault => fault.Jobs > 0).ToList();
                text.AppendLine(CultureInfo.InvariantCulture, $"| {kind.Key} | {kind.Count()} | {hits.Count} | {hits.Sum(fault => fault.Jobs)} | {Figures(hits)} | {Figures([.. hits.Where(IsAlone)])} |");
            }
        }
        return text.ToString();
    }

    /// <summary>Whether no other fault began shortly before this one, or before it was over.</summary>
    private bool IsAlone(Fault fault) => !_faults.Any(other => other != fault
        && other.Start > fault.Start - Aftermath && other.Start < fault.Start + (fault.Duration + fault.Recovery ?? Aftermath));

    private static string Figures(IReadOnlyCollection<Fault> hits)
    {
        var times = hits.Select(fault => fault.Recovery).OfType<TimeSpan>().Order().ToList();
        return times.Count == 0 ? "0 | | " : $"{times.Count} | {Seconds(times[times.Count / 2])} | {Seconds(times[^1])}";
    }

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
}

/// <summary>A fault that is over.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Start">When it struck.</param>
/// <param name="Duration">How long a server was away; zero if it struck a process.</param>
/// <param name="Jobs">How many jobs it struck: those of the process, or all that were at work when a server went away.</param>
/// <param name="Recovery">
/// Time until each of them had gone on: from the fault on if a process was struck, from the server's return if a server was. Null if
/// they did not in the time that the run gives them.
/// </param>
internal sealed record Fault(FaultKind Kind, DateTime Start, TimeSpan Duration, int Jobs, TimeSpan? Recovery);
