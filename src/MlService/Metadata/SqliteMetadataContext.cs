using Microsoft.EntityFrameworkCore;

namespace MlService.Metadata;

/// <summary>The metadata store in a SQLite file, the embedded default; its migrations are in <c>Migrations/Sqlite</c>.</summary>
public sealed class SqliteMetadataContext(DbContextOptions<SqliteMetadataContext> options) : MetadataContext(options)
{
    /// <inheritdoc/>
    /// <remarks>
    /// The caller holds <see cref="Storage.DataDirectory"/>'s lock, so a lock row that is found in the database was left
    /// by a process that died while it migrated.
    /// </remarks>
    public override async Task Migrate(CancellationToken cancellation)
    {
        await Database.ExecuteSqlRawAsync("PRAGMA journal_mode = WAL", cancellation);
        await Database.ExecuteSqlRawAsync("DROP TABLE IF EXISTS \"__EFMigrationsLock\"", cancellation);
        await RequireKnown(cancellation);
        await Database.MigrateAsync(cancellation);
    }
}
