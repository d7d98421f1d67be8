using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using MlService.Metadata;

namespace MlService.Access;

/// <summary>
/// The log of changes. An entry is written before its change is begun and completed when it has ended, so no change comes about
/// without one: if the entry cannot be written, the change is not made.
/// </summary>
public sealed class AuditLog(IDbContextFactory<MetadataContext> contexts, IOptions<AccessOptions> options, TimeProvider time)
{
    /// <summary>Largest page of a list, and the default.</summary>
    public const int MaxLimit = 100;

    private readonly Interval _purging = new(TimeSpan.FromHours(1));

    /// <summary>Notes that a change was asked for.</summary>
    /// <returns>The entry's id.</returns>
    public async Task<long> Begin(string who, string action, string target, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var at = Now;
        long? written = null;
        var id = await context.Database.CreateExecutionStrategy().ExecuteAsync(
            async stop =>
            {
                context.ChangeTracker.Clear();
                // The answer to an earlier try may have been lost; ids are not given out again.
                if (written is { } earlier && await context.AuditEntries.AnyAsync(entry => entry.Id == earlier, stop))
                    return earlier;
                await using var transaction = await context.Database.BeginTransactionAsync(stop);
                var entry = new AuditEntry { At = at, Who = who, Action = Cut(action), Target = Cut(target) };
                context.Add(entry);
                await context.SaveChangesAsync(stop);
                written = entry.Id;
                await transaction.CommitAsync(stop);
                return entry.Id;
            },
            cancellation);
        await Purge(context, cancellation);
        return id;
    }

    /// <summary>Notes how a change ended.</summary>
    public async Task End(long id, string target, int status)
    {
        var shown = Cut(target);
        await using var context = await contexts.CreateDbContextAsync();
        await context.AuditEntries.Where(entry => entry.Id == id)
            .ExecuteUpdateAsync(set => set.SetProperty(entry => entry.Target, shown).SetProperty(entry => entry.Status, status));
    }

    /// <summary>Notes a change that has come about outside of HTTP.</summary>
    public async Task Note(string who, string action, string target, CancellationToken cancellation) =>
        await End(await Begin(who, action, target, cancellation), target, StatusCodes.Status200OK);

    /// <summary>Lists entries, newest first.</summary>
    /// <param name="who">Only what this key did; null for all.</param>
    /// <param name="limit">Size of the page.</param>
    /// <param name="cursor">The <c>nextCursor</c> of the page before; null for the first page.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="Problems.ProblemException">The limit is out of range, or the cursor is none.</exception>
    public async Task<ResourcePage<AuditEntry>> List(string? who, int limit, string? cursor, CancellationToken cancellation)
    {
        if (limit is < 1 or > MaxLimit)
            throw ResourceProblems.Invalid("limit", $"limit {limit} is out of range: a page has 1 to {MaxLimit} items.");
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var entries = context.AuditEntries.AsNoTracking();
        if (who is not null)
            entries = entries.Where(entry => entry.Who == who);
        if (cursor is not null)
        {
            if (!long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var last))
                throw ResourceProblems.Invalid("cursor", "cursor is not one that this list has given out. Pass nextCursor of the page before.");
            entries = entries.Where(entry => entry.Id < last);
        }
        var items = await entries.OrderByDescending(entry => entry.Id).Take(limit + 1).ToListAsync(cancellation);
        if (items.Count <= limit)
            return new ResourcePage<AuditEntry>(items, null);
        items.RemoveAt(limit);
        return new ResourcePage<AuditEntry>(items, items[^1].Id.ToString(CultureInfo.InvariantCulture));
    }

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    private async Task Purge(MetadataContext context, CancellationToken cancellation)
    {
        var now = Now;
        if (options.Value.AuditDays <= 0 || !_purging.IsOver(now))
            return;
        var oldest = now.AddDays(-options.Value.AuditDays);
        await context.AuditEntries.Where(entry => entry.At < oldest).ExecuteDeleteAsync(cancellation);
    }

    private static string Cut(string text) => text.Length <= AuditEntry.MaxTextLength ? text : text[..(AuditEntry.MaxTextLength - 1)] + "…";
}
