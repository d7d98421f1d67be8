using System.Data.Common;
using MlService.Learning;

namespace MlService.Databases;

/// <summary>The rows of a query, read one after the other from the server; disposing it ends connection and transaction.</summary>
public sealed class QueryRows(DbConnection connection, DbDataReader reader, SourceDatabase database) : IAsyncDisposable
{
    /// <summary>Names of the columns.</summary>
    public IReadOnlyList<string> Columns { get; } = [.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetName)];

    /// <summary>Goes to the next row.</summary>
    /// <returns>False at the end.</returns>
    /// <exception cref="InvalidInputException">The database refuses to go on.</exception>
    public async ValueTask<bool> Read(CancellationToken cancellation)
    {
        try
        {
            return await reader.ReadAsync(cancellation);
        }
        catch (DbException exception)
        {
            throw database.Explain(exception);
        }
    }

    /// <summary>A value of the current row as text; null if it has none. Columns are asked for from left to right.</summary>
    /// <exception cref="InvalidInputException">It cannot be told as text.</exception>
    public string? Text(int column)
    {
        try
        {
            return database.Text(reader, column);
        }
        catch (Exception exception) when (exception is FormatException or InvalidCastException or OverflowException)
        {
            throw new InvalidInputException($"query: a value of its column '{Columns[column]}' cannot be read: {exception.Message} Have the database make a text of it.", exception);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await reader.DisposeAsync();
        await connection.DisposeAsync();
    }
}
