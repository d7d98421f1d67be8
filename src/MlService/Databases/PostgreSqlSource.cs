using System.Data;
using System.Data.Common;
using Npgsql;

namespace MlService.Databases;

/// <summary>A PostgreSQL or Redshift server. It sends all values as text, in its own form, so that none is changed on the way.</summary>
internal sealed class PostgreSqlSource : SourceDatabase
{
    private const string Statement = "mlservice_query";

    private readonly Func<DbConnection> _connect;

    /// <summary>Reads the connection string.</summary>
    /// <exception cref="ArgumentException">It cannot be read.</exception>
    public PostgreSqlSource(string name, DatabaseOptions options) : base(name, options)
    {
        // Queries are few and long, so connections are not kept. Times are held by the caller.
        var connection = new NpgsqlConnectionStringBuilder(options.ConnectionString)
        {
            Pooling = false,
            CommandTimeout = 0,
            Enlist = false,
        };
        connection.ApplicationName ??= "mlservice";
        // It speaks the protocol of PostgreSQL 8, which takes a request for Kerberos for a client of another kind, and hangs up.
        if (options.Kind == DatabaseKind.Redshift)
            connection.GssEncryptionMode = GssEncryptionMode.Disable;
        // All values are texts, so no types need be asked for, in catalogs that Redshift has only in part. Without a pool nothing is open here.
        _connect = new NpgsqlDataSourceBuilder(connection.ConnectionString).ConfigureTypeLoading(types => types.EnableTypeLoading(false)).Build().CreateConnection;
        DatabaseName = connection.Database;
    }

    /// <inheritdoc/>
    public override string? DatabaseName { get; }

    /// <inheritdoc/>
    public override void Check(string query) => ReadOnlySql.CheckBegin(query);

    /// <inheritdoc/>
    public override string? Text(DbDataReader reader, int column)
    {
        if (reader.IsDBNull(column))
            return null;
        // Asked for no bytes, it tells how many there are. A value may have a gigabyte, of which this does not fill the memory.
        if (reader.GetBytes(column, 0, null, 0, 0) <= MaxValueBytes)
            return reader.GetString(column);
        using var text = reader.GetTextReader(column);
        var begin = new char[MaxValueBytes + 1];
        return new string(begin, 0, text.ReadBlock(begin));
    }

    /// <inheritdoc/>
    protected override DbConnection Connection() => _connect();

    /// <inheritdoc/>
    protected override async Task<DbDataReader> Begin(DbConnection connection, string query, CancellationToken cancellation)
    {
        // As texts, days and numbers are as the session has them: in one form, and with all their digits (2 is the most that Redshift takes).
        await Execute(connection, "SET datestyle TO ISO", cancellation);
        await Execute(connection, "SET extra_float_digits TO 2", cancellation);
        await Execute(connection, $"SET statement_timeout TO {(long)Timeout.TotalMilliseconds}", cancellation);
        await Execute(connection, "BEGIN TRANSACTION READ ONLY", cancellation);
        var open = (NpgsqlConnection)connection;
        // In a batch a text goes to the server as it is, which takes no second statement there, and after PREPARE nothing but a query. The
        // text of a command would be cut at its semicolons first, but ours has none.
        await using (var batch = new NpgsqlBatch(open))
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand($"PREPARE {Statement} AS {query}"));
            await batch.ExecuteNonQueryAsync(cancellation);
        }
        await using var command = new NpgsqlCommand($"EXECUTE {Statement}", open) { AllResultTypesAreUnknown = true };
        return await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancellation);
    }
}
