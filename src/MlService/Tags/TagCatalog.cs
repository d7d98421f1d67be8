using Microsoft.EntityFrameworkCore;
using MlService.Metadata;

namespace MlService.Tags;

/// <summary>What can be done with the tags of a resource, whichever face asks for it.</summary>
public sealed class TagCatalog(IDbContextFactory<MetadataContext> contexts)
{
    /// <summary>Reads all tags of a resource.</summary>
    /// <exception cref="Problems.ProblemException">There is no such resource.</exception>
    public async Task<IReadOnlyDictionary<string, string?>> Get(ResourceKey key, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        return (await context.WithTags([await Find(context, key, cancellation)], cancellation))[0].Tags;
    }

    /// <summary>The tags that most resources have, the most frequent first, each as <c>key:value</c>, or as its key where it has no value.</summary>
    /// <param name="count">How many, at most.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<IReadOnlyList<string>> MostUsed(int count, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var used = await context.Tags.GroupBy(tag => new { tag.Key, tag.Value })
            .Select(group => new { group.Key.Key, group.Key.Value, Resources = group.Count() })
            .OrderByDescending(tag => tag.Resources).ThenBy(tag => tag.Key).ThenBy(tag => tag.Value).Take(count).ToListAsync(cancellation);
        return [.. used.Select(tag => string.IsNullOrEmpty(tag.Value) ? tag.Key : $"{tag.Key}:{tag.Value}")];
    }

    /// <summary>Adds tags to a resource; a key that it has gets the new value.</summary>
    /// <returns>All tags afterwards.</returns>
    /// <exception cref="Problems.ProblemException">A tag breaks a rule, there would be too many, or the resource is not there or deleted.</exception>
    public async Task<IReadOnlyDictionary<string, string?>> Put(
        ResourceKey key, IReadOnlyDictionary<string, string?> tags, CancellationToken cancellation)
    {
        TagRules.Check(tags);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        return await context.Database.CreateExecutionStrategy().ExecuteAsync(
            async stop =>
            {
                context.ChangeTracker.Clear();
                return await Put(context, key, tags, stop);
            },
            cancellation);
    }

    /// <summary>Removes tags by their keys; a key that is not there is no error.</summary>
    /// <returns>The tags that remain.</returns>
    /// <exception cref="Problems.ProblemException">The resource is not there or deleted.</exception>
    public async Task<IReadOnlyDictionary<string, string?>> Delete(
        ResourceKey key, IReadOnlyCollection<string> keys, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var row = await FindChangeable(context, key, cancellation);
        await context.Tags.Where(tag => tag.ResourceKind == key.Kind && tag.ResourceId == key.Id && keys.Contains(tag.Key))
            .ExecuteDeleteAsync(cancellation);
        return (await context.WithTags([row], cancellation))[0].Tags;
    }

    private static async Task<IReadOnlyDictionary<string, string?>> Put(
        MetadataContext context, ResourceKey key, IReadOnlyDictionary<string, string?> tags, CancellationToken cancellation)
    {
        // Serializable: two requests at once cannot pass the limit together.
        await using var transaction = await context.Database.BeginTransactionAsync(System.Data.IsolationLevel.Serializable, cancellation);
        var row = await FindChangeable(context, key, cancellation);
        var existing = await context.Tags.Where(tag => tag.ResourceKind == key.Kind && tag.ResourceId == key.Id)
            .ToDictionaryAsync(tag => tag.Key, StringComparer.Ordinal, cancellation);
        foreach (var (name, value) in tags)
        {
            if (existing.TryGetValue(name, out var tag))
                tag.Value = value;
            else
                context.Add(new Tag { ResourceKind = key.Kind, ResourceId = key.Id, Key = name, Value = value });
        }
        TagRules.CheckCount(existing.Keys.Union(tags.Keys, StringComparer.Ordinal).Count());
        await context.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return (await context.WithTags([row], cancellation))[0].Tags;
    }

    private static async Task<Resource> FindChangeable(MetadataContext context, ResourceKey key, CancellationToken cancellation)
    {
        var row = await Find(context, key, cancellation);
        return row.Status != ResourceStatus.Deleted
            ? row
            : throw ResourceProblems.Conflict($"The {key.Kind.ToWords()} {key.Id} was deleted; its tags cannot be changed.");
    }

    private static async Task<Resource> Find(MetadataContext context, ResourceKey key, CancellationToken cancellation) =>
        await context.Resources(key.Kind).AsNoTracking().SingleOrDefaultAsync(row => row.Id == key.Id, cancellation)
        ?? throw ResourceProblems.NotFound(key);
}
