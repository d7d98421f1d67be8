using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace MlService.Benchmarks.Lists;

/// <summary>Multiplies rows of the service's metadata store, behind its back: what jobs would take hours for.</summary>
internal sealed class RowCopies : IAsyncDisposable
{
    readonly DbConnection _connection;

    RowCopies(DbConnection connection) => _connection = connection;

    /// <summary>Opens the store that a service with this data directory and the environment of this process has.</summary>
    public static async Task<RowCopies> Open(string dataDirectory)
    {
        DbConnection connection = Environment.GetEnvironmentVariable("ConnectionStrings__Metadata") is { Length: > 0 } server
            ? new NpgsqlConnection(server)
            : new SqliteConnection($"Data Source={Path.Combine(dataDirectory, "metadata.db")}");
        await connection.OpenAsync();
        return new RowCopies(connection);
    }

    /// <summary>Adds copies of a row, with other ids, names, owners and places, each a tenth of a second younger than the one before.</summary>
    public async Task Add(string table, string id, int count)
    {
        var (columns, row) = await Read(table, id);
        await using var transaction = await _connection.BeginTransactionAsync();
        await using var insert = _connection.CreateCommand();
        insert.CommandText = $"INSERT INTO {table} ({string.Join(", ", columns.Select(column => $"\"{column}\""))}) "
            + $"VALUES ({string.Join(", ", columns.Select((_, index) => $"@p{index}"))})";
        insert.Transaction = transaction;
        for (var index = 0; index < columns.Count; index++)
        {
            var parameter = insert.CreateParameter();
            parameter.ParameterName = $"p{index}";
            insert.Parameters.Add(parameter);
        }
        for (var copy = 0; copy < count; copy++)
        {
            for (var index = 0; index < columns.Count; index++)
                insert.Parameters[index].Value = Change(columns[index], row[index], copy);
            await insert.ExecuteNonQueryAsync();
        }
        await transaction.CommitAsync();
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    static object Change(string column, object value, int copy) => column switch
    {
        "Id" => $"copy-{copy:D8}",
        "Name" => $"name {copy % 1000}",
        "CreatedBy" => $"key-{copy % 50}",
        "DataLocation" => $"s3://bench/{copy % 5000}.csv",
        "Status" => (string[])["Completed", "Failed", "Completed", "Deleted"] is var status ? status[copy % status.Length] : value,
        "CreatedAt" or "UpdatedAt" => Older(value, TimeSpan.FromSeconds(copy * -0.1)),
        _ => value,
    };

    // SQLite keeps times as text.
    static object Older(object time, TimeSpan by) => time is string text
        ? DateTime.Parse(text, CultureInfo.InvariantCulture).Add(by).ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture)
        : ((DateTime)time).Add(by);

    async Task<(List<string> Columns, object[] Row)> Read(string table, string id)
    {
        await using var select = _connection.CreateCommand();
        select.CommandText = $"SELECT * FROM {table} WHERE \"Id\" = '{id}'";
        await using var reader = await select.ExecuteReaderAsync();
        await reader.ReadAsync();
        var row = new object[reader.FieldCount];
        reader.GetValues(row);
        return ([.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetName)], row);
    }
}
