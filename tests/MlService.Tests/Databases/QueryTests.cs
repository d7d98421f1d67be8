using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

namespace MlService.Tests.Databases;

/// <summary>Datasources of queries, against a real PostgreSQL and a real MariaDB.</summary>
public sealed class QueryTests(QueriedService service) : IClassFixture<QueriedService>
{
    private HttpClient Client => service.Client;

    [Theory]
    [InlineData("shop", "t", "f", ".5")]
    [InlineData("store", "1", "0", "")]
    public async Task ValuesComeAsTheyAreAndRowsAsLines(string database, string yes, string no, string fraction)
    {
        var path = await service.Create($"odd-{database}", database, "SELECT n, big, x, flag, day, at, words FROM odd ORDER BY n");
        var source = await Client.Completed(path);
        Assert.Equal($"s3://staging/{database}/odd-{database}/", (string?)source["dataLocation"]);
        Assert.Equal((3, 0), ((int)source["rows"]!, (int)source["rejectedRows"]!));
        var csv = await Csv($"staging/{database}/odd-{database}/rows-1.csv");
        Assert.Equal(
            "n,big,x,flag,day,at,words\n"
            + $"-2,0.5000000000,1e+300,{no},1999-12-31,1999-12-31 23:59:59{fraction},\"a, \"\"b\"\" c d äöü €\"\n"
            + $"1,1234567890123456789012345678.0123456789,0.1,{yes},2026-01-31,2026-01-31 12:00:00,plain\n"
            + "3,,,,,,\n",
            csv.Replace("1E+300", "1e+300", StringComparison.Ordinal));
        var schema = JsonNode.Parse(await Csv($"staging/{database}/odd-{database}/rows-1.csv.schema"))!;
        Assert.Equal(schema.ToJsonString(), source["schema"]!.ToJsonString());
        Assert.Equal(["n", "big", "x", "flag", "day", "at", "words"], schema["attributes"]!.AsArray().Select(attribute => (string)attribute!["attributeName"]!));
    }

    [Theory]
    [InlineData("shop", "SELECT 1 AS a, 2 AS a", "a,a\n1,2\n")]
    [InlineData("shop", "SELECT '\\xdead'::bytea AS a, ARRAY[1, NULL] AS b, 'infinity'::date AS c", "a,b,c\n\\xdead,\"{1,NULL}\",infinity\n")]
    [InlineData("store", "SELECT TIME '838:59:59' AS a, TIME '-01:02:03.5' AS b, TIME '00:00:00' AS c", "a,b,c\n838:59:59,-01:02:03.5,00:00:00\n")]
    [InlineData("store", "SELECT CAST('2026-00-00' AS date) AS a, CAST('0000-00-00' AS datetime) AS b, x'dead' AS c, b'101' AS d", "a,b,c,d\n,,dead,05\n")]
    public async Task OddValuesComeToo(string database, string query, string expected)
    {
        var id = $"value-{Guid.NewGuid():N}";
        await Client.Completed(await service.Create(id, database, query));
        Assert.Equal(expected, await Csv($"staging/{database}/{id}/rows-1.csv"));
    }

    /// <summary>A row of more than 100 KB is rejected, and the others are not.</summary>
    [Fact]
    public async Task AHugeValueIsNotReadToItsEnd()
    {
        var source = await Client.Completed(await service.Create("huge", "shop", "SELECT i AS a, repeat('ä', CASE i % 10 WHEN 1 THEN 200000 ELSE 1 END) AS b FROM generate_series(1, 30) i"));
        Assert.Equal((27, 3), ((int)source["rows"]!, (int)source["rejectedRows"]!));
        Assert.InRange((long)source["dataSizeInBytes"]!, 3 * 102_400, 3 * 210_000);
    }

    [Theory]
    [InlineData("shop")]
    [InlineData("store")]
    public async Task AModelLearnsFromAQuery(string database)
    {
        await service.Create($"flowers-{database}", database, "SELECT water, light, colour, tall FROM flowers;", """
            , "schema": {"version": "1.0", "targetAttributeName": "tall", "dataFormat": "CSV", "dataFileContainsHeader": false, "attributes": [
                {"attributeName": "water", "attributeType": "NUMERIC"}, {"attributeName": "light", "attributeType": "NUMERIC"},
                {"attributeName": "colour", "attributeType": "CATEGORICAL"}, {"attributeName": "tall", "attributeType": "BINARY"}]}
            """);
        await Client.Post("/v1/models", $$"""{"id": "of-{{database}}", "trainingDatasourceId": "flowers-{{database}}"}""");
        await Client.Post("/v1/evaluations", $$"""{"id": "of-{{database}}", "modelId": "of-{{database}}", "datasourceId": "flowers-{{database}}"}""");
        await Client.Completed($"/v1/evaluations/of-{database}");
        Assert.InRange((double)(await Client.Get($"/v1/evaluations/of-{database}/report"))["auc"]!, 0.95, 1);
        Assert.DoesNotContain("water", await Csv($"staging/{database}/flowers-{database}/rows-1.csv"), StringComparison.Ordinal);
        Assert.Equal(600, (int)(await Client.Get($"/v1/datasources/flowers-{database}"))["rows"]!);
    }

