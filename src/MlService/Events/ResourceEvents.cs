using Microsoft.EntityFrameworkCore;
using MlService.Metadata;
using MlService.Tags;

namespace MlService.Events;

/// <summary>
/// Tells listeners of changed resources. While anyone listens, one loop for all asks the metadata store what has changed,
/// whichever process changed it; while nobody does, nothing runs.
/// </summary>
public sealed partial class ResourceEvents(
    IDbContextFactory<MetadataContext> contexts, TimeProvider time, ILogger<ResourceEvents> logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(300);

    // A row may be written a little later than its own UpdatedAt says, and by a process with a clock of its own.
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(3);

    private readonly Lock _gate = new();
    private readonly List<EventSubscription> _subscriptions = [];

    /// <summary>Begins to listen.</summary>
    /// <param name="filter">Which resources are of interest.</param>
    /// <returns>The subscription; disposing it ends it.</returns>
    public EventSubscription Subscribe(Func<ResourceKey, bool> filter)
    {
        var subscription = new EventSubscription(filter, Leave);
        lock (_gate)
        {
            _subscriptions.Add(subscription);
            if (_subscriptions.Count == 1)
                _ = Task.Run(WatchWhileHeard);
        }
        return subscription;
    }

    private void Leave(EventSubscription subscription)
    {
        lock (_gate)
            _subscriptions.Remove(subscription);
    }

    private async Task WatchWhileHeard()
    {
        var told = new Dictionary<ResourceKey, DateTime>();
        using var timer = new PeriodicTimer(Interval, time);
        // A loop that ends and one that begins may overlap for a moment; listeners then hear the same state twice at worst.
        while (IsHeard())
        {
            try
            {
                await Tell(told);
            }
            catch (Exception exception)
            {
                WatchFailed(logger, exception);
            }
            await timer.WaitForNextTickAsync();
        }
    }

    private bool IsHeard()
    {
        lock (_gate)
            return _subscriptions.Count > 0;
    }

    private async Task Tell(Dictionary<ResourceKey, DateTime> told)
    {
        var since = time.GetUtcNow().UtcDateTime - Overlap;
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
                lock (_gate)
                    _subscriptions.ForEach(subscription => subscription.Offer(resource));
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Could not look for changed resources; trying again")]
    private static partial void WatchFailed(ILogger logger, Exception exception);
}
