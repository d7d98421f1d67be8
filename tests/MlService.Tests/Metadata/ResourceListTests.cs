using CsCheck;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using MlService.DataSources;
using MlService.Metadata;
using MlService.Problems;

namespace MlService.Tests.Metadata;

/// <summary>What lists promise on every database; each database has a class that inherits this.</summary>
public abstract class ResourceListTests
{
    private static readonly DateTime Start = new(2026, 1, 31, 12, 0, 0, DateTimeKind.Utc);

    private static readonly ResourceList<DataSource> List = new(
        ResourceKind.DataSource, new TextField<DataSource>("dataLocation", row => row.DataLocation));

    /// <summary>Opens an empty database that lasts as long as the returned one.</summary>
    protected abstract Task<MetadataContext> OpenEmpty();

    [Fact]
    public async Task PagesTogetherAreTheWholeListInOrderWhateverTheSortAndThePageSize()
    {
        await Gen.Select(
            GenRows, OneOf("name", "createdAt", "updatedAt", "status", "id", "dataLocation"), Gen.Bool, Gen.Int[1, 7])
            .SampleAsync(async (rows, sort, isDescending, limit) =>
            {
                await using var context = await Fill(rows);
                var expected = InOrder(rows.Where(row => row.Status != ResourceStatus.Deleted), sort, isDescending).Select(row => row.Id);
                var query = new ResourceQuery { SortBy = sort, Descending = isDescending, Limit = limit };
                Assert.Equal(expected, await ReadAll(context, query));
            }, iter: 25);
    }

    [Fact]
    public async Task RowsThatComeBetweenPagesNeitherRepeatNorHideOthers()
    {
        await Gen.Select(GenRows, GenRows, OneOf("name", "createdAt", "status"), Gen.Bool)
            .SampleAsync(async (before, late, sort, isDescending) =>
            {
                var added = late.Select((row, index) => Copy(row, $"late-{index}")).ToList();
                await using var context = await Fill(before);
                var waiting = new Queue<DataSource>(added);
                var seen = await ReadAll(context, new ResourceQuery { SortBy = sort, Descending = isDescending, Limit = 2 }, async () =>
                {
                    if (waiting.TryDequeue(out var row))
                        await Add(context, [row]);
                });

                var live = before.Where(row => row.Status != ResourceStatus.Deleted).Select(row => row.Id);
                Assert.Equal(seen.Count, seen.Distinct().Count());
                Assert.Empty(live.Except(seen));
                var all = before.Concat(added).ToDictionary(row => row.Id);
                Assert.Equal(InOrder(seen.Select(id => all[id]), sort, isDescending).Select(row => row.Id), seen);
            }, iter: 15);
    }

    [Fact]
    public async Task FiltersKeepWhatASimpleLoopWouldKeep()
    {
        await Gen.Select(GenRows, Gen.Enum<Comparator>(), GenName).SampleAsync(async (rows, comparator, value) =>
        {
            await using var context = await Fill(rows);
            var found = await ReadAll(context, new ResourceQuery { SortBy = "id", Descending = false, Filters = [new("name", comparator, value)] });
            var expected = rows.Where(row => row.Status != ResourceStatus.Deleted && Holds(row.Name ?? "", comparator, value))
                .Select(row => row.Id).Order(StringComparer.Ordinal);
            Assert.Equal(expected, found);
        }, iter: 40);
    }

    [Theory]
    [InlineData(Comparator.Eq, "2026-01-31T12:00:02Z", "c")]
    [InlineData(Comparator.Ge, "2026-01-31T12:00:02Z", "cd")]
    [InlineData(Comparator.Lt, "2026-01-31T12:00:01Z", "a")]
    [InlineData(Comparator.Le, "2026-01-31T14:00:01+02:00", "ab")]
    [InlineData(Comparator.Gt, "1769860801.5", "cd")]
    [InlineData(Comparator.Ne, "1769860800", "bcd")]
    public async Task TimesAreComparedInIsoFormAndAsSecondsSince1970(Comparator comparator, string value, string expected)
    {
        await using var context = await Fill([.. "abcd".Select((id, index) => Row(id.ToString(), createdAt: Start.AddSeconds(index)))]);
        var query = new ResourceQuery { SortBy = "id", Descending = false, Filters = [new("createdAt", comparator, value)] };
        Assert.Equal(expected, string.Concat(await ReadAll(context, query)));
    }

