using Microsoft.EntityFrameworkCore;
using MlService.DataSources;
using MlService.Jobs;
using MlService.Metadata;
using MlService.Problems;

namespace MlService.Tests.Metadata;

/// <summary>What lists promise, on a server whose own order of texts is another.</summary>
public sealed class PostgreSqlResourceListTests(PostgreSqlServer server) : ResourceListTests, IAsyncLifetime
{
    private string _connection = "";

    public async ValueTask InitializeAsync() => _connection = await server.NewDatabase();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    // A schema with copies of the two tables is a hundred times as fast as a database, and the properties need many.
    protected override async Task<MetadataContext> OpenEmpty()
    {
        var schema = $"s{Guid.NewGuid():N}";
        await PostgreSqlServer.Execute(_connection,
            $"CREATE SCHEMA {schema}; CREATE TABLE {schema}.data_sources (LIKE public.data_sources INCLUDING ALL)");
        return PostgreSqlServer.Open($"{_connection};Search Path={schema}");
    }
}

/// <summary>What lies in the store, where it is a server.</summary>
public sealed class PostgreSqlMetadataStoreTests(PostgreSqlServer server) : MetadataStoreTests
{
    protected override async Task<Func<MetadataContext>> NewStore(bool isMigrated)
    {
        var connection = await server.NewDatabase(isMigrated);
        return () => PostgreSqlServer.Open(connection);
    }
}

/// <summary>What only a server brings: others who use it at the same time, connections that break, texts that it does not take.</summary>
public class PostgreSqlTests(PostgreSqlServer server)
{
    private static readonly DateTime Now = new(2026, 1, 31, 12, 0, 0, 123, 456, DateTimeKind.Utc);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ProcessesThatStartAtTheSameTimeMigrateOnce()
    {
        var connection = await server.NewDatabase(isMigrated: false);
        await Task.WhenAll(Enumerable.Range(0, 5).Select(async _ =>
        {
            await using var context = PostgreSqlServer.Open(connection);
            await context.Migrate(Cancellation);
        }));
        await using var migrated = PostgreSqlServer.Open(connection);
        Assert.Empty(await migrated.Database.GetPendingMigrationsAsync(Cancellation));
        Assert.Equal(9L, await PostgreSqlServer.Execute(connection, "SELECT count(*) FROM orleansquery"));
        Assert.Equal(0L, await PostgreSqlServer.Execute(connection, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' "
            + "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"));
    }

    [Fact]
    public async Task TextsKeepWhatTheServerCanHoldOfUnicode()
    {
        var connection = await server.NewDatabase();
        await using (var context = PostgreSqlServer.Open(connection))
        {
            context.Add(Row("a", message: "a\0b \uD800 c 😀"));
            await context.SaveChangesAsync(Cancellation);
        }
        await using var fresh = PostgreSqlServer.Open(connection);
        Assert.Equal("a\uFFFDb \uFFFD c 😀", (await fresh.DataSources.SingleAsync(Cancellation)).Message);
        var name = "a\0b";
        Assert.Empty(await fresh.DataSources.Where(r => r.Name == name).ToListAsync(Cancellation));
    }

    [Fact]
    public async Task AStatementIsRepeatedWhenTheServerHasCutItsConnection()
    {
        var connection = $"{await server.NewDatabase()};Maximum Pool Size=4";
        await using var context = PostgreSqlServer.Open(connection);
        context.Add(Row("a"));
        await context.SaveChangesAsync(Cancellation);
        await PostgreSqlServer.Execute(await server.NewDatabase(), $"""
            SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{context.Database.GetDbConnection().Database}'
            """);
        Assert.Equal(1, await context.DataSources.Where(row => row.Id == "a")
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.Name, "b"), Cancellation));
    }

    [Fact]
    public async Task ARowThatAProcessHadLockedWhenItFrozeComesFree()
    {
        var connection = MetadataSetup.PostgreSqlConnection(new ConfigurationBuilder().AddInMemoryCollection(
            [new("ConnectionStrings:Metadata", await server.NewDatabase())]).Build())!;
        await using var frozen = PostgreSqlServer.Open(connection);
        await using var other = PostgreSqlServer.Open(connection);
        frozen.Add(Row("a"));
        await frozen.SaveChangesAsync(Cancellation);
        var row = (await Rows.Find(other, new ResourceKey(ResourceKind.DataSource, "a"), Cancellation))!;
        await using var transaction = await frozen.Database.BeginTransactionAsync(Cancellation);
        await frozen.DataSources.ExecuteUpdateAsync(set => set.SetProperty(r => r.Message, "late"), Cancellation);

        Assert.True(await Rows.Claim(other, row, Now, Cancellation));

        var late = await Assert.ThrowsAnyAsync<Exception>(() => transaction.CommitAsync(Cancellation));
        Assert.True(MetadataOutage.Is(late), late.ToString());
        Assert.Null((await Rows.Find(other, row.Key, Cancellation))!.Message);
    }

    private static DataSource Row(string id, string? message = null) => new()
    {
        Id = id,
        DataLocation = "s3://bucket/data.csv",
        Message = message,
        CreatedAt = Now,
        UpdatedAt = Now,
    };
}
