using CsCheck;
using MlService.Learning.Records;
using MlService.Learning.Tests.Csv;

namespace MlService.Learning.Tests.Records;

public class DataSetTests
{
    [Theory]
    [InlineData("1,2\n", false, 0, 4)]
    [InlineData("\uFEFF1,2\n", false, 3, 7)]
    [InlineData("c0,c1\n1,2\n", true, 6, 10)]
    [InlineData("\uFEFFc0,c1\r\n1,2", true, 10, 13)]
    [InlineData("c0,c1", true, 5, 5)]
    [InlineData("\" c0\",x\n", true, 8, 8)]
    [InlineData("", true, 0, 0)]
    public void DataStartsBehindByteOrderMarkAndHeader(string content, bool hasHeader, long dataStart, long length)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(content);
        // An empty file has no magic bytes either.
        foreach (var isGzip in content.Length == 0 ? (bool[])[false] : [false, true])
        {
            var stored = isGzip ? CsvTextTests.Gzip(bytes) : bytes;
            var file = DataSet.Inspect("s3://b/f", "v1", new TricklingStream(stored, 5), stored.Length, StoredFiles.Columns(2, hasHeader));
            Assert.Equal(new DataFile("s3://b/f", "v1", length, dataStart, isGzip), file);
        }
    }

    [Fact]
    public void OnlyTheHeadOfAPlainFileIsRead()
    {
        var stream = new MemoryStream(new byte[1_000_000]);
        stream.Write(System.Text.Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("1,2\n", 200_000))));
        stream.Position = 0;
        var file = DataSet.Inspect("s3://b/f", "v1", stream, 5_000_000_000_000, StoredFiles.Columns(2));
        Assert.Equal(5_000_000_000_000, file.Length);
    }

    [Theory]
    [InlineData("c0,c1,c2\n", "3 columns", "2 attributes")]
    [InlineData("c0\n", "1 columns", "2 attributes")]
    [InlineData("c0;c1;c2\n", "1 columns", "2 attributes")]
    [InlineData("c1,c0\n", "another order", "column 1 is \"c1\"")]
    [InlineData("\"c0,c1\n", "line 1", "not closed")]
    public void AHeaderThatDoesNotFitTheSchemaIsAnError(string content, string where, string what)
    {
        var error = Assert.Throws<InvalidInputException>(() => new StoredFiles(StoredFiles.Columns(2, hasHeader: true), content));
        Assert.Contains("s3://bucket/part-0.csv", error.Message, StringComparison.Ordinal);
        Assert.Contains(where, error.Message, StringComparison.Ordinal);
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(',')]
    [InlineData(';')]
    [InlineData('\t')]
    [InlineData('|')]
    public void RowsAreTheSameWhateverSeparatesColumnsAndInWhateverUnicode(char delimiter)
    {
        string[] values = ["a,b", "c;d", "e|f", "g\th", "5\"", "", "ü𝄞", "x y", " z"];
        var text = "c0,c1,c2\n".Replace(',', delimiter) + string.Concat(Enumerable.Range(0, 400).Select(row => string.Join(delimiter, Enumerable.Range(0, 3)
            .Select(column => values[(row * 5 + column * 7 + row / 9) % values.Length]).Select(value => $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"")) + "\r\n"));
        var expected = Enumerable.Range(0, 400).Select(row => string.Join('|', Enumerable.Range(0, 3).Select(column => values[(row * 5 + column * 7 + row / 9) % values.Length])));
        foreach (var encoding in (System.Text.Encoding[])[System.Text.Encoding.UTF8, System.Text.Encoding.Unicode, System.Text.Encoding.BigEndianUnicode, System.Text.Encoding.UTF32])
        {
            byte[] stored = [.. encoding.GetPreamble(), .. encoding.GetBytes(text)];
            foreach (var content in (byte[][])[stored, CsvTextTests.Gzip(stored)])
            {
                var files = new StoredFiles(StoredFiles.Columns(3, hasHeader: true), content, content);
                Assert.Equal(delimiter, files.Files[0].Delimiter);
                foreach (var shards in (int[])[1, 5])
                    Assert.Equal(expected.Concat(expected), files.Rows(DataSplit.All, shards));
                var (half, other) = (new DataSplit(0, 50, SplitStrategy.Random, "s"), new DataSplit(50, 100, SplitStrategy.Random, "s"));
                Assert.Equal(800, files.Rows(half, 3).Count + files.Rows(other, 2).Count);
            }
        }
    }

    [Theory]
    [InlineData("1,5;2,5\n3,4;4,5\n", 2, ';')]
    [InlineData("1,5;2,5\n3,4;4,5\n", 3, ',')]
    [InlineData("one; two; three\nfour\n", 1, ',')]
    [InlineData("one;two\nthree;four\n", 1, ',')]
    [InlineData("5\";a\n6\";b\n7;c\n", 2, ';')]
    [InlineData("\"a \"\"b;c\"\" d\";x\ny;z\n", 2, ';')]
    public void TheSchemaTellsWhatSeparatesColumnsWhereMoreThanOneCould(string content, int columns, char delimiter) =>
        Assert.Equal(delimiter, new StoredFiles(StoredFiles.Columns(columns), content).Files[0].Delimiter);

    /// <summary>Two columns of one name have one each in a schema: that is no other order.</summary>
    [Theory]
    [InlineData("c0,c0\n1,2\n")]
    [InlineData("c1,c1\n1,2\n")]
    public void AHeaderMayHaveANameTwice(string content) => Assert.Single(new StoredFiles(StoredFiles.Columns(2, hasHeader: true), content).Files);

    [Fact]
    public void ShardsAreOfEqualBytesAndPlainFilesAreCutFreely()
    {
        DataFile[] files = [new("a", "", 1003, 3, false), new("b", "", 500, 0, false)];
        Assert.Equal(
            [
                [new DataSegment(0, 3, 503)],
                [new DataSegment(0, 503, 1003)],
                [new DataSegment(1, 0, 500)],
            ],
            DataSet.Shards(files, DataSplit.All, 3));
        Assert.Equal([[new DataSegment(0, 303, 703)]], DataSet.Shards(files, new DataSplit(20, 46.7), 1));
    }

    [Fact]
    public void AComplementOfASequentialSplitIsWhatLiesBeforeAndBehind()
    {
        DataFile[] files = [new("a", "", 1000, 0, false)];
        Assert.Equal(
            [[new DataSegment(0, 0, 200), new DataSegment(0, 700, 1000)]],
            DataSet.Shards(files, new DataSplit(20, 70, complement: true), 1));
    }

    [Fact]
    public void GzipFilesStayWhole()
    {
        DataFile[] files = [new("a", "", 1000, 0, true), new("b", "", 1000, 0, true), new("c", "", 2000, 0, false)];
        Assert.Equal(
            [
                [new DataSegment(0, 0, 1000), new DataSegment(1, 0, 1000)],
                [new DataSegment(2, 0, 2000)],
            ],
            DataSet.Shards(files, DataSplit.All, 2));
        Assert.Equal([[new DataSegment(0, 0, 1000)], [new DataSegment(1, 0, 1000)]], DataSet.Shards(files[..2], DataSplit.All, 3));
        Assert.Equal([[new DataSegment(0, 0, 1000)]], DataSet.Shards(files[..1], DataSplit.All, 3));
    }

    [Fact]
    public void NoBytesMakeNoShards()
    {
        Assert.Empty(DataSet.Shards([], DataSplit.All, 4));
        Assert.Empty(DataSet.Shards([new("a", "", 10, 10, false)], DataSplit.All, 4));
        Assert.Empty(DataSet.Shards([new("a", "", 10, 0, false)], new DataSplit(50, 50), 4));
    }

    [Fact]
    public void ShardsCoverTheSplitOnceAndInOrder() =>
        Gen.Select(Gen.Select(Gen.Long[0, 5_000_000_000], Gen.Bool).Array[1, 6], Gen.Int[1, 9], Gen.Double[0, 100], Gen.Double[0, 100])
            .Sample((shapes, shardCount, one, other) =>
            {
                DataFile[] files = [.. shapes.Select((shape, index) => new DataFile($"{index}", "", shape.Item1 + 7, 7, shape.Item2))];
                var split = new DataSplit(Math.Min(one, other), Math.Max(one, other));
                var whole = DataSet.Shards(files, split, 1).SelectMany(shard => shard).ToList();
                var shards = DataSet.Shards(files, split, shardCount);
                Assert.InRange(shards.Count, whole.Count == 0 ? 0 : 1, shardCount);
                var joined = new List<DataSegment>();
                foreach (var segment in shards.SelectMany(shard => shard))
                {
                    if (joined.Count > 0 && joined[^1].File == segment.File && joined[^1].End == segment.Begin && !files[segment.File].IsGzip)
                        joined[^1] = joined[^1] with { End = segment.End };
                    else
                        joined.Add(segment);
                }
                Assert.Equal(whole, joined);
                if (shapes.Any(shape => shape.Item2) || whole.Count == 0)
                    return;
                var sizes = shards.Select(shard => shard.Sum(segment => segment.End - segment.Begin)).ToList();
                Assert.InRange(sizes.Max() - sizes.Min(), 0, 1);
            }, iter: 800);
}
