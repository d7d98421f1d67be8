using System.Linq.Expressions;
using MlService.Learning;
using MlService.Metadata;
using MlService.Storage;

namespace MlService.Access;

/// <summary>
/// What a key is limited to, as patterns. A resource: <c>models/bank-model</c>, or <c>models/bank-*</c> for all whose ids begin so.
/// Data: <c>s3://bucket/key</c> for one object, <c>s3://bucket/prefix/</c> for all whose keys begin so. A database to query:
/// <c>databases/name</c>. A key with limits reaches
/// what one of them names and nothing else; one without reaches everything that its scopes allow.
/// </summary>
public sealed class ResourceLimits
{
    /// <summary>Most patterns of a key.</summary>
    public const int MaxPatterns = 100;

    private const string Forms = "Write models/ID, models/PREFIX* (or datasources, evaluations, batch-predictions), s3://bucket/key, s3://bucket/prefix/ or databases/NAME.";
    private const string DatabasePrefix = "databases/";

    private readonly List<(ResourceKind Kind, string Id, bool IsPrefix)> _resources = [];
    private readonly List<ObjectUri> _data = [];
    private readonly List<string> _databases = [];

    private ResourceLimits(IReadOnlyList<string> patterns)
    {
        Patterns = patterns;
        Objects = Exist ? new ObjectReach(_data) : ObjectReach.Everything;
    }

    /// <summary>No limits.</summary>
    public static ResourceLimits None { get; } = new([]);

    /// <summary>The patterns as they came.</summary>
    public IReadOnlyList<string> Patterns { get; }

    /// <summary>Whether there are any.</summary>
    public bool Exist => Patterns.Count > 0;

    /// <summary>The objects that can be reached.</summary>
    public ObjectReach Objects { get; }

    /// <summary>Reads patterns.</summary>
    /// <exception cref="InvalidInputException">One is none.</exception>
    public static ResourceLimits Parse(IReadOnlyList<string> patterns)
    {
        if (patterns.Count > MaxPatterns)
            throw new InvalidInputException($"A key can be limited by at most {MaxPatterns} patterns, and {patterns.Count} are given. Use prefixes.");
        var limits = new ResourceLimits(patterns);
        foreach (var pattern in patterns)
            limits.Add(pattern ?? "");
        return limits;
    }

    /// <summary>Reads what <see cref="ToText"/> wrote.</summary>
    public static ResourceLimits FromText(string text) =>
        text.Length == 0 ? None : Parse(text.Split('\n'));

    /// <summary>The patterns, one a line.</summary>
    public string ToText() => string.Join('\n', Patterns);

    /// <summary>Whether a resource can be reached.</summary>
    public bool Allow(ResourceKey key) => !Exist || _resources.Exists(known => known.Kind == key.Kind && (known.IsPrefix
        ? key.Id.StartsWith(known.Id, StringComparison.Ordinal)
        : key.Id == known.Id));

    /// <summary>Whether a database can be queried.</summary>
    public bool AllowDatabase(string name) => !Exist || _databases.Contains(name, StringComparer.OrdinalIgnoreCase);

    /// <summary>The condition that a resource of a kind can be reached.</summary>
    public Expression<Func<T, bool>> Within<T>(ResourceKind kind) where T : Resource
    {
        if (!Exist)
            return _ => true;
        var known = _resources.Where(known => known.Kind == kind).ToLookup(known => known.IsPrefix, known => known.Id);
        var ids = known[false].ToList();
        Expression<Func<T, bool>> within = row => ids.Contains(row.Id);
        return known[true].Aggregate(within, (either, prefix) => either.Or(IdField<T>().Matches(Comparator.Prefix, prefix)));
    }

    private static TextField<T> IdField<T>() where T : Resource => new("id", row => row.Id);

    private void Add(string pattern)
    {
        if (pattern.StartsWith("s3://", StringComparison.Ordinal) && !pattern.Contains('\n', StringComparison.Ordinal))
        {
            _data.Add(ObjectUri.Parse(pattern));
            return;
        }
        if (pattern.StartsWith(DatabasePrefix, StringComparison.Ordinal) && ResourceNaming.IsId(pattern[DatabasePrefix.Length..]))
        {
            _databases.Add(pattern[DatabasePrefix.Length..]);
            return;
        }
        var slash = pattern.IndexOf('/', StringComparison.Ordinal);
        foreach (var kind in Enum.GetValues<ResourceKind>())
        {
            if (slash < 0 || !pattern.AsSpan(0, slash).SequenceEqual(kind.ToCollection()))
                continue;
            var id = pattern[(slash + 1)..];
            var isPrefix = id.EndsWith('*');
            var begin = isPrefix ? id[..^1] : id;
            if ((isPrefix && begin.Length == 0) || ResourceNaming.IsId(begin))
            {
                _resources.Add((kind, begin, isPrefix));
                return;
            }
        }
        throw new InvalidInputException($"'{pattern.Shorten()}' is nothing that a key can be limited to. {Forms}");
    }
}
