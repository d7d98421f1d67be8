using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;

namespace MlService.Metadata;

/// <summary>The metadata store on a PostgreSQL server; its migrations are in <c>Migrations/PostgreSql</c>.</summary>
public sealed class PostgreSqlMetadataContext(DbContextOptions<PostgreSqlMetadataContext> options) : MetadataContext(options)
{
    // Any number will do, as long as it is always the same: "mlservice" as digits of a telephone.
    private const long MigrationLock = 657378423;

    /// <inheritdoc/>
    /// <remarks>
    /// The advisory lock belongs to the connection: it ends with the process that holds it, and the others, who waited, find
    /// nothing left to do.
    /// </remarks>
    public override async Task Migrate(CancellationToken cancellation)
    {
        Database.SetCommandTimeout(TimeSpan.FromMinutes(10));
        await Database.OpenConnectionAsync(cancellation);
        try
        {
            await Database.ExecuteSqlAsync($"SELECT pg_advisory_lock({MigrationLock})", cancellation);
            // Made beforehand, lest the first start on an empty database logs an error about its absence.
            await Database.GetService<IHistoryRepository>().CreateIfNotExistsAsync(cancellation);
            await RequireKnown(cancellation);
            await Database.MigrateAsync(cancellation);
            await Database.ExecuteSqlAsync($"SELECT pg_advisory_unlock({MigrationLock})", cancellation);
        }
        finally
        {
            await Database.CloseConnectionAsync();
            Database.SetCommandTimeout((int?)null);
        }
    }

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        // Text sorts byte by byte, as in SQLite and whatever the server's locale: cursors and prefixes rely on it.
        var properties = modelBuilder.Model.GetEntityTypes().SelectMany(type => type.GetProperties());
        foreach (var property in properties.Where(property => StoredType(property) == typeof(string)))
            property.SetCollation("C");
    }

    private static Type StoredType(IReadOnlyProperty property) =>
        property.GetValueConverter()?.ProviderClrType ?? property.GetProviderClrType() ?? property.ClrType;
}