    [Fact]
    public async Task PartOfTheRowsCanBeTaken()
    {
        var path = await service.Create("part", "shop", "SELECT * FROM flowers", """, "split": {"percentBegin": 0, "percentEnd": 50, "strategy": "random", "seed": "1"}""");
        Assert.InRange((int)(await Client.Completed(path))["rows"]!, 240, 360);
    }

    [Theory]
    [InlineData("shop", "SELECT water, light, colour FROM flowers", "3 columns")]
    [InlineData("shop", "SELECT light, water, colour, tall FROM flowers", "'light', which is attribute 2")]
    [InlineData("shop", "SELECT nonsense FROM flowers", "nonsense")]
    [InlineData("store", "SELECT nonsense FROM flowers", "nonsense")]
    [InlineData("shop", "SELECT a.nothing FROM", "syntax")]
    [InlineData("shop", "SELECT water, light, colour, tall FROM flowers WHERE tall > 5", "no row of data")]
    [InlineData("store", "SELECT water, light, colour, tall FROM flowers WHERE tall > 5", "no row of data")]
    [InlineData("shop", "WITH gone AS (DELETE FROM flowers RETURNING *) SELECT * FROM gone", "read-only")]
    [InlineData("shop", "SELECT 1; DELETE FROM flowers", "multiple commands")]
    [InlineData("shop", "SELECT 1; COMMIT; DELETE FROM flowers", "multiple commands")]
    [InlineData("shop", "SELECT * INTO copied FROM flowers", "INTO")]
    [InlineData("shop", "SELECT nextval('tickets')", "read-only")]
    [InlineData("shop", "SELECT set_config('transaction_read_only', 'off', true)", "read-write mode")]
    [InlineData("store", "SELECT tickets()", "READ ONLY")]
    [InlineData("store", "WITH x AS (SELECT 1) DELETE FROM flowers", "DELETE")]
    [InlineData("shop", "SELECT pg_cancel_backend(pg_backend_pid())", "user request")]
    [InlineData("slow-shop", "SELECT pg_sleep(60)", "longer than 1 seconds")]
    [InlineData("slow-shop", "SELECT i, pg_sleep(0.01) FROM generate_series(1, 10000) i", "longer than 1 seconds")]
    [InlineData("slow-store", "SELECT count(*) FROM flowers a, flowers b, flowers c, flowers d WHERE rand() < 2", "longer than 1 seconds")]
    [InlineData("slow-store", "SELECT sleep(60) FROM flowers", "longer than 1 seconds")]
    [InlineData("gone", "SELECT 1", "does not answer")]
    public async Task WhatTheDatabaseRefusesFailsAndSaysWhyAndLeavesNothing(string database, string query, string message)
    {
        var id = $"bad-{Guid.NewGuid():N}";
        var path = await service.Create(id, database, query, message.Contains("column", StringComparison.Ordinal) || message.Contains("attribute", StringComparison.Ordinal) ? """
            , "schema": {"version": "1.0", "dataFormat": "CSV", "dataFileContainsHeader": true, "attributes": [
                {"attributeName": "water", "attributeType": "NUMERIC"}, {"attributeName": "light", "attributeType": "NUMERIC"},
                {"attributeName": "colour", "attributeType": "CATEGORICAL"}, {"attributeName": "tall", "attributeType": "BINARY"}]}
            """ : "");
        Assert.Contains(message, await Client.Failed(path), StringComparison.Ordinal);
        Assert.DoesNotContain(await Objects(), key => key.Contains(id, StringComparison.Ordinal));
        Assert.Equal(600L, await PostgreSqlServer.Execute(service.PostgreSql, "SELECT count(*) FROM flowers"));
        Assert.Equal(600L, await MariaDbServer.Execute(service.MariaDb, "SELECT count(*) FROM flowers"));
        Assert.Equal(0L, await PostgreSqlServer.Execute(service.PostgreSql, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state <> 'idle' AND pid <> pg_backend_pid()"));
    }

    [Theory]
    [InlineData("""{ "database": "shop", "query": "SELECT 1" }""", "stagingLocation")]
    [InlineData("""{ "database": "shop", "stagingLocation": "s3://staging/" }""", "query")]
    [InlineData("""{ "query": "SELECT 1", "stagingLocation": "s3://staging/" }""", "database")]
    [InlineData("""{ "database": "other", "query": "SELECT 1", "stagingLocation": "s3://staging/" }""", "database")]
    [InlineData("""{ "database": "Host=elsewhere", "query": "SELECT 1", "stagingLocation": "s3://staging/" }""", "database")]
    [InlineData("""{ "database": "shop", "query": "SELECT 1", "stagingLocation": "elsewhere" }""", "stagingLocation")]
    [InlineData("""{ "database": "shop", "query": "SELECT 1", "stagingLocation": "s3://staging/", "dataLocation": "s3://staging/a.csv" }""", "dataLocation")]
    [InlineData("""{ "database": "shop", "query": "DROP TABLE flowers", "stagingLocation": "s3://staging/" }""", "query")]
    [InlineData("""{ "database": "store", "query": "SELECT 1 INTO OUTFILE '/tmp/x'", "stagingLocation": "s3://staging/" }""", "query")]
    [InlineData("""{ "database": "store", "query": "SELECT 1; DROP TABLE flowers", "stagingLocation": "s3://staging/" }""", "query")]
    [InlineData("""{ }""", "dataLocation")]
    public async Task WhatCannotBeAQueryIsRefusedAtOnce(string json, string field)
    {
        using var response = await Client.PostAsync("/v1/datasources", new StringContent(json, Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var problem = await response.Content.ReadFromJsonAsync<JsonNode>(TestContext.Current.CancellationToken);
        Assert.Equal(field, (string?)problem!["field"]);
        Assert.DoesNotContain($"{field}: {field}", (string)problem["detail"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("shop", "SELECT i, pg_sleep(0.01) FROM generate_series(1, 60000) i")]
    [InlineData("store", "SELECT water, sleep(0.01) FROM flowers")]
    public async Task ACancelledQueryEndsAtTheServerToo(string database, string query)
    {
        var path = await service.Create($"cancelled-{database}", database, query);
        await Client.AtWork(path, "querying");
        await Client.Post($"{path}/cancel", "{}");
        Assert.Contains("Cancelled", await Client.Failed(path), StringComparison.Ordinal);
        Assert.DoesNotContain(await Objects(), key => key.Contains("cancelled", StringComparison.Ordinal));
        var running = database == "shop"
            ? PostgreSqlServer.Execute(service.PostgreSql, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%60000%' AND pid <> pg_backend_pid() AND state = 'active'")
            : MariaDbServer.Execute(service.MariaDb, "SELECT count(*) FROM information_schema.processlist WHERE info LIKE 'SELECT water, sleep%'");
        Assert.Equal(0L, await running);
    }

    [Theory]
    [InlineData("shop", "SELECT i AS a, length(pg_sleep(0.01)::text) AS broken FROM generate_series(1, 100) i")]
    [InlineData("store", "SELECT water AS a, sleep(0.01) AS broken FROM flowers LIMIT 100")]
    public async Task AQueryWhoseConnectionBreaksBeginsAnew(string database, string query)
    {
        var path = await service.Create($"broken-{database}", database, query);
        // The job is at work a little before the server is.
        var deadline = DateTime.UtcNow.AddMinutes(1);
        while (!await Kill())
            Assert.True(DateTime.UtcNow < deadline, "The query does not begin.");
        Assert.Equal(100, (int)(await Client.Completed(path))["rows"]!);
        Assert.Contains($"s3://staging/{database}/broken-{database}/rows-2.csv", await Objects());

        async Task<bool> Kill()
        {
            if (database == "shop")
                return await PostgreSqlServer.Execute(service.PostgreSql, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%mlservice_query%' AND pid <> pg_backend_pid()") is true;
            if (await MariaDbServer.Execute(service.MariaDb, "SELECT id FROM information_schema.processlist WHERE info LIKE 'SELECT water AS a%'") is not { } id)
                return false;
            await MariaDbServer.Execute(service.MariaDb, $"KILL {id}");
            return true;
        }
    }

    [Fact, LongProof]
    public async Task AQuerySurvivesTheDeathOfItsProcess()
    {
        var directory = Directory.CreateTempSubdirectory("mlservice-query-").FullName;
        var settings = $"--Databases:shop:ConnectionString={service.PostgreSql}";
        string path;
        await using (var process = await ServiceProcess.Start(directory, settings))
        {
            path = await QueriedService.Create(process.Client, "killed", "shop", "SELECT i AS a, length(pg_sleep(0.01)::text) AS b FROM generate_series(1, 100) i");
            await process.Client.AtWork(path, "querying");
            await process.Kill();
        }
        await using (var next = await RunningService.Start(directory, settings))
        {
            Assert.Equal(100, (int)(await next.Client.Completed(path))["rows"]!);
            var left = (await next.Client.Get("/v1/objects/staging"))["objects"]!.AsArray().Select(item => (string)item!["uri"]!).ToList();
            Assert.Equal(["s3://staging/shop/killed/rows-2.csv", "s3://staging/shop/killed/rows-2.csv.schema"], left);
        }
        Directory.Delete(directory, recursive: true);
    }

    private async Task<string> Csv(string bucketAndKey) => Encoding.UTF8.GetString(await Client.Download(bucketAndKey));

    private async Task<IReadOnlyList<string>> Objects()
    {
        // The bucket comes with its first object, which another test may not have made yet.
        var buckets = (await Client.Get("/v1/objects"))["buckets"]!.AsArray().Select(bucket => (string)bucket!);
        return !buckets.Contains("staging") ? []
            : [.. (await Client.Get("/v1/objects/staging?limit=1000"))["objects"]!.AsArray().Select(item => (string)item!["uri"]!)];
    }
}
