using Microsoft.EntityFrameworkCore;
using MlService.Access;
using MlService.Metadata;

namespace MlService.Tests.Access;

/// <summary>Signed requests that come again, to one process or to another one over the same metadata store.</summary>
public abstract class SeenSignaturesTests : IAsyncLifetime, IDbContextFactory<MetadataContext>
{
    private static readonly DateTime Now = new(2026, 1, 31, 12, 0, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData(0, true)]
    [InlineData(5, true)]
    [InlineData(6, false)]
    [InlineData(20 * 60, false)]
    public async Task TheSameComesAtMostFiveSecondsLater(int seconds, bool isNew)
    {
        var (one, other) = (new SeenSignatures(this), new SeenSignatures(this));
        Assert.True(await IsNew(one, 1, 0));
        Assert.Equal(isNew, await IsNew(one, 1, seconds));
        Assert.Equal(isNew, await IsNew(other, 1, seconds));
        Assert.True(await IsNew(other, 2, seconds));
    }

    [Fact]
    public async Task ACopyDoesNotMakeTheTimeLonger()
    {
        var seen = new SeenSignatures(this);
        Assert.True(await IsNew(seen, 1, 0));
        Assert.True(await IsNew(seen, 1, 4));
        Assert.False(await IsNew(seen, 1, 8));
    }

    [Fact]
    public async Task ThoseThatComeAtOnceAreOne()
    {
        Assert.All(await AtOnce(0), Assert.True);
        Assert.All(await AtOnce(60), Assert.False);

        Task<bool[]> AtOnce(int seconds) => Task.WhenAll(Enumerable.Range(0, 8).Select(_ => IsNew(new SeenSignatures(this), 1, seconds)));
    }

    /// <summary>Once its time makes a signature useless, there is no need to know it any more.</summary>
    [Fact]
    public async Task WhatIsTooOldToBeGoodIsForgotten()
    {
        Assert.True(await IsNew(new SeenSignatures(this), 1, 0));
        Assert.True(await IsNew(new SeenSignatures(this), 2, 20 * 60));
        Assert.True(await IsNew(new SeenSignatures(this), 3, 41 * 60));
        await using var context = CreateDbContext();
        Assert.Equal([Signature(2), Signature(3)], await context.SeenSignatures.Select(seen => seen.Signature).Order().ToListAsync(TestContext.Current.CancellationToken));
    }

    public abstract MetadataContext CreateDbContext();

    public abstract ValueTask InitializeAsync();

    public abstract ValueTask DisposeAsync();

    private static Task<bool> IsNew(SeenSignatures seen, int signature, int seconds) =>
        seen.IsNew(Signature(signature), Now.AddSeconds(seconds), TestContext.Current.CancellationToken);

    private static string Signature(int number) => $"{number:x64}";
}

public sealed class SqliteSeenSignaturesTests : SeenSignaturesTests
{
    private readonly string _directory = Directory.CreateTempSubdirectory("mlservice-seen-").FullName;

    public override MetadataContext CreateDbContext() =>
        new SqliteMetadataContext(new DbContextOptionsBuilder<SqliteMetadataContext>().UseSqlite($"Data Source={_directory}/metadata.db;Pooling=false").Options);

    public override async ValueTask InitializeAsync()
    {
        await using var context = CreateDbContext();
        await context.Migrate(TestContext.Current.CancellationToken);
    }

    public override ValueTask DisposeAsync()
    {
        Directory.Delete(_directory, recursive: true);
        return ValueTask.CompletedTask;
    }
}

public sealed class PostgreSqlSeenSignaturesTests(PostgreSqlServer server) : SeenSignaturesTests
{
    private string _connection = "";

    public override MetadataContext CreateDbContext() => PostgreSqlServer.Open(_connection);

    public override async ValueTask InitializeAsync() => _connection = await server.NewDatabase();

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
