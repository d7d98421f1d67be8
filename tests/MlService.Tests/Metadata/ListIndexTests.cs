using System.Data.Common;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using MlService.Access;
using MlService.BatchPredictions;
using MlService.Databases;
using MlService.DataSources;
using MlService.Evaluations;
using MlService.Metadata;
using MlService.Models;
using Npgsql;

namespace MlService.Tests.Metadata;

/// <summary>What the database says it will do for a list: find and order rows by an index, whichever filter and sort is asked for.</summary>
public abstract class ListIndexTests
{
    private const int Rows = 300;

    public static TheoryData<ResourceKind> Kinds => [.. Enum.GetValues<ResourceKind>()];

    /// <summary>A step that reads a whole table.</summary>
    protected abstract Regex ReadsAll { get; }

    /// <summary>A step that puts rows in order, because they do not come in it.</summary>
    protected abstract Regex Sorts { get; }

    /// <summary>A step that goes to the rows of a condition by an index.</summary>
    protected abstract Regex Finds { get; }

    [Theory, LongProof]
    [MemberData(nameof(Kinds))]
    public async Task EachSortIsTheOrderOfAnIndexOnEveryPage(ResourceKind kind)
    {
        await using var store = await Open();
        var (list, fields) = await Fill(store, kind);
        foreach (var field in fields)
        {
            foreach (var isDescending in new[] { false, true })
            {
                var query = new ResourceQuery { SortBy = field, Descending = isDescending, Limit = 2 };
                var (first, cursor) = await Plan(store, list, query);
                Assert.DoesNotMatch(Sorts, first);
                Assert.DoesNotMatch(ReadsAll, first);
                var (second, _) = await Plan(store, list, query with { Cursor = cursor });
                Assert.DoesNotMatch(ReadsAll, second);
            }
        }
    }

    [Theory, LongProof]
    [MemberData(nameof(Kinds))]
    public async Task EachFilterFindsItsRowsByAnIndexAndNoListReadsAWholeTable(ResourceKind kind)
    {
        await using var store = await Open();
        var (list, fields) = await Fill(store, kind);
        foreach (var field in fields)
        {
            foreach (var comparator in (Comparator[])[Comparator.Eq, Comparator.Ne, Comparator.Ge, Comparator.Prefix])
            {
                if (Value(field, comparator) is not { } value)
                    continue;
                var query = new ResourceQuery { SortBy = field, Filters = [new(field, comparator, value)], Limit = 2 };
                var (own, _) = await Plan(store, list, query);
                Assert.True(comparator == Comparator.Ne || field == "endpoint" || Finds.IsMatch(own), own);
                Assert.DoesNotMatch(ReadsAll, own);
                var (newest, _) = await Plan(store, list, query with { SortBy = "createdAt" });
                Assert.DoesNotMatch(ReadsAll, newest);
            }
        }
    }

    /// <summary>Opens an empty store, which explains each statement before it runs.</summary>
    protected abstract Task<Store> Open();

    private static string? Value(string field, Comparator comparator) => (field, comparator) switch
    {
        ("createdAt" or "updatedAt" or "endpoint", Comparator.Prefix) => null,
        ("createdAt" or "updatedAt", _) => "2026-01-31T12:00:00Z",
        ("status", Comparator.Gt or Comparator.Ge) => "INPROGRESS",
        ("status", _) => "FAILED",
        ("endpoint", Comparator.Lt or Comparator.Gt) => null,
        ("endpoint", _) => "READY",
        _ => "b",
    };

    private static async Task<(string Text, string? Cursor)> Plan(
        Store store, Func<ResourceQuery, Task<string?>> list, ResourceQuery query)
    {
        store.Explained.Lines.Clear();
        var cursor = await list(query);
        var plan = string.Join('\n', store.Explained.Lines);
        Assert.NotEmpty(plan);
        return ($"{query}: {string.Join(' ', query.Filters)}\n{plan}", cursor);
    }

