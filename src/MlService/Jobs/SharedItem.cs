namespace MlService.Jobs;

/// <summary>
/// A thing that a job shares with its shards. Within the job's process it goes by reference; to others it goes as bytes, which each
/// process reads once for all of a job's shards that it has.
/// </summary>
/// <typeparam name="T">What is shared; nobody changes it.</typeparam>
[GenerateSerializer, Immutable]
public sealed class SharedItem<T> where T : class
{
    [NonSerialized]
    private T? _value;

    internal SharedItem(string name, int version, T value, Parcel? bytes) => (Name, Version, _value, Bytes) = (name, version, value, bytes);

    /// <summary>The thing; in another process than the job's only once <see cref="ShardScope.Get"/> was called.</summary>
    public T Value
    {
        get => _value ?? throw new InvalidOperationException($"'{Name}' was not opened yet.");
        internal set => _value = value;
    }

    [Id(0)]
    internal string Name { get; private set; }

    /// <summary>Grows each time that the job shares something under the same name; then the old is let go of.</summary>
    [Id(1)]
    internal int Version { get; private set; }

    /// <summary>The thing for other processes; null if the job has all its shards in its own.</summary>
    [Id(2)]
    internal Parcel? Bytes { get; private set; }

    internal bool IsOpen => _value is not null;
}
