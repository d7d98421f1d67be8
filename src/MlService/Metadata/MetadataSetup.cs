using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using MlService.Learning;
using MlService.Storage;
using Npgsql;

namespace MlService.Metadata;

/// <summary>Registers the metadata store that the configuration asks for, and brings its tables up to date at start.</summary>
public static class MetadataSetup
{
    /// <summary>Name of the connection string that puts the metadata into PostgreSQL.</summary>
    public const string ConnectionName = "Metadata";

    // Several processes share the server's connections, of which PostgreSQL has 100 unless told otherwise.
    private const int ConnectionsPerProcess = 30;

    // A frozen process counts as dead after some six seconds.
    private const int IdleInTransactionMilliseconds = 5000;
    private const string IdleTimeout = "idle_in_transaction_session_timeout";

    /// <summary>Adds the metadata store: PostgreSQL if <c>ConnectionStrings:Metadata</c> is set, else SQLite in the data directory.</summary>
    /// <exception cref="InvalidInputException">The connection string cannot be read.</exception>
    public static IServiceCollection AddMetadata(
        this IServiceCollection services, IConfiguration configuration, DataDirectory directory)
    {
        if (PostgreSqlConnection(configuration) is { } server)
        {
            services.AddPooledDbContextFactory<PostgreSqlMetadataContext>(options => options.UseMetadataServer(server));
            return services.AddSingleton<IDbContextFactory<MetadataContext>, Contexts<PostgreSqlMetadataContext>>();
        }

        var file = new SqliteConnectionStringBuilder
        {
            DataSource = Path.Combine(directory.Root, "metadata.db"),
            DefaultTimeout = 30,
        }.ToString();
        services.AddPooledDbContextFactory<SqliteMetadataContext>(options => options.UseSqlite(file));
        return services.AddSingleton<IDbContextFactory<MetadataContext>, Contexts<SqliteMetadataContext>>();
    }

    /// <summary>The connection string of the PostgreSQL server that the configuration names; null if it names none.</summary>
    /// <exception cref="InvalidInputException">The connection string cannot be read.</exception>
    public static string? PostgreSqlConnection(IConfiguration configuration)
    {
        if (configuration.GetConnectionString(ConnectionName) is not { } text || string.IsNullOrWhiteSpace(text))
            return null;
        try
        {
            var connection = new NpgsqlConnectionStringBuilder(text);
            connection.ApplicationName ??= "mlservice";
            // Without this, a connection whose server has vanished is noticed only after minutes.
            if (connection.KeepAlive == 0)
                connection.KeepAlive = 10;
            if (!connection.ContainsKey("Maximum Pool Size"))
                connection.MaxPoolSize = ConnectionsPerProcess;
            // A process that freezes amid a transaction would keep its rows locked, and nobody could take its jobs over.
            if (connection.Options?.Contains(IdleTimeout, StringComparison.Ordinal) != true)
                connection.Options = $"{connection.Options} -c {IdleTimeout}={IdleInTransactionMilliseconds}".TrimStart();
            return connection.ConnectionString;
        }
        catch (ArgumentException exception)
        {
            throw new InvalidInputException(
                $"ConnectionStrings:{ConnectionName} cannot be read: {exception.Message} It looks like "
                + "'Host=db;Database=mlservice;Username=mlservice;Password=...'.", exception);
        }
    }

    /// <summary>Makes a context use a PostgreSQL server, in this service's way.</summary>
    public static DbContextOptionsBuilder UseMetadataServer(this DbContextOptionsBuilder options, string connection) => options
        .UseNpgsql(connection, server => server.ExecutionStrategy(dependencies => new StatementRetry(dependencies)))
        .AddInterceptors(StorableText.Instance);

    /// <summary>Applies pending migrations, once, however many processes start on the store at the same time.</summary>
    /// <exception cref="InvalidInputException">The store cannot be reached.</exception>
    public static async Task MigrateMetadata(this IServiceProvider services, CancellationToken cancellation)
    {
        var contexts = services.GetRequiredService<IDbContextFactory<MetadataContext>>();
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        try
        {
            await context.Migrate(cancellation);
        }
        catch (Exception exception) when (exception is DbException or Microsoft.EntityFrameworkCore.Storage.RetryLimitExceededException)
        {
            throw new InvalidInputException(
                $"The metadata store cannot be brought up to date: {(exception.InnerException ?? exception).Message} "
                + $"If ConnectionStrings:{ConnectionName} is set, its server must run and its database and user exist.", exception);
        }
    }

    /// <summary>Whether the store lacks tables that this version has.</summary>
    public static async Task<bool> NeedsMigration(this IServiceProvider services, CancellationToken cancellation)
    {
        await using var context = await services.GetRequiredService<IDbContextFactory<MetadataContext>>().CreateDbContextAsync(cancellation);
        return (await context.Database.GetPendingMigrationsAsync(cancellation)).Any();
    }

    /// <summary>Lets the rest of the service ask for a context without knowing which database is behind it.</summary>
    private sealed class Contexts<T>(IDbContextFactory<T> inner) : IDbContextFactory<MetadataContext> where T : MetadataContext
    {
        public MetadataContext CreateDbContext() => inner.CreateDbContext();

        public async Task<MetadataContext> CreateDbContextAsync(CancellationToken cancellationToken) =>
            await inner.CreateDbContextAsync(cancellationToken);
    }
}

/// <summary>Gives <c>dotnet ef migrations add --context SqliteMetadataContext</c> a context without starting the service.</summary>
internal sealed class SqliteDesignTimeFactory : IDesignTimeDbContextFactory<SqliteMetadataContext>
{
    public SqliteMetadataContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<SqliteMetadataContext>().UseSqlite("Data Source=design.db").Options);
}

/// <summary>Gives <c>dotnet ef migrations add --context PostgreSqlMetadataContext</c> a context without starting the service.</summary>
internal sealed class PostgreSqlDesignTimeFactory : IDesignTimeDbContextFactory<PostgreSqlMetadataContext>
{
    public PostgreSqlMetadataContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<PostgreSqlMetadataContext>().UseNpgsql("Host=localhost").Options);
}