    private static async Task<(Func<ResourceQuery, Task<string?>> List, IReadOnlyList<string> Fields)> Fill(Store store, ResourceKind kind)
    {
        var start = new DateTime(2026, 1, 31, 12, 0, 0, DateTimeKind.Utc);
        await using (var context = store.CreateDbContext())
        {
            for (var i = 0; i < Rows; i++)
            {
                var (id, at) = ($"id-{i}", start.AddSeconds(i));
                Resource row = kind switch
                {
                    ResourceKind.DataSource => new DataSource { Id = id, DataLocation = $"s3://b/{i}" },
                    ResourceKind.Model => new Model { Id = id, TrainingDataSourceId = $"ds-{i}", EndpointCreatedAt = i % 9 == 0 ? at : null },
                    ResourceKind.Evaluation => new Evaluation { Id = id, ModelId = $"m-{i}", DataSourceId = $"ds-{i}" },
                    _ => new BatchPrediction { Id = id, ModelId = $"m-{i}", DataSourceId = $"ds-{i}", OutputUri = "s3://b/out/" },
                };
                (row.Name, row.CreatedBy, row.CreatedAt, row.UpdatedAt, row.Status) = ($"name {i}", $"key-{i % 50}", at, at, (ResourceStatus)(i % 4));
                context.Add(row);
            }
            await context.SaveChangesAsync(TestContext.Current.CancellationToken);
        }
        var (jobs, caller, time) = (new SilentJobs().Client, new CurrentCaller(), TimeProvider.System);
        return kind switch
        {
            ResourceKind.DataSource => Of(new DataSourceCatalog(store, jobs, SourceDatabases.Of(new ConfigurationBuilder().Build()), caller, time, NullLogger<DataSourceCatalog>.Instance)),
            ResourceKind.Model => Of(new ModelCatalog(store, jobs, caller, time, NullLogger<ModelCatalog>.Instance)),
            ResourceKind.Evaluation => Of(new EvaluationCatalog(store, jobs, caller, time, NullLogger<EvaluationCatalog>.Instance)),
            _ => Of(new BatchPredictionCatalog(store, jobs, caller, time, NullLogger<BatchPredictionCatalog>.Instance)),
        };

        static (Func<ResourceQuery, Task<string?>>, IReadOnlyList<string>) Of<T, TNew>(ResourceCatalog<T, TNew> catalog)
            where T : Resource where TNew : NewResource =>
            (async query => (await catalog.List(query, TestContext.Current.CancellationToken)).NextCursor, catalog.ListFields);
    }

    /// <summary>A store, and what it will do for the statements that were sent to it.</summary>
    protected sealed class Store(Func<Explain, MetadataContext> open, DbConnection connection, Explain explain)
        : IDbContextFactory<MetadataContext>, IAsyncDisposable
    {
        public Explain Explained => explain;

        public MetadataContext CreateDbContext() => open(explain);

        public ValueTask DisposeAsync() => connection.DisposeAsync();
    }

    /// <summary>Lets the database explain each query.</summary>
    protected sealed class Explain(string explain, int column) : DbCommandInterceptor
    {
        public List<string> Lines { get; } = [];

        public override async ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            if (!command.CommandText.StartsWith("SELECT", StringComparison.Ordinal))
                return result;
            var text = command.CommandText;
            command.CommandText = $"{explain} {text}";
            await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
            {
                while (await reader.ReadAsync(cancellationToken))
                    Lines.Add(reader.GetString(column));
            }
            command.CommandText = text;
            return result;
        }
    }
}

public sealed class SqliteListIndexTests : ListIndexTests
{
    protected override Regex ReadsAll => new(@"SCAN \w+$", RegexOptions.Multiline);

    protected override Regex Sorts => new("USE TEMP B-TREE FOR ORDER BY");

    protected override Regex Finds => new(@"SEARCH \w+ USING INDEX");

    protected override async Task<Store> Open()
    {
        var connection = new SqliteConnection("Data Source=:memory:");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        var store = new Store(
            explain => new SqliteMetadataContext(
                new DbContextOptionsBuilder<SqliteMetadataContext>().UseSqlite(connection).AddInterceptors(explain).Options),
            connection,
            new Explain("EXPLAIN QUERY PLAN", 3));
        await using var context = store.CreateDbContext();
        await context.Migrate(TestContext.Current.CancellationToken);
        return store;
    }
}

public sealed class PostgreSqlListIndexTests(PostgreSqlServer server) : ListIndexTests
{
    protected override Regex ReadsAll => new("Seq Scan on ");

    // An incremental sort, of the few rows that are alike in what they come by, is none.
    protected override Regex Sorts => new("->  Sort ");

    protected override Regex Finds => new("Index Cond");

    // So few rows are read faster at once: the settings let the server show what it can do where there are many.
    protected override async Task<Store> Open()
    {
        var text = $"{await server.NewDatabase()};Options=-c enable_seqscan=off -c enable_sort=off";
        var connection = new NpgsqlConnection(text);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        return new Store(
            explain => new PostgreSqlMetadataContext(
                new DbContextOptionsBuilder<PostgreSqlMetadataContext>().UseNpgsql(connection).AddInterceptors(explain).Options), connection, new Explain("EXPLAIN", 0));
    }
}
