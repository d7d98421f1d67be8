using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using MlService.Metadata;
using MlService.Models;
using MlService.Problems;

namespace MlService.Realtime;

/// <summary>Opens and closes the models' real-time endpoints, and keeps the open ones at hand for the predictions.</summary>
public sealed class RealtimeEndpoints(
    IDbContextFactory<MetadataContext> contexts, ModelCatalog models, TrainedModels trained, TimeProvider time)
{
    // Any process may change a threshold or close an endpoint; the others learn of it by looking at the row this often.
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, Entry> _open = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, EndpointTraffic> _traffic = new(StringComparer.Ordinal);

    /// <summary>Opens a model's endpoint; one that is open stays as it is.</summary>
    /// <exception cref="ProblemException">There is no such model, or it is not completed.</exception>
    public async Task<Tagged<Model>> Open(string id, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var now = time.GetUtcNow().UtcDateTime;
        await context.Models
            .Where(row => row.Id == id && row.Status == ResourceStatus.Completed && row.EndpointCreatedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.EndpointCreatedAt, now).SetProperty(row => row.UpdatedAt, now), cancellation);
        var model = await models.Get(id, cancellation);
        if (model.Row.EndpointCreatedAt is null)
            throw new ProblemException(
                ProblemKind.Conflict,
                model.Row.Status == ResourceStatus.Deleted
                    ? $"The model {id} was deleted. Open an endpoint for another one."
                    : $"The model {id} is {model.Row.Status.ToText()}; its endpoint can be opened once it is COMPLETED.");
        // An endpoint that says it is ready answers its first prediction at once.
        await trained.Get(model.Row);
        return model;
    }

    /// <summary>Closes a model's endpoint, if it is open.</summary>
    /// <exception cref="ProblemException">There is no such model.</exception>
    public async Task<Tagged<Model>> Close(string id, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var now = time.GetUtcNow().UtcDateTime;
        await context.Models.Where(row => row.Id == id && row.EndpointCreatedAt != null)
            .ExecuteUpdateAsync(
                set => set.SetProperty(row => row.EndpointCreatedAt, (DateTime?)null).SetProperty(row => row.UpdatedAt, now), cancellation);
        Forget(id);
        return await models.Get(id, cancellation);
    }

    /// <summary>The open endpoint of a model, as it was at most a second ago.</summary>
    /// <param name="id">The model.</param>
    /// <param name="now">Timestamp of this moment; the caller has looked at the clock already.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="ProblemException">There is no such model, or its endpoint is closed.</exception>
    public ValueTask<Predictor> Find(string id, long now, CancellationToken cancellation)
    {
        if (!_open.TryGetValue(id, out var entry))
            return new ValueTask<Predictor>(Look(id, cancellation));
        // One request in a second looks at the row; the others need not wait for it.
        return time.GetElapsedTime(entry.SeenAt, now) < Freshness || !entry.TryRefresh()
            ? new ValueTask<Predictor>(entry.Predictor)
            : new ValueTask<Predictor>(Look(id, cancellation));
    }

    /// <summary>The calls that this process answered for a model's endpoint since it was opened.</summary>
    public IReadOnlyList<TrafficSlot> TrafficHere(string id) => _traffic.TryGetValue(id, out var traffic) ? traffic.Read() : [];

    private async Task<Predictor> Look(string id, CancellationToken cancellation)
    {
        try
        {
            await using var context = await contexts.CreateDbContextAsync(cancellation);
            var row = await context.Models.AsNoTracking().SingleOrDefaultAsync(model => model.Id == id, cancellation)
                ?? throw ResourceProblems.NotFound(new ResourceKey(ResourceKind.Model, id));
            if (row.EndpointCreatedAt is null || row.Status != ResourceStatus.Completed)
                throw new ProblemException(
                    EndpointProblems.Closed, $"The real-time endpoint of model {id} is not open. Open it first: PUT /v1/models/{id}/endpoint.");
            var predictor = _open.TryGetValue(id, out var known) && known.Predictor.Fits(row)
                ? known.Predictor
                : new Predictor(row, await trained.Get(row), _traffic.GetOrAdd(id, _ => new EndpointTraffic(time)));
            _open[id] = new Entry(predictor, time.GetTimestamp());
            return predictor;
        }
        catch (ProblemException)
        {
            Forget(id);
            throw;
        }
        catch
        {
            _open.TryRemove(id, out _);
            throw;
        }
    }

    private void Forget(string id)
    {
        _open.TryRemove(id, out _);
        _traffic.TryRemove(id, out _);
    }

    private sealed class Entry(Predictor predictor, long seenAt)
    {
        private int _isRefreshing;

        public Predictor Predictor { get; } = predictor;

        public long SeenAt { get; } = seenAt;

        public bool TryRefresh() => Interlocked.Exchange(ref _isRefreshing, 1) == 0;
    }
}
