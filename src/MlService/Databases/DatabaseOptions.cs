namespace MlService.Databases;

/// <summary>
/// A database that datasources may query, section <c>Databases:{name}</c>, one for each name. The login should be allowed to read what may be
/// queried and nothing else: whoever may create datasources can read all of it, and can call what functions it may call, those by which the
/// server reads files or reaches other hosts too. So let it be no superuser.
/// </summary>
public sealed class DatabaseOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Databases:{name}";

    /// <summary>Kind of the server: <c>PostgreSql</c>, <c>Redshift</c>, <c>MySql</c> or <c>MariaDb</c>.</summary>
    public DatabaseKind Kind { get; set; } = DatabaseKind.PostgreSql;

    /// <summary>
    /// Host, database and login, for PostgreSQL and Redshift as Npgsql takes them (<c>Host=db;Database=shop;Username=reader;Password=…</c>), for MySQL
    /// and MariaDB as MySqlConnector does (<c>Server=db;Database=shop;User ID=reader;Password=…</c>).
    /// </summary>
    public string? ConnectionString { get; set; }

    /// <summary>Seconds that a query may take until its last row is stored.</summary>
    public int TimeoutSeconds { get; set; } = 600;
}

/// <summary>A kind of database server.</summary>
public enum DatabaseKind
{
    /// <summary>PostgreSQL.</summary>
    PostgreSql,

    /// <summary>Amazon Redshift, which speaks PostgreSQL's protocol.</summary>
    Redshift,

    /// <summary>MySQL.</summary>
    MySql,

    /// <summary>MariaDB.</summary>
    MariaDb,
}
