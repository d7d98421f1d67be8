using Microsoft.EntityFrameworkCore;

namespace MlService.Metadata;

/// <summary>Saves what was added to a context.</summary>
internal static class NewRows
{
    /// <summary>
    /// Saves the new rows, all or none, and once: where the answer of the store gets lost, the second try finds those of the first. Their keys
    /// are known beforehand.
    /// </summary>
    /// <exception cref="DbUpdateException">They cannot be saved, for example because others have their keys.</exception>
    public static async Task SaveNew(this MetadataContext context, CancellationToken cancellation)
    {
        try
        {
            await context.SaveChangesAsync(cancellation);
        }
        catch (DbUpdateException)
        {
            if (!await AreThere(context, cancellation))
                throw;
        }
    }

    private static async Task<bool> AreThere(MetadataContext context, CancellationToken cancellation)
    {
        // What a row owns lies in the same row.
        foreach (var added in context.ChangeTracker.Entries().Where(entry => entry.State == EntityState.Added && !entry.Metadata.IsOwned()))
        {
            if (await added.GetDatabaseValuesAsync(cancellation) is not { } stored
                || !stored.Properties.All(property => property.GetValueComparer().Equals(stored[property], added.CurrentValues[property])))
                return false;
        }
        return true;
    }
}
