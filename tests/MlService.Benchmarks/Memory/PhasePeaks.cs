using System.Globalization;

namespace MlService.Benchmarks.Memory;

/// <summary>The most memory that this process takes in each phase of its work, told on standard error. Linux only.</summary>
internal sealed class PhasePeaks
{
    private readonly Lock _lock = new();
    private string? _phase;

    /// <summary>The highest peak of the phases that have ended, in MiB.</summary>
    public double Highest { get; private set; }

    /// <summary>Begins a phase, if it is another than the present one, and ends that; null only ends it. For any thread.</summary>
    public void Begin(string? phase)
    {
        lock (_lock)
        {
            if (phase == _phase)
                return;
            if (_phase is not null)
                End(_phase);
            _phase = phase;
        }
    }

    private void End(string phase)
    {
        var peak = Status("VmHWM:");
        Highest = Math.Max(Highest, peak);
        Console.Error.WriteLine(FormattableString.Invariant(
            $"{phase,12} peak {peak,5:F0} MiB, then {Status("VmRSS:"),5:F0}, anonymous {Status("RssAnon:"),5:F0}, managed objects {GC.GetTotalMemory(false) / 1048576.0,5:F0}; collections {GC.CollectionCount(0)}/{GC.CollectionCount(1)}/{GC.CollectionCount(2)}"));
        // The kernel's peak starts anew from what is held now.
        File.WriteAllText("/proc/self/clear_refs", "5");
    }

    private static double Status(string name)
    {
        var line = File.ReadLines("/proc/self/status").Single(line => line.StartsWith(name, StringComparison.Ordinal));
        return double.Parse(line.Split(':')[1].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) / 1024;
    }
}
