using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using MlService.DataSources;
using MlService.Evaluations;
using MlService.Jobs;
using MlService.Learning;
using MlService.Metadata;
using MlService.Models;
using MlService.Tags;

namespace MlService.Tests.Metadata;

/// <summary>What the job engine and upgrades ask of every database; each database has a class that inherits this.</summary>
public abstract class MetadataStoreTests
{
    private static readonly DateTime Now = new(2026, 1, 31, 12, 0, 0, 123, 456, DateTimeKind.Utc);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Makes a store, and what opens it.</summary>
    /// <param name="isMigrated">Whether the service's tables are to be in it.</param>
    protected abstract Task<Func<MetadataContext>> NewStore(bool isMigrated = true);

    [Fact]
    public async Task TimesKeepTheirMicrosecondsAndTextsTheirCharacters()
    {
        var open = await NewStore();
        await Save(open, Row("a", message: "\u0007 é 😀"));
        await using var context = open();
        var row = await context.DataSources.SingleAsync(Cancellation);
        Assert.Equal(Now, row.CreatedAt);
        Assert.Equal(DateTimeKind.Utc, row.CreatedAt.Kind);
        Assert.Equal("\u0007 é 😀", row.Message);
    }

    [Fact]
    public async Task OfTwoAttemptsOneClaimsTheRowAndTheOtherWritesNothing()
    {
        var open = await NewStore();
        await Save(open, Row("a"));
        await using var first = open();
        await using var second = open();
        var key = new ResourceKey(ResourceKind.DataSource, "a");
        var rows = new[] { (await Rows.Find(first, key, Cancellation))!, (await Rows.Find(second, key, Cancellation))! };

        var claims = await Task.WhenAll(Rows.Claim(first, rows[0], Now, Cancellation), Rows.Claim(second, rows[1], Now, Cancellation));
        Assert.Single(claims, claimed => claimed);

        Assert.True(await Rows.Claim(first, (await Rows.Find(first, key, Cancellation))!, Now, Cancellation));
        Assert.False(await Rows.WriteProgress(first, key, 1, new JobProgress { Phase = "late" }, Now, Cancellation));
        Assert.True(await Rows.WriteProgress(first, key, 2, new JobProgress { Phase = "reading" }, Now, Cancellation));
        Assert.False(await Rows.Fail(first, key, 1, "late", Now, Cancellation));
        Assert.Equal("reading", (await Rows.Find(first, key, Cancellation))!.Progress.Phase);
        Assert.True(await Rows.Fail(first, key, 2, "Mend the data.", Now, Cancellation));
        Assert.False(await Rows.Claim(second, (await Rows.Find(second, key, Cancellation))!, Now, Cancellation));
    }

    [Fact]
    public async Task AJobThatIsToStopHearsOfItWhereItWritesItsProgress()
    {
        var open = await NewStore();
        var row = Row("a");
        (row.Status, row.Attempt, row.CancelRequested) = (ResourceStatus.InProgress, 1, true);
        await Save(open, row);
        await using var context = open();
        Assert.False(await Rows.WriteProgress(context, row.Key, 1, new JobProgress(), Now, Cancellation));
        Assert.False(await Rows.Claim(context, (await Rows.Find(context, row.Key, Cancellation))!, Now, Cancellation));
    }

