using System.Data.Common;

namespace MlService.Databases;

/// <summary>The rows of a query, read one after the other from the server; disposing it ends connection and transaction.</summary>
public sealed class QueryRows(DbConnection connection, DbDataReader reader, SourceDatabase database) : IAsyncDisposable
{
    /// <summary>Names of the columns.</summary>
    public IReadOnlyList<string> Columns { get; } = [.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetName)];

    /// <summary>Goes to the next row.</summary>
    /// <returns>False at the end.</returns>
    /// <exception cref="Learning.InvalidInputException">The database refuses to go on.</exception>
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
    public string? Text(int column) => database.Text(reader, column);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await reader.DisposeAsync();
        await connection.DisposeAsync();
    }
}
