using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using MlService.Metadata;

namespace MlService.Tags;

/// <summary>Reads the tags of many resources with one statement, and finds resources by their tags.</summary>
internal static class TagQueries
{
    /// <summary>The resources, in their order, with their tags.</summary>
    public static async Task<IReadOnlyList<Tagged<T>>> WithTags<T>(
        this MetadataContext context, IReadOnlyList<T> rows, CancellationToken cancellation) where T : Resource
    {
        if (rows.Count == 0)
            return [];
        var kind = rows[0].Kind;
        var ids = rows.Select(row => row.Id).ToList();
        var tags = await context.Tags.AsNoTracking()
            .Where(tag => tag.ResourceKind == kind && ids.Contains(tag.ResourceId)).ToListAsync(cancellation);
        var byId = tags.ToLookup(tag => tag.ResourceId);
        return [.. rows.Select(row => new Tagged<T>(row, ToMap(byId[row.Id])))];
    }

    /// <summary>Resources that have a tag, given as its key or as <c>key:value</c>.</summary>
    public static Expression<Func<T, bool>> HaveTag<T>(this MetadataContext context, ResourceKind kind, string tag) where T : Resource
    {
        Expression<Func<Tag, bool>> wanted = own => own.Key == tag;
        // Keys and values may have colons themselves, so each may be the one between the two.
        for (var colon = tag.IndexOf(':', StringComparison.Ordinal); colon is >= 0 and <= TagRules.MaxKeyLength; colon = tag.IndexOf(':', colon + 1))
        {
            var (key, value) = (tag[..colon], tag[(colon + 1)..]);
            wanted = wanted.Or(value.Length == 0
                ? own => own.Key == key && (own.Value == null || own.Value == "")
                : own => own.Key == key && own.Value == value);
        }
        var tagged = context.Tags.Where(own => own.ResourceKind == kind).Where(wanted).Select(own => own.ResourceId);
        return row => tagged.Contains(row.Id);
    }

    private static SortedDictionary<string, string?> ToMap(IEnumerable<Tag> tags) =>
        new(tags.ToDictionary(tag => tag.Key, tag => tag.Value), StringComparer.Ordinal);
}
