using System.Runtime.CompilerServices;

namespace MlService.Storage;

/// <summary>Which objects a caller reaches: all, or single ones and those under prefixes. Requests have it as a feature where it is not all.</summary>
/// <param name="Places">Objects and prefixes; null for everything.</param>
public sealed record ObjectReach(IReadOnlyList<ObjectUri>? Places)
{
    /// <summary>Everything.</summary>
    public static ObjectReach Everything { get; } = new((IReadOnlyList<ObjectUri>?)null);

    /// <summary>Whether an object can be reached, or, of a prefix, all that it names.</summary>
    public bool Covers(ObjectUri uri) => Places is null || Places.Any(place => place.Bucket == uri.Bucket && (place.IsPrefix
        ? uri.Key.StartsWith(place.Key, StringComparison.Ordinal)
        : uri.Key == place.Key));

    /// <summary>Whether anything in a bucket can be reached.</summary>
    public bool Touches(string bucket) => Places is null || Places.Any(place => place.Bucket == bucket);

    /// <summary>Whether a list of the objects whose keys begin with <paramref name="prefix"/> could show any.</summary>
    public bool Touches(string bucket, string prefix) => CoversPrefix(bucket, prefix) || Under(bucket, prefix).Any();

    /// <summary>Lists what can be reached of a bucket, as <see cref="IObjectStore.List"/> lists all of it.</summary>
    /// <exception cref="ObjectNotFoundException">There is no such bucket.</exception>
    public IAsyncEnumerable<ObjectInfo> List(
        IObjectStore store, string bucket, string prefix, string? startAfter, CancellationToken cancellation) =>
        CoversPrefix(bucket, prefix)
            ? store.List(bucket, prefix, startAfter, cancellation)
            : ListPlaces(store, bucket, prefix, startAfter, cancellation);

    private async IAsyncEnumerable<ObjectInfo> ListPlaces(
        IObjectStore store, string bucket, string prefix, string? startAfter, [EnumeratorCancellation] CancellationToken cancellation)
    {
        // In the order of keys, in which a prefix comes right before what it covers: that is not listed twice.
        ObjectReach last = new([]);
        foreach (var place in Under(bucket, prefix).OrderBy(place => place.Key, Utf8Order.Instance))
        {
            if (last.Covers(place))
                continue;
            last = new([place]);
            if (place.IsPrefix)
            {
                await foreach (var info in store.List(bucket, place.Key, startAfter, cancellation))
                    yield return info;
            }
            else if ((startAfter is null || Utf8Order.Compare(place.Key, startAfter) > 0) && await store.Head(place, cancellation) is { } info)
            {
                yield return info;
            }
        }
    }

    private bool CoversPrefix(string bucket, string prefix) => Places is null || Places.Any(
        place => place.Bucket == bucket && place.IsPrefix && prefix.StartsWith(place.Key, StringComparison.Ordinal));

    private IEnumerable<ObjectUri> Under(string bucket, string prefix) =>
        Places!.Where(place => place.Bucket == bucket && place.Key.StartsWith(prefix, StringComparison.Ordinal));
}
