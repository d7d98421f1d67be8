using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace MlService.Jobs;

/// <summary>Puts jobs and their shards on processes that are workers, evenly. See <see cref="WorkerPlacementDirector"/>.</summary>
[GenerateSerializer, Immutable]
public sealed class WorkerPlacement : PlacementStrategy;

/// <summary>Marks grains that live on workers.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class WorkerPlacementAttribute() : PlacementAttribute(new WorkerPlacement());

/// <summary>
/// Takes the workers in the order of their addresses, and from them number <c>hash(job) mod workers</c>, so that jobs begin at different
/// ones. Where its shards go is the job's decision (<see cref="ShardTeam"/>), which comes along as a hint.
/// </summary>
internal sealed class WorkerPlacementDirector(ClusterMembers members) : IPlacementDirector
{
    /// <inheritdoc/>
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var places = members.Workers.Intersect(context.GetCompatibleSilos(target)).ToList();
        if (places.Count == 0)
            throw new OrleansException("No process of the cluster runs jobs now. Start one whose Role is Worker, or that has no Role.");
        return Task.FromResult(
            IPlacementDirector.GetPlacementHint(target.RequestContextData, [.. places])
            ?? places[Place(target.GrainIdentity.Key.ToString() ?? "", places.Count)]);
    }

    /// <summary>Which of so many workers a job belongs to.</summary>
    /// <param name="key">Of a job <c>{kind}/{id}</c>, of a shard <c>{kind}/{id}/{attempt}/{name}</c>; ids have no slash.</param>
    /// <param name="workers">Number of workers, at least 1.</param>
    public static int Place(string key, int workers)
    {
        var parts = key.Split('/');
        return (int)(Hash($"{parts[0]}/{parts[1]}") % (uint)workers);
    }

    // FNV-1a: the same in every process, as string.GetHashCode is not. https://www.rfc-editor.org/rfc/rfc9923
    private static uint Hash(string text)
    {
        var hash = 2166136261u;
        foreach (var c in text)
            hash = (hash ^ c) * 16777619;
        // Its low bits are weak, and the remainder by a small number of workers takes no others.
        return hash ^ (hash >> 16);
    }
}
