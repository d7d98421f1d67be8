using Orleans.Runtime;

namespace MlService.Jobs;

/// <summary>The processes of the cluster that are up. Each tells its role in its name.</summary>
public sealed class ClusterMembers(IClusterMembershipService membership, ILocalSiloDetails here)
{
    /// <summary>Those that run jobs, in the same order in every process.</summary>
    public IReadOnlyList<SiloAddress> Workers => [.. Up(except: ProcessRole.Api).Order()];

    /// <summary>This process.</summary>
    public SiloAddress Here => here.SiloAddress;

    /// <summary>Those that run jobs, in the same order but beginning with this process.</summary>
    public IReadOnlyList<SiloAddress> WorkersFromHere
    {
        get
        {
            var workers = Workers;
            return [Here, .. workers.Where(worker => worker.CompareTo(Here) > 0), .. workers.Where(worker => worker.CompareTo(Here) < 0)];
        }
    }

    /// <summary>Those that answer calls.</summary>
    public IReadOnlyList<SiloAddress> Answerers => [.. Up(except: ProcessRole.Worker)];

    /// <summary>How many answer calls, this one included.</summary>
    public int Answering => Math.Max(1, Up(except: ProcessRole.Worker).Count());

    /// <summary>A name for a process of the cluster that no other has.</summary>
    public static string NewName(ProcessRole role) => $"{Prefix(role)}{Environment.MachineName}-{Guid.NewGuid():N}";

    private static string Prefix(ProcessRole role) => $"{role.ToString().ToLowerInvariant()}-";

    private IEnumerable<SiloAddress> Up(ProcessRole except)
    {
        var prefix = Prefix(except);
        return membership.CurrentSnapshot.Members.Values
            .Where(member => member.Status == SiloStatus.Active && !member.Name.StartsWith(prefix, StringComparison.Ordinal))
            .Select(member => member.SiloAddress);
    }
}
