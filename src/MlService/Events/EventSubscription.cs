using System.Threading.Channels;
using MlService.Metadata;

namespace MlService.Events;

/// <summary>
/// One listener. It keeps the latest state of each resource until it is taken, so a slow listener misses steps on the way
/// but never where a resource ended up, and needs no more memory than there are resources that change.
/// </summary>
public sealed class EventSubscription : IDisposable
{
    private readonly Func<ResourceKey, bool> _filter;
    private readonly Action<EventSubscription> _leave;
    private readonly Lock _gate = new();
    private readonly Dictionary<ResourceKey, Tagged<Resource>> _waiting = [];
    private readonly Dictionary<ResourceKey, DateTime> _known = [];
    private readonly Channel<bool> _signal =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    internal EventSubscription(Func<ResourceKey, bool> filter, Action<EventSubscription> leave)
    {
        _filter = filter;
        _leave = leave;
    }

    /// <summary>Notes a state that the listener knows already; it may have been offered while the listener was told of it.</summary>
    public void Know(Resource row)
    {
        lock (_gate)
        {
            _known[row.Key] = row.UpdatedAt;
            if (_waiting.TryGetValue(row.Key, out var offered) && offered.Row.UpdatedAt <= row.UpdatedAt)
                _waiting.Remove(row.Key);
        }
    }

    /// <summary>Waits until there is something to take.</summary>
    public async Task Wait(CancellationToken cancellation) => await _signal.Reader.ReadAsync(cancellation);

    /// <summary>
    /// Takes what has changed since the last time, in the order of the changes. It may be nothing: a change that is offered between
    /// <see cref="Wait"/> and this is taken at once, and waited for in vain.
    /// </summary>
    public IReadOnlyList<Tagged<Resource>> Take()
    {
        lock (_gate)
        {
            Tagged<Resource>[] taken = [.. _waiting.Values.OrderBy(resource => resource.Row.UpdatedAt)];
            _waiting.Clear();
            return taken;
        }
    }

    /// <summary>Stops listening.</summary>
    public void Dispose() => _leave(this);

    /// <summary>Tells of a resource's state, if it is of interest.</summary>
    internal void Offer(Tagged<Resource> resource)
    {
        if (!_filter(resource.Row.Key))
            return;
        lock (_gate)
        {
            if (_known.TryGetValue(resource.Row.Key, out var last) && resource.Row.UpdatedAt <= last)
                return;
            _waiting[resource.Row.Key] = resource;
        }
        _signal.Writer.TryWrite(true);
    }
}
