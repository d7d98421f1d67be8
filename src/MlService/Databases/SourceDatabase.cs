using System.Data.Common;
using MlService.Learning;
using MlService.Learning.Csv;

namespace MlService.Databases;

/// <summary>A database that can be asked for rows, and for nothing else.</summary>
/// <param name="name">Its name in the configuration.</param>
/// <param name="options">Its settings.</param>
public abstract class SourceDatabase(string name, DatabaseOptions options)
{
    /// <summary>Longest value that a row can have and still be learned from; of a longer one, no more than shows that it is longer need be read.</summary>
    protected const int MaxValueBytes = CsvReader.MaxRowBytes;

    /// <summary>Its name in the configuration.</summary>
    public string Name { get; } = name;

    /// <summary>How long a query may take until its last row is stored.</summary>
    public TimeSpan Timeout { get; } = TimeSpan.FromSeconds(options.TimeoutSeconds);

    /// <summary>Name of the database on its server; null where the connection names none.</summary>
    public abstract string? DatabaseName { get; }

    /// <summary>Refuses what is not one statement that reads.</summary>
    /// <exception cref="InvalidInputException">It is not.</exception>
    public abstract void Check(string query);

    /// <summary>Runs a query in a transaction that cannot write, and hands out its rows as they come.</summary>
    /// <param name="query">The query.</param>
    /// <param name="cancellation">Stops the query, at the server too.</param>
    /// <exception cref="InvalidInputException">It is no query, or the database refuses it.</exception>
    /// <exception cref="DbException">The database does not answer.</exception>
    public async Task<QueryRows> Query(string query, CancellationToken cancellation)
    {
        Check(query);
        var connection = Connection();
        try
        {
            await connection.OpenAsync(cancellation);
            var reader = await Begin(connection, query, cancellation);
            return new QueryRows(connection, reader, this);
        }
        catch (DbException exception)
        {
            await connection.DisposeAsync();
            throw Explain(exception);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>A value of the reader's row as text; null if it has none.</summary>
    public abstract string? Text(DbDataReader reader, int column);

    /// <summary>What the server refuses is the query's fault; that it does not answer may pass.</summary>
    internal Exception Explain(DbException exception) => exception.IsTransient || IsBroken(exception)
        ? exception
        : new InvalidInputException($"query: the database '{Name}' refuses it: {exception.Message}", exception);

    /// <summary>Whether the connection broke: not every driver calls that passing where it comes amid the rows.</summary>
    private static bool IsBroken(Exception exception)
    {
        for (var cause = exception.InnerException; cause is not null; cause = cause.InnerException)
            if (cause is IOException)
                return true;
        return false;
    }

    /// <summary>A connection that is not open yet.</summary>
    protected abstract DbConnection Connection();

    /// <summary>Begins the transaction and the query.</summary>
    protected abstract Task<DbDataReader> Begin(DbConnection connection, string query, CancellationToken cancellation);

    /// <summary>Runs a statement of ours.</summary>
    protected static async Task Execute(DbConnection connection, string statement, CancellationToken cancellation)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = statement;
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
