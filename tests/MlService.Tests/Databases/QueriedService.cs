namespace MlService.Tests.Databases;

/// <summary>A service with two databases, <c>shop</c> on PostgreSQL and <c>store</c> on MariaDB, that have the same tables; slow ones that have a second for a query, and one that is gone.</summary>
public sealed class QueriedService(PostgreSqlServer postgreSql, MariaDbServer mariaDb) : IAsyncLifetime
{
    private RunningService? _service;

    public HttpClient Client => _service!.Client;

    public RunningService Service => _service!;

    public string PostgreSql { get; private set; } = "";

    public string MariaDb { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        PostgreSql = await postgreSql.NewDatabase(isMigrated: false);
        MariaDb = await mariaDb.NewDatabase();
        foreach (var statement in Odd("boolean", "timestamp").Concat(Amazon.Flowers.Table()))
            await PostgreSqlServer.Execute(PostgreSql, statement);
        foreach (var statement in Odd("tinyint(1)", "datetime").Concat(Amazon.Flowers.Table()))
            await MariaDbServer.Execute(MariaDb, statement);
        await PostgreSqlServer.Execute(PostgreSql, "CREATE SEQUENCE tickets");
        await MariaDbServer.Execute(MariaDb, "CREATE FUNCTION tickets() RETURNS int MODIFIES SQL DATA BEGIN DELETE FROM flowers; RETURN 1; END");
        _service = new RunningService
        {
            More =
            [
                $"--Databases:shop:ConnectionString={PostgreSql}",
                "--Databases:store:Kind=MariaDb", $"--Databases:store:ConnectionString={MariaDb}",
                $"--Databases:slow-shop:ConnectionString={PostgreSql}", "--Databases:slow-shop:TimeoutSeconds=1",
                "--Databases:slow-store:Kind=MariaDb", $"--Databases:slow-store:ConnectionString={MariaDb}", "--Databases:slow-store:TimeoutSeconds=1",
                "--Databases:gone:ConnectionString=Host=127.0.0.1;Port=1;Database=none;Username=none",
            ],
        };
        await _service.InitializeAsync();
    }

    public ValueTask DisposeAsync() => _service?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>Asks for a datasource of a query.</summary>
    /// <returns>Its path.</returns>
    public Task<string> Create(string id, string database, string query, string more = "") => Create(Client, id, database, query, more);

    /// <summary>Asks for a datasource of a query.</summary>
    /// <returns>Its path.</returns>
    public static async Task<string> Create(HttpClient client, string id, string database, string query, string more = "")
    {
        await client.Post("/v1/datasources", $$"""
            {"id": "{{id}}", "database": "{{database}}", "query": {{System.Text.Json.JsonSerializer.Serialize(query)}}, "stagingLocation": "s3://staging/{{database}}"{{more}} }
            """);
        return $"/v1/datasources/{id}";
    }

    private static IEnumerable<string> Odd(string boolean, string time)
    {
        yield return $"CREATE TABLE odd (n int, big decimal(38, 10), x double precision, flag {boolean}, day date, at {time}, words varchar(100))";
        yield return "INSERT INTO odd VALUES (1, 1234567890123456789012345678.0123456789, 0.1, true, '2026-01-31', '2026-01-31 12:00:00', 'plain')";
        yield return "INSERT INTO odd VALUES (-2, 0.5, 1e300, false, '1999-12-31', '1999-12-31 23:59:59.5', 'a, \"b\"\nc\r\nd äöü €')";
        yield return "INSERT INTO odd VALUES (3, NULL, NULL, NULL, NULL, NULL, '')";
    }
}
