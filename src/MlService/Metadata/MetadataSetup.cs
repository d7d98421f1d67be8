using MlService.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace MlService.Metadata;

/// <summary>Registers the metadata store and brings its tables up to date at start.</summary>
public static class MetadataSetup
{
    /// <summary>Adds the metadata store: SQLite in the data directory.</summary>
    public static IServiceCollection AddMetadata(this IServiceCollection services, DataDirectory directory)
    {
        var connection = new SqliteConnectionStringBuilder
        {
            DataSource = Path.Combine(directory.Root, "metadata.db"),
            DefaultTimeout = 30,
        }.ToString();
        services.AddPooledDbContextFactory<SqliteMetadataContext>(options => options.UseSqlite(connection));
        services.AddSingleton<IDbContextFactory<MetadataContext>, SqliteContexts>();
        return services;
    }

    /// <summary>
    /// Applies pending migrations. The caller holds <see cref="DataDirectory"/>'s lock, so a lock row that is found
    /// in the database was left by a process that died while it migrated.
    /// </summary>
    public static async Task MigrateMetadata(this IServiceProvider services, CancellationToken cancellation)
    {
        var contexts = services.GetRequiredService<IDbContextFactory<MetadataContext>>();
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        await context.Database.ExecuteSqlRawAsync("PRAGMA journal_mode = WAL", cancellation);
        await context.Database.ExecuteSqlRawAsync("DROP TABLE IF EXISTS \"__EFMigrationsLock\"", cancellation);
        await context.Database.MigrateAsync(cancellation);
    }

    /// <summary>Whether the store lacks tables that this version has.</summary>
    public static async Task<bool> NeedsMigration(this IServiceProvider services, CancellationToken cancellation)
    {
        await using var context = await services.GetRequiredService<IDbContextFactory<MetadataContext>>().CreateDbContextAsync(cancellation);
        return (await context.Database.GetPendingMigrationsAsync(cancellation)).Any();
    }

    /// <summary>Lets the rest of the service ask for a context without knowing which database is behind it.</summary>
    private sealed class SqliteContexts(IDbContextFactory<SqliteMetadataContext> inner) : IDbContextFactory<MetadataContext>
    {
        public MetadataContext CreateDbContext() => inner.CreateDbContext();

        public async Task<MetadataContext> CreateDbContextAsync(CancellationToken cancellationToken) =>
            await inner.CreateDbContextAsync(cancellationToken);
    }
}

/// <summary>Gives <c>dotnet ef migrations add</c> a context without starting the service.</summary>
internal sealed class SqliteDesignTimeFactory : IDesignTimeDbContextFactory<SqliteMetadataContext>
{
    public SqliteMetadataContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<SqliteMetadataContext>().UseSqlite("Data Source=design.db").Options);
}
