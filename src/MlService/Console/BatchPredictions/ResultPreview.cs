using System.IO.Compression;
using System.Text;
using MlService.Learning.Csv;
using MlService.Storage;

namespace MlService.Console.BatchPredictions;

/// <summary>The first lines of a result file, without reading the rest.</summary>
internal static class ResultPreview
{
    private const int Rows = 12;
    private const int HeadBytes = 64 * 1024;

    /// <summary>Reads the header and the first rows, as text.</summary>
    public static async Task<IReadOnlyList<IReadOnlyList<string>>> Read(IObjectStore store, ObjectUri uri, CancellationToken cancellation)
    {
        await using var stored = await store.OpenRead(uri, cancellationToken: cancellation);
        await using var plain = new GZipStream(stored, CompressionMode.Decompress);
        var head = new byte[HeadBytes];
        var length = await plain.ReadAtLeastAsync(head, HeadBytes, throwOnEndOfStream: false, cancellation);
        using var reader = new CsvReader(new MemoryStream(head, 0, length), 0, 0, length);
        List<IReadOnlyList<string>> rows = [];
        while (rows.Count <= Rows && reader.Read() && reader.Error == CsvRowError.None)
        {
            var row = new string[reader.FieldCount];
            for (var i = 0; i < row.Length; i++)
                row[i] = Encoding.UTF8.GetString(reader.Record[i]);
            rows.Add(row);
        }
        return rows;
    }
}
