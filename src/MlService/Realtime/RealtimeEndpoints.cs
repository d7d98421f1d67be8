using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using MlService.Metadata;
using MlService.Models;
using MlService.Problems;

namespace MlService.Realtime;

/// <summary>
/// Opens and closes the models' real-time endpoints, and keeps the open ones at hand for the predictions, until nobody has asked for a while.
/// </summary>
public sealed class RealtimeEndpoints : IDisposable
{
    // Any process may change a threshold or close an endpoint; the others learn of it by looking at the row this often.
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(500);

    // What is older is not answered from, however long the look takes: a change holds everywhere within a second.
    private static readonly TimeSpan Freshness = TimeSpan.FromMilliseconds(900);

    // As long as traffic tells of, so that nothing is lost with it.
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);

    private readonly IDbContextFactory<MetadataContext> _contexts;
    private readonly ModelCatalog _models;
    private readonly TrainedModels _trained;
    private readonly TimeProvider _time;
    private readonly ITimer _sweep;
    private readonly ConcurrentDictionary<string, Entry> _open = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, EndpointTraffic> _traffic = new(StringComparer.Ordinal);

    /// <summary>Begins with none at hand.</summary>
    public RealtimeEndpoints(IDbContextFactory<MetadataContext> contexts, ModelCatalog models, TrainedModels trained, TimeProvider time)
    {
        (_contexts, _models, _trained, _time) = (contexts, models, trained, time);
        _sweep = time.CreateTimer(_ => DropIdle(), null, SweepInterval, SweepInterval);
    }

    /// <summary>How many endpoints are at hand.</summary>
    internal int AtHand => _open.Count;

    /// <summary>Opens a model's endpoint; one that is open stays as it is.</summary>
    /// <exception cref="ProblemException">There is no such model, or it is not completed.</exception>
    public async Task<Tagged<Model>> Open(string id, CancellationToken cancellation)
    {
        await using var context = await _contexts.CreateDbContextAsync(cancellation);
        var now = _time.GetUtcNow().UtcDateTime;
        await context.Models
            .Where(row => row.Id == id && row.Status == ResourceStatus.Completed && row.EndpointCreatedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.EndpointCreatedAt, now).SetProperty(row => row.UpdatedAt, now), cancellation);
        var model = await _models.Get(id, cancellation);
        if (model.Row.EndpointCreatedAt is null)
            throw new ProblemException(
                ProblemKind.Conflict,
                model.Row.Status == ResourceStatus.Deleted
                    ? $"The model {id} was deleted. Open an endpoint for another one."
                    : $"The model {id} is {model.Row.Status.ToText()}; its endpoint can be opened once it is COMPLETED.");
        // An endpoint that says it is ready answers its first prediction at once.
        await _trained.Get(model.Row);
        return model;
    }

    /// <summary>Closes a model's endpoint, if it is open.</summary>
    /// <exception cref="ProblemException">There is no such model.</exception>
    public async Task<Tagged<Model>> Close(string id, CancellationToken cancellation)
    {
        await using var context = await _contexts.CreateDbContextAsync(cancellation);
        var now = _time.GetUtcNow().UtcDateTime;
        await context.Models.Where(row => row.Id == id && row.EndpointCreatedAt != null)
            .ExecuteUpdateAsync(
                set => set.SetProperty(row => row.EndpointCreatedAt, (DateTime?)null).SetProperty(row => row.UpdatedAt, now), cancellation);
        Forget(id);
        return await _models.Get(id, cancellation);
    }

    /// <summary>The open endpoint of a model, as it was less than a second before a moment, or after it.</summary>
    /// <param name="id">The model.</param>
    /// <param name="now">Timestamp of the moment when it was asked for.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="ProblemException">There is no such model, or its endpoint is closed.</exception>
    public ValueTask<Predictor> Find(string id, long now, CancellationToken cancellation)
    {
        if (!_open.TryGetValue(id, out var entry))
            return new ValueTask<Predictor>(Look(id, cancellation));
        var age = _time.GetElapsedTime(entry.SeenAt, now);
        if (age < LookAgain)
            return new ValueTask<Predictor>(entry.Predictor);
        // One look is for all requests, which wait for it only if they must.
        var next = entry.Next;
        if (age >= Freshness)
            return new ValueTask<Predictor>(FindAfter(next, id, now, cancellation));
        return next.IsCompleted ? new ValueTask<Predictor>(next) : new ValueTask<Predictor>(entry.Predictor);
    }

    /// <summary>The calls that this process answered for a model's endpoint since it was opened.</summary>
    public IReadOnlyList<TrafficSlot> TrafficHere(string id) => _traffic.TryGetValue(id, out var traffic) ? traffic.Read() : [];

    /// <inheritdoc/>
    public void Dispose() => _sweep.Dispose();

    /// <summary>Lets go of endpoints that nobody has called for a while; the next call finds them again.</summary>
    internal void DropIdle()
    {
        foreach (var (id, entry) in _open)
            if (_time.GetElapsedTime(entry.SeenAt) > Idle && _open.TryRemove(KeyValuePair.Create(id, entry)))
                _traffic.TryRemove(id, out _);
    }

    /// <summary>Finds it after a look, which may itself have begun too long ago where the store is slow: then the one after that counts.</summary>
    private async Task<Predictor> FindAfter(Task<Predictor> look, string id, long now, CancellationToken cancellation)
    {
        await look.WaitAsync(cancellation);
        return await Find(id, now, cancellation);
    }

    private async Task<Predictor> Look(string id, CancellationToken cancellation)
    {
        var seenAt = _time.GetTimestamp();
        try
        {
            await using var context = await _contexts.CreateDbContextAsync(cancellation);
            var row = await context.Models.AsNoTracking().SingleOrDefaultAsync(model => model.Id == id, cancellation)
                ?? throw ResourceProblems.NotFound(new ResourceKey(ResourceKind.Model, id));
            if (row.EndpointCreatedAt is null || row.Status != ResourceStatus.Completed)
                throw new ProblemException(
                    EndpointProblems.Closed, $"The real-time endpoint of model {id} is not open. Open it first: PUT /v1/models/{id}/endpoint.");
            var predictor = _open.TryGetValue(id, out var known) && known.Predictor.Fits(row)
                ? known.Predictor
                : new Predictor(row, await _trained.Get(row), _traffic.GetOrAdd(id, _ => new EndpointTraffic(_time)));
            _open[id] = new Entry(predictor, seenAt, () => Look(id, CancellationToken.None));
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

    /// <param name="predictor">Answers the requests.</param>
    /// <param name="seenAt">Timestamp of the moment when the row was like this.</param>
    /// <param name="look">Looks at the row again.</param>
    private sealed class Entry(Predictor predictor, long seenAt, Func<Task<Predictor>> look)
    {
        private readonly Lazy<Task<Predictor>> _next = new(look);

        public Predictor Predictor { get; } = predictor;

        public long SeenAt { get; } = seenAt;

        /// <summary>The next look at the row, which the first who asks begins.</summary>
        public Task<Predictor> Next => _next.Value;
    }
}