    [Fact]
    public async Task AJobWakesThoseThatWaitForItAndNoOthers()
    {
        var open = await NewStore();
        await Save(open, Row("a"), Row("b"), Model("on-a", "a"), Model("on-b", "b"), Evaluation("of-a", "on-b", "a"), Evaluation("of-b", "on-a", "b"));
        await Save(open, Model("done", "a", ResourceStatus.Completed));
        await using var context = open();
        Assert.Equal(["Evaluation/of-a", "Model/on-a"], await Woken(ResourceKind.DataSource, "a"));
        Assert.Equal(["Evaluation/of-b"], await Woken(ResourceKind.Model, "on-a"));
        Assert.Empty(await Woken(ResourceKind.Evaluation, "of-a"));

        async Task<IEnumerable<string>> Woken(ResourceKind kind, string id) =>
            (await Rows.Dependents(context, new ResourceKey(kind, id), Cancellation)).Select(key => key.ToString()).Order(StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("team", "a b c")]
    [InlineData("team:growth", "a")]
    [InlineData("team:", "c")]
    [InlineData("team:gro", "")]
    [InlineData("a:b:c", "d e f")]
    [InlineData("a:b", "e g")]
    [InlineData("Team", "")]
    public async Task ATagIsFoundByItsKeyOrByKeyAndValueWhereverTheirColonsAre(string tag, string found)
    {
        var open = await NewStore();
        (string Id, string Key, string? Value)[] tags =
        [
            ("a", "team", "growth"), ("b", "team", "risk"), ("c", "team", null), ("d", "a:b:c", "x"), ("e", "a:b", "c"), ("f", "a", "b:c"), ("g", "a", "b"),
        ];
        await Save(open, [.. tags.Select(own => Row(own.Id))]);
        await Save(open, [.. tags.Select(own => new Tag { ResourceKind = ResourceKind.DataSource, ResourceId = own.Id, Key = own.Key, Value = own.Value })]);
        await Save(open, new Tag { ResourceKind = ResourceKind.Model, ResourceId = "b", Key = "team", Value = "growth" });
        await using var context = open();
        var rows = context.DataSources.Where(context.HaveTag<DataSource>(ResourceKind.DataSource, tag));
        Assert.Equal(found, string.Join(' ', await rows.OrderBy(row => row.Id).Select(row => row.Id).ToListAsync(Cancellation)));
        // As long as an address may be, and nothing but colons.
        Assert.Empty(await context.DataSources.Where(context.HaveTag<DataSource>(ResourceKind.DataSource, new string(':', 8000))).ToListAsync(Cancellation));
    }

    [Fact]
    public async Task NewRowsAreSavedOnceAndNoOthersAreTakenForThem()
    {
        var open = await NewStore();
        await Save(open, Row("a", name: "first"));
        await using (var context = open())
        {
            context.Add(Row("a", name: "first"));
            await context.SaveNew(Cancellation); // as the second try of one whose answer was lost
        }
        await using (var context = open())
        {
            context.AddRange(Row("a", name: "first"), Row("b"));
            await Assert.ThrowsAsync<DbUpdateException>(() => context.SaveNew(Cancellation));
        }
        await using (var context = open())
        {
            context.Add(Row("a", name: "another"));
            await Assert.ThrowsAsync<DbUpdateException>(() => context.SaveNew(Cancellation));
        }
        await using var after = open();
        Assert.Equal("first", (await after.DataSources.SingleAsync(Cancellation)).Name);
    }

    /// <summary>Fails where a migration that stores out there have is changed, renamed or taken away: those are no longer brought up to date.</summary>
    [Fact]
    public async Task AStoreOfTheFirstVersionIsBroughtUpToDateAndKeepsWhatItHas()
    {
        var open = await NewStore(isMigrated: false);
        await using (var first = open())
        {
            var initial = first.Database.IsSqlite() ? "20261124020723_Initial" : "20261124020726_Initial";
            await first.GetService<IMigrator>().MigrateAsync(initial, Cancellation);
            first.AddRange(Row("a"), new Tag { ResourceKind = ResourceKind.DataSource, ResourceId = "a", Key = "team", Value = "growth" });
            await first.SaveChangesAsync(Cancellation);
        }
        await using var context = open();
        await context.Migrate(Cancellation);
        Assert.Empty(await context.Database.GetPendingMigrationsAsync(Cancellation));
        Assert.False(context.Database.HasPendingModelChanges());
        Assert.Equal("a", (await context.DataSources.Where(context.HaveTag<DataSource>(ResourceKind.DataSource, "team:growth")).SingleAsync(Cancellation)).Id);
        await context.Migrate(Cancellation); // finds nothing to do
    }

    [Fact]
    public async Task AStoreThatANewerVersionHasChangedIsRefused()
    {
        await using var context = (await NewStore())();
        await context.Database.ExecuteSqlRawAsync("INSERT INTO \"__EFMigrationsHistory\" VALUES ('20991231000000_Later', '99.0.0')", Cancellation);
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => context.Migrate(Cancellation));
        Assert.Contains("20991231000000_Later", error.Message, StringComparison.Ordinal);
    }

    private static async Task Save(Func<MetadataContext> open, params object[] rows)
    {
        await using var context = open();
        context.AddRange(rows);
        await context.SaveChangesAsync(Cancellation);
    }

    private static DataSource Row(string id, string? message = null, string? name = null) => new()
    {
        Id = id,
        Name = name,
        DataLocation = "s3://bucket/data.csv",
        Message = message,
        CreatedAt = Now,
        UpdatedAt = Now,
    };

    private static Model Model(string id, string source, ResourceStatus status = ResourceStatus.Pending) =>
        new() { Id = id, TrainingDataSourceId = source, Status = status, CreatedAt = Now, UpdatedAt = Now };

    private static Evaluation Evaluation(string id, string model, string source) =>
        new() { Id = id, ModelId = model, DataSourceId = source, CreatedAt = Now, UpdatedAt = Now };
}

public sealed class SqliteMetadataStoreTests : MetadataStoreTests, IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("mlservice-metadata-").FullName;

    protected override async Task<Func<MetadataContext>> NewStore(bool isMigrated)
    {
        var options = new DbContextOptionsBuilder<SqliteMetadataContext>().UseSqlite($"Data Source={Path.Combine(_directory, "metadata.db")};Pooling=false").Options;
        if (isMigrated)
        {
            await using var context = new SqliteMetadataContext(options);
            await context.Migrate(TestContext.Current.CancellationToken);
        }
        return () => new SqliteMetadataContext(options);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