    [Theory]
    [InlineData(Comparator.Eq, "DELETED", "d")]
    [InlineData(Comparator.Eq, "PENDING", "p")]
    [InlineData(Comparator.Ne, "PENDING", "cfi")]
    [InlineData(Comparator.Ge, "FAILED", "fip")]
    [InlineData(Comparator.Lt, "FAILED", "c")]
    public async Task DeletedOnesAreListedOnlyWhereTheFilterAsksForThem(Comparator comparator, string value, string expected)
    {
        await using var context = await Fill(
        [
            Row("c", status: ResourceStatus.Completed), Row("d", status: ResourceStatus.Deleted), Row("f", status: ResourceStatus.Failed),
            Row("i", status: ResourceStatus.InProgress), Row("p", status: ResourceStatus.Pending),
        ]);
        var query = new ResourceQuery { SortBy = "id", Descending = false, Filters = [new("status", comparator, value)] };
        Assert.Equal(expected, string.Concat(await ReadAll(context, query)));
    }

    [Fact]
    public async Task TheNewestOfEqualNamesComesFirstWhereNamesSortDownwards()
    {
        await using var context = await Fill([Row("old", "n", Start), Row("new", "n", Start.AddDays(1)), Row("other", "m", Start.AddDays(2))]);
        var query = new ResourceQuery { SortBy = "name", Descending = true, Filters = [new("name", Comparator.Eq, "n")] };
        Assert.Equal(["new", "old"], await ReadAll(context, query));
    }

    [Fact]
    public async Task EveryChangedCharacterOfACursorIsNoticed()
    {
        await using var context = await Fill([Row("a"), Row("b"), Row("c")]);
        var query = new ResourceQuery { Limit = 1 };
        var cursor = (await List.Read(context.DataSources, query, Cancellation)).NextCursor!;
        for (var i = 0; i < cursor.Length - 1; i++)
        {
            var tampered = cursor[..i] + (cursor[i] == 'A' ? 'B' : 'A') + cursor[(i + 1)..];
            var error = await Assert.ThrowsAsync<ProblemException>(
                () => List.Read(context.DataSources, query with { Cursor = tampered }, Cancellation));
            Assert.Equal("cursor", error.Field);
        }
    }

