using Microsoft.EntityFrameworkCore;
using MlService.Metadata;
using MlService.Tags;

namespace MlService.Events;

/// <summary>
/// Tells listeners of changed resources. While anyone listens, one loop for all asks the metadata store what has changed,
/// whichever process changed it; while nobody does, nothing runs.
/// </summary>
public sealed partial class ResourceEvents(
    IDbContextFactory<MetadataContext> contexts, TimeProvider time, ILogger<ResourceEvents> logger) : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(300);

    // A row may be written a little later than its own UpdatedAt says, and by a process with a clock of its own.
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(3);

    private readonly Lock _gate = new();
    private readonly List<EventSubscription> _subscriptions = [];
    private bool _isWatching;
    private bool _isOver;

    /// <summary>Begins to listen.</summary>
    /// <param name="filter">Which resources are of interest.</param>
    /// <returns>The subscription; disposing it ends it.</returns>
    public EventSubscription Subscribe(Func<ResourceKey, bool> filter)
    {
        var subscription = new EventSubscription(filter, Leave);
        lock (_gate)
        {
            _subscriptions.Add(subscription);
            if (!_isWatching)
            {
                _isWatching = true;
                var since = time.GetUtcNow().UtcDateTime;
                _ = Task.Run(() => WatchWhileHeard(since));
            }
        }
        return subscription;
    }

    /// <summary>Ends with the service, whoever may still listen.</summary>
    public void Dispose()
    {
        lock (_gate)
            _isOver = true;
    }

    private void Leave(EventSubscription subscription)
    {
        lock (_gate)
            _subscriptions.Remove(subscription);
    }

    private async Task WatchWhileHeard(DateTime start)
    {
        var told = new Dictionary<ResourceKey, DateTime>();
        var isFirst = true;
        var looked = start;
        using var timer = new PeriodicTimer(Interval, time);
        while (GoesOn())
        {
            try
            {
                // From the last look that succeeded: the store may have been away since, or this process frozen.
                var now = time.GetUtcNow().UtcDateTime;
                await Tell(told, looked - Overlap, isFirst ? start : DateTime.MinValue);
                (looked, isFirst) = (now, false);
            }
            catch (Exception exception)
            {
                WatchFailed(logger, exception);
            }
            await timer.WaitForNextTickAsync();
        }
    }

    // Decided together with who listens, so that there is never a second loop, and never none while someone listens.
    private bool GoesOn()
    {
        lock (_gate)
            return _isWatching = !_isOver && _subscriptions.Count > 0;
    }

    /// <param name="told">Which state of which resource listeners have heard of.</param>
    /// <param name="since">What is older was told before.</param>
    /// <param name="start">What is found to be older was there before anyone listened, and is no news.</param>
    private async Task Tell(Dictionary<ResourceKey, DateTime> told, DateTime since, DateTime start)
    {
        foreach (var key in told.Where(entry => entry.Value < since).Select(entry => entry.Key).ToList())
            told.Remove(key);

        await using var context = await contexts.CreateDbContextAsync();
        foreach (var kind in Enum.GetValues<ResourceKind>())
        {
            var changed = await context.Resources(kind).AsNoTracking().Where(row => row.UpdatedAt >= since)
                .OrderBy(row => row.UpdatedAt).ToListAsync();
            changed.RemoveAll(row => told.TryGetValue(row.Key, out var last) && last == row.UpdatedAt);
            foreach (var resource in await context.WithTags(changed, CancellationToken.None))
            {
                told[resource.Row.Key] = resource.Row.UpdatedAt;
                if (resource.Row.UpdatedAt < start)
                    continue;
                lock (_gate)
                    _subscriptions.ForEach(subscription => subscription.Offer(resource));
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Could not look for changed resources; trying again")]
    private static partial void WatchFailed(ILogger logger, Exception exception);
}
