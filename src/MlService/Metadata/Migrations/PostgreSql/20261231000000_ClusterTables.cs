using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace MlService.Metadata.Migrations.PostgreSql;

/// <summary>
/// The tables in which Orleans keeps who belongs to the cluster, and the statements that it reads from there at start. Names and
/// parameters are given by Orleans (membership over ADO.NET), which does not quote names: hence the lower case. Written by hand,
/// since no entity stands for them.
/// </summary>
[DbContext(typeof(PostgreSqlMetadataContext))]
[Migration("20261231000000_ClusterTables")]
public sealed class ClusterTables : Migration
{
    private const string Columns =
        "m.address, m.port, m.generation, m.siloname, m.hostname, m.status, m.proxyport, m.suspecttimes, m.starttime, m.iamalivetime, v.version";

    private const string Silo = "deploymentid = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation";

    // Every change of the membership is one step of its version, taken only by whoever saw the version before it.
    private static readonly (string Key, string Text)[] Statements =
    [
        ("MembershipReadAllKey",
            $"SELECT v.deploymentid, {Columns} FROM orleansmembershipversiontable v LEFT JOIN orleansmembershiptable m USING (deploymentid) "
            + "WHERE v.deploymentid = @DeploymentId"),
        ("MembershipReadRowKey",
            $"SELECT v.deploymentid, {Columns} FROM orleansmembershipversiontable v LEFT JOIN orleansmembershiptable m "
            + "ON m.deploymentid = v.deploymentid AND m.address = @Address AND m.port = @Port AND m.generation = @Generation "
            + "WHERE v.deploymentid = @DeploymentId"),
        ("InsertMembershipVersionKey",
            "WITH i AS (INSERT INTO orleansmembershipversiontable (deploymentid) VALUES (@DeploymentId) ON CONFLICT DO NOTHING RETURNING 1) "
            + "SELECT count(*)::int FROM i"),
        ("InsertMembershipKey",
            $"WITH v AS ({NextVersion("NOT EXISTS")}), m AS (INSERT INTO orleansmembershiptable "
            + "(deploymentid, address, port, generation, siloname, hostname, status, proxyport, starttime, iamalivetime) "
            + "SELECT deploymentid, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime "
            + "FROM v RETURNING 1) SELECT count(*)::int FROM m"),
        ("UpdateMembershipKey",
            $"WITH v AS ({NextVersion("EXISTS")}), m AS (UPDATE orleansmembershiptable t "
            + "SET status = @Status, suspecttimes = @SuspectTimes, iamalivetime = @IAmAliveTime FROM v WHERE t.deploymentid = v.deploymentid "
            + "AND t.address = @Address AND t.port = @Port AND t.generation = @Generation RETURNING 1) SELECT count(*)::int FROM m"),
        ("UpdateIAmAlivetimeKey", $"UPDATE orleansmembershiptable SET iamalivetime = @IAmAliveTime WHERE {Silo}"),
        ("GatewaysQueryKey",
            "SELECT address, proxyport, generation FROM orleansmembershiptable "
            + "WHERE deploymentid = @DeploymentId AND status = @Status AND proxyport > 0"),
        ("DeleteMembershipTableEntriesKey",
            "DELETE FROM orleansmembershiptable WHERE deploymentid = @DeploymentId; "
            + "DELETE FROM orleansmembershipversiontable WHERE deploymentid = @DeploymentId"),
        ("CleanupDefunctSiloEntriesKey",
            "DELETE FROM orleansmembershiptable WHERE deploymentid = @DeploymentId AND iamalivetime < @IAmAliveTime AND status <> 3"),
    ];

    /// <inheritdoc/>
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql("""
            CREATE TABLE orleansquery (querykey varchar(64) PRIMARY KEY, querytext varchar(8000) NOT NULL);
            CREATE TABLE orleansmembershipversiontable (
                deploymentid varchar(150) PRIMARY KEY,
                timestamp timestamptz NOT NULL DEFAULT now(),
                version integer NOT NULL DEFAULT 0);
            CREATE TABLE orleansmembershiptable (
                deploymentid varchar(150) NOT NULL REFERENCES orleansmembershipversiontable,
                address varchar(45) NOT NULL,
                port integer NOT NULL,
                generation integer NOT NULL,
                siloname varchar(150) NOT NULL,
                hostname varchar(150) NOT NULL,
                status integer NOT NULL,
                proxyport integer,
                suspecttimes varchar(8000),
                starttime timestamptz NOT NULL,
                iamalivetime timestamptz NOT NULL,
                PRIMARY KEY (deploymentid, address, port, generation));
            """);
        foreach (var (key, text) in Statements)
            migrationBuilder.Sql($"INSERT INTO orleansquery VALUES ('{key}', '{text}')");
    }

    /// <inheritdoc/>
    protected override void Down(MigrationBuilder migrationBuilder) =>
        migrationBuilder.Sql("DROP TABLE orleansmembershiptable, orleansmembershipversiontable, orleansquery");

    private static string NextVersion(string exists) =>
        "UPDATE orleansmembershipversiontable SET version = version + 1, timestamp = now() WHERE deploymentid = @DeploymentId "
        + $"AND version = @Version AND {exists} (SELECT 1 FROM orleansmembershiptable WHERE {Silo}) RETURNING deploymentid";
}