    [Fact]
    public async Task ACursorGoesOnOnlyWithTheQueryThatItCameFrom()
    {
        await using var context = await Fill([Row("a"), Row("b"), Row("c")]);
        var cursor = (await List.Read(context.DataSources, new ResourceQuery { Limit = 1 }, Cancellation)).NextCursor!;
        await Refused(new ResourceQuery { Cursor = cursor, Descending = false });
        await Refused(new ResourceQuery { Cursor = cursor, SortBy = "name" });
        await Refused(new ResourceQuery { Cursor = cursor, Filters = [new("name", Comparator.Eq, "a")] });
        Assert.Equal(2, (await List.Read(context.DataSources, new ResourceQuery { Cursor = cursor, Limit = 50 }, Cancellation)).Items.Count);

        async Task Refused(ResourceQuery query) =>
            Assert.Equal("cursor", (await Assert.ThrowsAsync<ProblemException>(() => List.Read(context.DataSources, query, Cancellation))).Field);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static Gen<string> OneOf(params string[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);

    private static Gen<string> GenName => OneOf("", "a", "A", "ab", "aB", "b", "a%", "a_b", "ä", "z", "😀", "\uFFFD");

    private static Gen<List<DataSource>> GenRows =>
        Gen.Select(GenName, Gen.Int[0, 3], Gen.Int[0, 3], Gen.Enum<ResourceStatus>(), (name, created, updated, status) => (name, created, updated, status))
            .List[0, 14].Select(drawn => drawn.Select((row, index) => Row(
                $"row-{index * 7 % 15}", row.name.Length == 0 ? null : row.name, Start.AddMilliseconds(row.created * 250),
                row.status, Start.AddSeconds(row.updated))).ToList());

    private static DataSource Row(
        string id, string? name = null, DateTime? createdAt = null, ResourceStatus status = ResourceStatus.Pending, DateTime? updatedAt = null) => new()
        {
            Id = id,
            Name = name,
            DataLocation = $"s3://bucket/{name}",
            CreatedAt = createdAt ?? Start,
            UpdatedAt = updatedAt ?? Start,
            Status = status,
        };

    private static DataSource Copy(DataSource row, string id) => Row(id, row.Name, row.CreatedAt, row.Status, row.UpdatedAt);

    private static IEnumerable<DataSource> InOrder(IEnumerable<DataSource> rows, string sort, bool isDescending)
    {
        var ordered = rows.Order(Comparer<DataSource>.Create((x, y) =>
        {
            var first = sort switch
            {
                "name" => Compare(x.Name ?? "", y.Name ?? ""),
                "createdAt" => x.CreatedAt.CompareTo(y.CreatedAt),
                "updatedAt" => x.UpdatedAt.CompareTo(y.UpdatedAt),
                "status" => string.CompareOrdinal(x.Status.ToText(), y.Status.ToText()),
                "dataLocation" => Compare(x.DataLocation, y.DataLocation),
                _ => string.CompareOrdinal(x.Id, y.Id),
            };
            var second = first != 0 ? first : x.CreatedAt.CompareTo(y.CreatedAt);
            return second != 0 ? second : string.CompareOrdinal(x.Id, y.Id);
        }));
        return isDescending ? ordered.Reverse() : ordered;
    }

    private static bool Holds(string name, Comparator comparator, string value) => comparator switch
    {
        Comparator.Eq => name == value,
        Comparator.Ne => name != value,
        Comparator.Gt => Compare(name, value) > 0,
        Comparator.Ge => Compare(name, value) >= 0,
        Comparator.Lt => Compare(name, value) < 0,
        Comparator.Le => Compare(name, value) <= 0,
        _ => name.StartsWith(value, StringComparison.Ordinal),
    };

    // By code points, as UTF-8 bytes compare; .NET's ordinal order has characters beyond U+FFFF before some others.
    private static int Compare(string left, string right) =>
        System.Text.Encoding.UTF8.GetBytes(left).AsSpan().SequenceCompareTo(System.Text.Encoding.UTF8.GetBytes(right));

    private static async Task<List<string>> ReadAll(MetadataContext context, ResourceQuery query, Func<Task>? between = null)
    {
        List<string> ids = [];
        do
        {
            var page = await List.Read(context.DataSources, query, TestContext.Current.CancellationToken);
            Assert.InRange(page.Items.Count, 0, query.Limit);
            ids.AddRange(page.Items.Select(row => row.Id));
            query = query with { Cursor = page.NextCursor };
            if (between is not null)
                await between();
        }
        while (query.Cursor is not null);
        return ids;
    }

    private async Task<MetadataContext> Fill(IReadOnlyList<DataSource> rows)
    {
        var context = await OpenEmpty();
        await Add(context, rows);
        return context;
    }

    private static async Task Add(MetadataContext context, IReadOnlyList<DataSource> rows)
    {
        context.AddRange(rows.Select(row => Copy(row, row.Id)));
        await context.SaveChangesAsync();
        context.ChangeTracker.Clear();
    }
}

public sealed class SqliteResourceListTests : ResourceListTests
{
    // Copying an empty database is a hundred times as fast as making one, and the properties need many.
    private static readonly Lazy<SqliteConnection> Template = new(() =>
    {
        var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
        using var context = Open(connection, ownsConnection: false);
        context.Database.EnsureCreated();
        return connection;
    });

    protected override Task<MetadataContext> OpenEmpty()
    {
        var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
        lock (Template)
            Template.Value.BackupDatabase(connection);
        return Task.FromResult<MetadataContext>(Open(connection, ownsConnection: true));
    }

    private static SqliteMetadataContext Open(SqliteConnection connection, bool ownsConnection) =>
        new(new DbContextOptionsBuilder<SqliteMetadataContext>().UseSqlite(connection, ownsConnection).Options);
}
