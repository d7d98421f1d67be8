using System.Globalization;
using System.Text;

namespace MlService.Tests.Chaos;

/// <summary>What was done to the cluster, and how long it took to get over it.</summary>
internal sealed class FaultLog(Action<string> tell)
{
    private readonly Lock _gate = new();
    private readonly List<Entry> _entries = [];

    /// <summary>Faults so far.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _entries.Count;
        }
    }

    /// <summary>Notes a fault that is over.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="jobs">How many jobs it struck.</param>
    /// <param name="recovery">
    /// Time until each of them had gone on: from the fault on if a process was struck, from the server's return if a server was. Null if
    /// they did not in the time that the run gives them.
    /// </param>
    public void Add(FaultKind kind, int jobs, TimeSpan? recovery)
    {
        lock (_gate)
        {
            _entries.Add(new Entry(kind, jobs, recovery));
            tell(string.Create(CultureInfo.InvariantCulture,
                $"{DateTime.UtcNow:HH:mm:ss} {_entries.Count,4} {kind,-14} struck {jobs,2} jobs{(jobs == 0 ? "" : recovery is { } time ? $", gone on after {time.TotalSeconds:0.0} s" : ", NOT gone on")}"));
        }
    }

    /// <summary>Faults whose jobs did not go on.</summary>
    public IReadOnlyList<string> Lasting()
    {
        lock (_gate)
            return [.. _entries.Where(entry => entry.Recovery is null).Select(entry => $"{entry.Kind}: {entry.Jobs} jobs did not go on")];
    }

    /// <summary>A table by kinds: how many there were, how many jobs they struck, seconds to recovery.</summary>
    public string ToTable()
    {
        var text = new StringBuilder("| fault | count | struck jobs | jobs | went on | median s | max s |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n");
        lock (_gate)
        {
            foreach (var kind in _entries.GroupBy(entry => entry.Kind).OrderBy(group => group.Key))
            {
                var hits = kind.Where(entry => entry.Jobs > 0).ToList();
                var seconds = hits.Select(entry => entry.Recovery?.TotalSeconds).OfType<double>().Order().ToList();
                text.AppendLine(CultureInfo.InvariantCulture, $"| {kind.Key} | {kind.Count()} | {hits.Count} | {hits.Sum(entry => entry.Jobs)} | {seconds.Count} | {(
                    seconds.Count > 0 ? seconds[seconds.Count / 2] : 0):0.0} | {(seconds.Count > 0 ? seconds[^1] : 0):0.0} |");
            }
        }
        return text.ToString();
    }

    private sealed record Entry(FaultKind Kind, int Jobs, TimeSpan? Recovery);
}
