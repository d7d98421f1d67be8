using System.Text;
using MlService.Learning.Records;
using MlService.Learning.Schemas;
using Record = MlService.Learning.Records.Record;

namespace MlService.Learning.Tests.Records;

/// <summary>Files in memory, opened by range as an object store does: never a byte more than asked for.</summary>
internal sealed class StoredFiles
{
    private readonly Dictionary<string, byte[]> _contents = [];

    public StoredFiles(DataSchema schema, params byte[][] contents)
    {
        Schema = schema;
        for (var index = 0; index < contents.Length; index++)
            _contents[$"s3://bucket/part-{index}.csv"] = contents[index];
        Files = [.. _contents.Select(file =>
            DataSet.Inspect(file.Key, "v1", new MemoryStream(file.Value), file.Value.Length, schema))];
    }

    public StoredFiles(DataSchema schema, params string[] contents)
        : this(schema, [.. contents.Select(Encoding.UTF8.GetBytes)]) { }

    public DataSchema Schema { get; }

    public IReadOnlyList<DataFile> Files { get; }

    public int Opened { get; private set; }

    /// <summary>Puts other bytes in a file's place after it was inspected.</summary>
    public void Replace(int file, byte[] content) => _contents[Files[file].Uri] = content;

    public Stream Open(DataFile file, long offset, long? length)
    {
        Opened++;
        Assert.True(offset == 0 || !file.IsGzip);
        var content = _contents[file.Uri];
        return new MemoryStream(content, (int)offset, (int)Math.Min(length ?? long.MaxValue, content.Length - offset));
    }

    public RecordReader Read(IReadOnlyList<DataSegment> segments, DataSplit? split = null) =>
        new(Schema, Files, segments, split ?? DataSplit.All, Open);

    public RecordReader ReadAll() => Read([.. DataSet.Shards(Files, DataSplit.All, 1).SelectMany(shard => shard)]);

    /// <summary>Every row of a split as text, the shards one after the other; a rejected row is null.</summary>
    public List<string?> Rows(DataSplit split, int shardCount = 1) =>
        [.. DataSet.Shards(Files, split, shardCount).SelectMany(shard => Rows(shard, split))];

    public List<string?> Rows(IReadOnlyList<DataSegment> segments, DataSplit split)
    {
        using var reader = Read(segments, split);
        var rows = new List<string?>();
        while (reader.Read())
            rows.Add(reader.IsRejected ? null : Text(reader.Record));
        return rows;
    }

    public static string Text(Record record)
    {
        var fields = new string[record.Count];
        for (var index = 0; index < fields.Length; index++)
            fields[index] = Encoding.UTF8.GetString(record[index]);
        return string.Join('|', fields);
    }

    public static DataSchema Columns(int count, bool hasHeader = false) =>
        new([.. Enumerable.Range(0, count).Select(index => new SchemaAttribute($"c{index}", AttributeType.Categorical))], hasHeader);
}
