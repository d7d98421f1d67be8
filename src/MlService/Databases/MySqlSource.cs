using System.Data;
using System.Data.Common;
using System.Globalization;
using MySqlConnector;

namespace MlService.Databases;

/// <summary>A MySQL or MariaDB server.</summary>
internal sealed class MySqlSource : SourceDatabase
{
    private readonly string _connection;
    private readonly DatabaseKind _kind;

    /// <summary>Reads the connection string.</summary>
    /// <exception cref="ArgumentException">It cannot be read.</exception>
    public MySqlSource(string name, DatabaseOptions options) : base(name, options)
    {
        // Queries are few and long, so connections are not kept. Times are held by the caller. Values are to come as they are.
        var connection = new MySqlConnectionStringBuilder(options.ConnectionString!)
        {
            Pooling = false,
            DefaultCommandTimeout = 0,
            AutoEnlist = false,
            AllowLoadLocalInfile = false,
            AllowUserVariables = true,
            AllowZeroDateTime = true,
            TreatTinyAsBoolean = false,
            GuidFormat = MySqlGuidFormat.None,
        };
        _connection = connection.ConnectionString;
        _kind = options.Kind;
        DatabaseName = connection.Database.Length > 0 ? connection.Database : null;
    }

    /// <inheritdoc/>
    public override string? DatabaseName { get; }

    /// <inheritdoc/>
    public override void Check(string query)
    {
        ReadOnlySql.CheckBegin(query);
        ReadOnlySql.CheckMySql(query);
    }

    /// <inheritdoc/>
    public override string? Text(DbDataReader reader, int column)
    {
        if (reader.IsDBNull(column))
            return null;
        var type = reader.GetDataTypeName(column);
        // DECIMAL has up to 65 digits.
        if (type == "DECIMAL")
            return ((MySqlDataReader)reader).GetMySqlDecimal(column).ToString();
        return reader.GetValue(column) switch
        {
            string text => text,
            // 0000-00-00 and 2026-01-00 are no days.
            MySqlDateTime { IsValidDateTime: false } => null,
            MySqlDateTime time => time.GetDateTime().ToString(type == "DATE" ? "yyyy-MM-dd" : "yyyy-MM-dd HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture),
            // Of these the hours go on past a day.
            TimeSpan span => $"{(span < TimeSpan.Zero ? "-" : "")}{(long)span.Duration().TotalHours:00}:{span:mm\\:ss\\.FFFFFF}".TrimEnd('.'),
            byte[] bytes => Convert.ToHexStringLower(bytes),
            IFormattable value => value.ToString(null, CultureInfo.InvariantCulture),
            var other => other.ToString(),
        };
    }

    /// <inheritdoc/>
    protected override DbConnection Connection() => new MySqlConnection(_connection);

    /// <inheritdoc/>
    protected override async Task<DbDataReader> Begin(DbConnection connection, string query, CancellationToken cancellation)
    {
        // The mode in which quotes mean what the check of the query takes them for.
        await Execute(connection, "SET SESSION sql_mode = ''", cancellation);
        var seconds = (long)Timeout.TotalSeconds;
        await Execute(connection, _kind == DatabaseKind.MariaDb
            ? $"SET SESSION max_statement_time = {seconds}"
            : $"SET SESSION max_execution_time = {seconds * 1000}", cancellation);
        await Execute(connection, "START TRANSACTION READ ONLY", cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = query;
        return await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancellation);
    }
}
