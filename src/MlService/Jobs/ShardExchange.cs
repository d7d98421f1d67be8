using System.Collections.Concurrent;

namespace MlService.Jobs;

/// <summary>
/// Where the shards of a job and the job itself leave large things for each other: summaries, vocabularies, weights.
/// In one process they go by reference; grain messages carry only names.
/// </summary>
public sealed class ShardExchange
{
    private readonly ConcurrentDictionary<string, object> _items = new(StringComparer.Ordinal);

    /// <summary>Leaves a thing under a name, in place of what was there.</summary>
    public void Put(string name, object item) => _items[name] = item;

    /// <summary>Looks at what lies under a name.</summary>
    /// <exception cref="InvalidOperationException">Nothing lies there: its shard died or the job let go of it.</exception>
    public T Get<T>(string name) => _items.TryGetValue(name, out var item)
        ? (T)item
        : throw new InvalidOperationException($"'{name}' is no longer in the exchange.");

    /// <summary>Takes what lies under a name away.</summary>
    /// <exception cref="InvalidOperationException">Nothing lies there: its shard died or the job let go of it.</exception>
    public T Take<T>(string name) => _items.TryRemove(name, out var item)
        ? (T)item
        : throw new InvalidOperationException($"'{name}' is no longer in the exchange.");

    /// <summary>Lets go of all that lies under names with this beginning.</summary>
    public void Clear(string prefix)
    {
        foreach (var name in _items.Keys)
            if (name.StartsWith(prefix, StringComparison.Ordinal))
                _items.TryRemove(name, out _);
    }
}
