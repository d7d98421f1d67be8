using System.Globalization;

namespace MlService.Tests.Chaos;

/// <summary>What is done to the cluster while it works. The seed decides the order, the moments and the victims.</summary>
/// <param name="Seed">Of all that is random.</param>
/// <param name="Kills">How often a process is killed: SIGKILL.</param>
/// <param name="Freezes">How often a process is frozen, for longer than the others wait for it: SIGSTOP, then SIGCONT.</param>
/// <param name="Restarts">How often a process is told to end: SIGTERM.</param>
/// <param name="Outages">How often the metadata server is stopped for a while, and how often the object storage is.</param>
/// <param name="Users">How many ask for work, one thing after the other.</param>
internal sealed record ChaosPlan(int Seed, int Kills, int Freezes, int Restarts, int Outages, int Users)
{
    private const string KillsVariable = "MLSERVICE_CHAOS_KILLS";
    private const string SeedVariable = "MLSERVICE_CHAOS_SEED";
    private const string LogsVariable = "MLSERVICE_CHAOS_LOGS";

    private static readonly ChaosPlan Short = new(Seed: 1, Kills: 2, Freezes: 1, Restarts: 1, Outages: 1, Users: 2);

    /// <summary>Directory for what the processes print, a file for each; null where none is wanted.</summary>
    public static string? LogDirectory => Environment.GetEnvironmentVariable(LogsVariable) is { Length: > 0 } directory ? directory : null;

    /// <summary>The short run that belongs to the long proofs of every change, or as long a one as the environment asks for.</summary>
    public static ChaosPlan FromEnvironment() => Read(KillsVariable) is { } kills
        ? new(Read(SeedVariable) ?? Short.Seed, kills, Math.Max(1, kills / 5), Math.Max(1, kills / 10), Math.Max(1, kills / 12), Users: 4)
        : Short with { Seed = Read(SeedVariable) ?? Short.Seed };

    /// <summary>The faults that strike processes, in the order in which they come.</summary>
    public FaultKind[] ProcessFaults() => Shuffled(
        Enumerable.Repeat(FaultKind.Kill, Kills).Concat(Enumerable.Repeat(FaultKind.Freeze, Freezes)).Concat(Enumerable.Repeat(FaultKind.Restart, Restarts)));

    /// <summary>The faults that strike servers, in the order in which they come.</summary>
    public FaultKind[] ServerFaults() => Shuffled(
        Enumerable.Range(0, Outages).SelectMany(index => new[] { index % 2 == 0 ? FaultKind.MetadataCrash : FaultKind.MetadataStop, FaultKind.StorageOutage }));

    private FaultKind[] Shuffled(IEnumerable<FaultKind> faults)
    {
        FaultKind[] all = [.. faults];
        new Random(Seed).Shuffle(all);
        return all;
    }

    private static int? Read(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text
        ? int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture)
        : null;
}
