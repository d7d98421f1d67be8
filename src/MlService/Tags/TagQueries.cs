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
    public static Expression<Func<T, bool>> HaveTag<T>(this MetadataContext context, ResourceKind kind, string tag) where T : Resource =>
        row => context.Tags.Any(own => own.ResourceKind == kind && own.ResourceId == row.Id && (own.Key == tag || own.Key + ":" + own.Value == tag));

    private static SortedDictionary<string, string?> ToMap(IEnumerable<Tag> tags) =>
        new(tags.ToDictionary(tag => tag.Key, tag => tag.Value), StringComparer.Ordinal);
}
