using MlService.Benchmarks.Data;
using MlService.Learning.Records;
using MlService.Learning.Schemas;

namespace MlService.Benchmarks.Compare;

/// <summary>Generated rows of a task as CSV text in memory, in two parts: to train on and to test on.</summary>
internal sealed class BenchmarkRows
{
    const double TestShare = 0.3;

    /// <summary>Generates <paramref name="rows"/> rows.</summary>
    public BenchmarkRows(LearningTask task, int rows)
    {
        Task = task;
        Schema = SchemaOf(task);
        List<OracleRow> oracle = [];
        var test = (int)(rows * TestShare);
        using var trainPart = new MemoryStream();
        using var testPart = new MemoryStream();
        trainPart.Write(RowChunk.Header);
        testPart.Write(RowChunk.Header);
        var done = 0;
        foreach (var chunk in SyntheticData.Generate(task, rows, seed: 7))
        {
            var cut = Math.Clamp(rows - test - done, 0, chunk.Rows);
            trainPart.Write(chunk.Lines(0, cut).Span);
            testPart.Write(chunk.Lines(cut, chunk.Rows).Span);
            oracle.AddRange(chunk.Oracle(cut));
            done += chunk.Rows;
        }
        (TrainRows, TestRows) = (rows - test, test);
        BestPossible = OracleRow.BestPossible(task, oracle);
        Train = new(Schema, trainPart.ToArray());
        Test = new(Schema, testPart.ToArray());
    }

    /// <summary>The columns that the generator writes.</summary>
    public DataSchema Schema { get; }

    /// <summary>What the target is.</summary>
    public LearningTask Task { get; }

    /// <summary>The quality of the true model on the rows to test on, in words.</summary>
    public string BestPossible { get; }

    /// <summary>Number of rows to train on.</summary>
    public int TrainRows { get; }

    /// <summary>Number of rows to test on.</summary>
    public int TestRows { get; }

    /// <summary>Rows to train on.</summary>
    public Part Train { get; }

    /// <summary>Rows to test on.</summary>
    public Part Test { get; }

    /// <summary>The columns that the generator writes for a task.</summary>
    public static DataSchema SchemaOf(LearningTask task) => new(
        [
            .. Columns("n", 8, AttributeType.Numeric), .. Columns("c", 8, AttributeType.Categorical),
            .. Columns("b", 2, AttributeType.Binary), new("txt", AttributeType.Text), new("y", task switch
            {
                LearningTask.Binary => AttributeType.Binary,
                LearningTask.Multiclass => AttributeType.Categorical,
                _ => AttributeType.Numeric,
            }),
        ],
        hasHeader: true, target: "y");

    static IEnumerable<SchemaAttribute> Columns(string prefix, int count, AttributeType type) =>
        Enumerable.Range(0, count).Select(i => new SchemaAttribute($"{prefix}{i}", type));

    /// <summary>A CSV text.</summary>
    internal sealed class Part
    {
        readonly DataSchema _schema;
        readonly DataFile[] _files;

        public Part(DataSchema schema, byte[] text)
        {
            (_schema, Text) = (schema, text);
            using var stream = new MemoryStream(text, writable: false);
            _files = [DataSet.Inspect("memory", "1", stream, text.Length, schema)];
        }

        /// <summary>Its bytes, the header included.</summary>
        public byte[] Text { get; }

        /// <summary>Its bytes without the header.</summary>
        public ReadOnlySpan<byte> Data => Text.AsSpan((int)_files[0].DataStart);

        /// <summary>Reads it as one shard.</summary>
        public RecordReader Open() => Open(1)[0]();

        /// <summary>Readers of it as some shards.</summary>
        public Func<RecordReader>[] Open(int shards) =>
            [.. DataSet.Shards(_files, DataSplit.All, shards).Select<IReadOnlyList<DataSegment>, Func<RecordReader>>(shard =>
                () => new(_schema, _files, shard, DataSplit.All, (_, offset, length) =>
                    new MemoryStream(Text, (int)offset, (int)Math.Min(length ?? long.MaxValue, Text.Length - offset), writable: false)))];
    }
}
