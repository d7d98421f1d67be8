using System.Text;
using Npgsql;

namespace MlService.Tests.Databases;

/// <summary>Queries to a server that knows no more than Redshift does.</summary>
public sealed class RedshiftTests(PostgreSqlServer postgreSql)
{
    private const string Query = "SELECT 1 AS n, CAST(0.1 AS double precision) + 0.2 AS x, CAST('2026-01-31' AS date) AS day, true AS flag, CAST(NULL AS int) AS none";

    [Fact]
    public async Task NothingIsAskedOfItButWhatItsManualHas()
    {
        var real = new NpgsqlConnectionStringBuilder(await postgreSql.NewDatabase(isMigrated: false));
        // Sessions may begin with settings in which values would come otherwise.
        await PostgreSqlServer.Execute(real.ConnectionString, $"ALTER DATABASE {real.Database} SET datestyle TO German");
        await PostgreSqlServer.Execute(real.ConnectionString, $"ALTER DATABASE {real.Database} SET extra_float_digits TO 0");
        await using var redshift = new RedshiftStandIn(real.Port);
        await using var service = new RunningService
        {
            More =
            [
                "--Databases:garden:Kind=Redshift",
                $"--Databases:garden:ConnectionString=Host=127.0.0.1;Port={redshift.Port};Username={real.Username};Database={real.Database}",
            ],
        };
        await service.InitializeAsync();

        await service.Client.Completed(await QueriedService.Create(service.Client, "rows", "garden", Query));

        Assert.Equal(
            "n,x,day,flag,none\n1,0.30000000000000004,2026-01-31,t,\n",
            Encoding.UTF8.GetString(await service.Client.Download("staging/garden/rows/rows-1.csv")));
        Assert.Equal(
            [
                "SET datestyle TO ISO", "SET extra_float_digits TO 2", "SET statement_timeout TO 600000", "BEGIN TRANSACTION READ ONLY",
                $"PREPARE mlservice_query AS {Query}", "EXECUTE mlservice_query",
            ],
            redshift.Statements);
    }
}
