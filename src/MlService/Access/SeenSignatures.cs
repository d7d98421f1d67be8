using Microsoft.EntityFrameworkCore;
using MlService.Metadata;

namespace MlService.Access;

/// <summary>
/// Remembers signed requests that change something, so that a copy of one is not carried out again, by whichever process of a cluster, and
/// after a restart too: the metadata store knows them. A signature has its time to the second and nothing else that is its own: a client that asks
/// for the same twice in a second signs the same, and a connection that broke may bring a request twice. So a copy is one that
/// comes more than <see cref="Grace"/> after the first.
/// </summary>
internal sealed class SeenSignatures(IDbContextFactory<MetadataContext> contexts)
{
    /// <summary>So long the same request is taken again.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    // Twice as long as a signature can be good: the clocks of a cluster differ.
    private static readonly TimeSpan Kept = 2 * PresentedSignature.Window;

    private readonly Interval _cleaning = new(TimeSpan.FromMinutes(1));

    /// <summary>Takes note of a request, unless it is a copy of an earlier one.</summary>
    /// <param name="signature">Its good signature: hexadecimal digits.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>False if it is a copy.</returns>
    /// <exception cref="System.Data.Common.DbException">The store does not answer, so it cannot be told.</exception>
    public async Task<bool> IsNew(string signature, DateTime now, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        if (_cleaning.IsOver(now))
            await context.SeenSignatures.Where(seen => seen.SeenAt < now - Kept).ExecuteDeleteAsync(cancellation);
        // Of several that come at once the key lets one in, and the others wait for it.
        if (await context.Database.ExecuteSqlAsync(
            $"""INSERT INTO seen_signatures ("Signature", "SeenAt") VALUES ({signature}, {now}) ON CONFLICT DO NOTHING""", cancellation) > 0)
            return true;
        var first = await context.SeenSignatures.Where(seen => seen.Signature == signature).Select(seen => (DateTime?)seen.SeenAt).SingleOrDefaultAsync(cancellation);
        return now - first <= Grace;
    }
}
