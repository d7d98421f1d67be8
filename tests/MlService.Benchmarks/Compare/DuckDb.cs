using DuckDB.NET.Data;

namespace MlService.Benchmarks.Compare;

/// <summary>The peer of the data report: DuckDB's SUMMARIZE of the same file with two threads.</summary>
internal sealed class DuckDb : IDisposable
{
    readonly DuckDBConnection _connection = new("DataSource=:memory:;threads=2");

    /// <summary>The file.</summary>
    public string Path { get; } = System.IO.Path.GetTempFileName();

    public DuckDb(BenchmarkRows rows)
    {
        File.WriteAllBytes(Path, rows.Train.Text);
        _connection.Open();
    }

    /// <summary>Reads the file and summarizes it.</summary>
    /// <returns>Number of columns.</returns>
    public int Summarize()
    {
        using var command = _connection.CreateCommand();
        command.CommandText = $"SUMMARIZE SELECT * FROM read_csv('{Path}', header = true)";
        using var reader = command.ExecuteReader();
        var columns = 0;
        while (reader.Read())
            columns++;
        return columns;
    }

    public void Dispose()
    {
        _connection.Dispose();
        File.Delete(Path);
    }
}
