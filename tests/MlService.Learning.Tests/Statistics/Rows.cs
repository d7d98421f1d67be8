using System.Text;
using MlService.Learning.Records;
using MlService.Learning.Schemas;
using MlService.Learning.Statistics;
using Record = MlService.Learning.Records.Record;

namespace MlService.Learning.Tests.Statistics;

/// <summary>Makes schemas and statistics from rows of text.</summary>
internal static class Rows
{
    public static DataSchema Schema(string columns, string? target = null, string? rowId = null, params string[] excluded) =>
        new([.. columns.Split(' ').Select(column => column.Split(':')).Select(parts => new SchemaAttribute(parts[0], parts[1] switch
        {
            "N" => AttributeType.Numeric,
            "B" => AttributeType.Binary,
            "C" => AttributeType.Categorical,
            _ => AttributeType.Text,
        }))], target: target, rowId: rowId, excluded: excluded);

    public static DataStatistics Statistics(DataSchema schema, IEnumerable<string[]> rows, long firstPosition = 0)
    {
        var statistics = new DataStatistics(schema);
        foreach (var row in rows)
            Add(statistics, row, firstPosition++);
        return statistics;
    }

    public static void Add(DataStatistics statistics, string[] row, long position)
    {
        var (bytes, fields) = Encode(row);
        statistics.Add(new Record(bytes, fields), position);
    }

    /// <summary>The texts one behind the other, and where each of them lies.</summary>
    public static (byte[] Bytes, FieldRange[] Fields) Encode(string[] row)
    {
        var bytes = new List<byte>();
        var fields = new FieldRange[row.Length];
        for (var i = 0; i < row.Length; i++)
        {
            var text = Encoding.UTF8.GetBytes(row[i]);
            fields[i] = new FieldRange(bytes.Count, text.Length);
            bytes.AddRange(text);
        }
        return (bytes.ToArray(), fields);
    }

    public static byte[] Bytes(DataStatistics statistics)
    {
        using var stream = new MemoryStream();
        statistics.Write(stream);
        return stream.ToArray();
    }

    public static string[][] OneColumn(params string[] values) => [.. values.Select(value => new[] { value })];
}
