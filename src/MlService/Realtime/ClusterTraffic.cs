using MlService.Jobs;
using Orleans.Concurrency;
using Orleans.Runtime;
using Orleans.Runtime.Services;
using Orleans.Services;

namespace MlService.Realtime;

/// <summary>Tells of one process what it answered for an endpoint.</summary>
internal interface ITrafficCounter : IGrainService
{
    /// <summary>The calls that this process answered for a model's endpoint.</summary>
    [AlwaysInterleave]
    Task<IReadOnlyList<TrafficSlot>> Read(string modelId);
}

/// <inheritdoc cref="ITrafficCounter"/>
internal sealed class TrafficCounter(
    GrainId id, Silo silo, ILoggerFactory loggers, RealtimeEndpoints endpoints) : GrainService(id, silo, loggers), ITrafficCounter
{
    /// <inheritdoc/>
    public Task<IReadOnlyList<TrafficSlot>> Read(string modelId) => Task.FromResult(endpoints.TrafficHere(modelId));
}

/// <summary>What all processes that answer calls tell of an endpoint, added up.</summary>
public sealed class ClusterTraffic(IServiceProvider services, ClusterMembers members, TimeProvider time)
{
    private readonly Counters _counters = new(services);

    /// <summary>Asks every process. One that does not answer is left out.</summary>
    public async Task<TrafficReport> Read(string modelId)
    {
        var answers = await Task.WhenAll(members.Answerers.Select(process => Ask(process, modelId)));
        return new TrafficReport(answers.OfType<IReadOnlyList<TrafficSlot>>().ToList(), EndpointTraffic.SlotAt(time.GetUtcNow()));
    }

    private async Task<IReadOnlyList<TrafficSlot>?> Ask(SiloAddress process, string modelId)
    {
        try
        {
            return await _counters.At(process).Read(modelId);
        }
        catch (Exception exception) when (exception is SiloUnavailableException or OrleansMessageRejectionException or TimeoutException)
        {
            return null;
        }
    }

    private sealed class Counters(IServiceProvider services) : GrainServiceClient<ITrafficCounter>(services)
    {
        public ITrafficCounter At(SiloAddress process) => GetGrainService(process);
    }
}
