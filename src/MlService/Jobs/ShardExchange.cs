using System.Collections.Concurrent;
using MlService.Storage;

namespace MlService.Jobs;

/// <summary>
/// Where a job and those of its shards that are in the same process leave large things for each other (summaries, weights), and where
/// a process keeps what jobs of other processes share with their shards here.
/// </summary>
public sealed class ShardExchange(IObjectStore objects, DataDirectory directory)
{
    private readonly ConcurrentDictionary<string, object> _results = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (int Version, Lazy<object> Value)> _shared = new(StringComparer.Ordinal);

    /// <summary>Leaves a shard's result under its name, in place of what was there.</summary>
    public void Put(string name, object result) => _results[name] = result;

    /// <summary>Takes a result away.</summary>
    /// <exception cref="InvalidOperationException">Nothing lies there: its shard died or the job let go of it.</exception>
    public T Take<T>(string name) => _results.TryRemove(name, out var item)
        ? (T)item
        : throw new InvalidOperationException($"'{name}' is no longer in the exchange.");

    /// <summary>Packs a thing for another process.</summary>
    /// <param name="attempt">Prefix of the attempt's artifacts.</param>
    /// <param name="name">A name within the attempt.</param>
    /// <param name="write">Writes it.</param>
    /// <param name="cancellation">Stops it.</param>
    internal Task<Parcel> Pack(string attempt, string name, Action<Stream> write, CancellationToken cancellation) =>
        Parcel.Pack(objects, new ObjectUri(Artifacts.Bucket, $"{attempt}{Artifacts.ExchangePrefix}{name}"), directory.Scratch, write, cancellation);

    /// <summary>Reads a thing that another process packed.</summary>
    internal Task<T> Open<T>(Parcel parcel, Func<Stream, T> read, CancellationToken cancellation) =>
        parcel.Open(objects, directory.Scratch, read, cancellation);

    /// <summary>Opens what a job shares.</summary>
    internal T Open<T>(string attempt, SharedItem<T> shared, Func<Stream, T> read, CancellationToken cancellation) where T : class
    {
        if (shared.IsOpen)
            return shared.Value;
        var bytes = shared.Bytes
            ?? throw new AttemptInterruptedException($"A shard of {attempt} is in another process than was meant, which '{shared.Name}' was not sent to.");
        var key = attempt + shared.Name;
        Lazy<object> value;
        lock (_shared)
        {
            if (!_shared.TryGetValue(key, out var known) || known.Version != shared.Version)
                // The threads of the shards wait here for the one that reads.
                _shared[key] = known = (shared.Version, new Lazy<object>(() => Open(bytes, read, cancellation).WaitFor(cancellation)));
            value = known.Value;
        }

        try
        {
            return shared.Value = (T)value.Value;
        }
        catch
        {
            // A fault that passes must not be kept.
            lock (_shared)
                if (_shared.TryGetValue(key, out var known) && known.Value == value)
                    _shared.Remove(key);
            throw;
        }
    }

    /// <summary>Lets go of all that an attempt left here.</summary>
    /// <param name="attempt">Prefix of the attempt's artifacts, with which the names begin.</param>
    public void Clear(string attempt)
    {
        foreach (var name in _results.Keys)
            if (name.StartsWith(attempt, StringComparison.Ordinal))
                _results.TryRemove(name, out _);
        lock (_shared)
            foreach (var name in _shared.Keys.Where(name => name.StartsWith(attempt, StringComparison.Ordinal)).ToList())
                _shared.Remove(name);
    }
}
