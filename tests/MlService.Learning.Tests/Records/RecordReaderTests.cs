using System.Text;
using CsCheck;
using MlService.Learning.Csv;
using MlService.Learning.Records;
using MlService.Learning.Tests.Csv;

namespace MlService.Learning.Tests.Records;

public class RecordReaderTests
{
    [Fact]
    public void RowsOfAllFilesAreReadInOrderWithTheirPlaces()
    {
        var stored = new StoredFiles(StoredFiles.Columns(2, hasHeader: true), "c0,c1\n1,2\n3,4", "\uFEFFc0,c1\r\n\r\n5,\"6,\"\r\n");
        using var reader = stored.ReadAll();
        var rows = new List<(string, int, long, long)>();
        while (reader.Read())
            rows.Add((StoredFiles.Text(reader.Record), reader.FileIndex, reader.RowOffset, reader.RowPosition));
        Assert.Equal([("1|2", 0, 6, 0), ("3|4", 0, 10, 4), ("5|6,", 1, 12, 9)], rows);
        Assert.Equal((3, 0), (reader.RowsRead, reader.RowsRejected));
        Assert.Equal(stored.Files.Sum(file => file.DataLength), reader.BytesRead);
        Assert.False(reader.Read());
    }

    [Fact]
    public void RowsThatAreNoRecordsAreDeliveredCountedAndDescribed()
    {
        var stored = new StoredFiles(
            StoredFiles.Columns(2, hasHeader: true),
            "c0,c1\n1\n1,2,3\n\"1,2\n\"1\"x,2\n" + new string('x', CsvReader.MaxRowBytes + 1) + "\n\n5,6\n");
        using var reader = stored.ReadAll();
        for (var row = 0; row < 5; row++)
        {
            Assert.True(reader.Read());
            Assert.True(reader.IsRejected);
            Assert.Equal(0, reader.Record.Count);
        }
        Assert.True(reader.Read());
        Assert.False(reader.IsRejected);
        Assert.Equal("5|6", StoredFiles.Text(reader.Record));
        Assert.False(reader.Read());
        Assert.Equal((6, 5), (reader.RowsRead, reader.RowsRejected));
        Assert.Collection(
            reader.Rejections,
            words => Assert.StartsWith("s3://bucket/part-0.csv, line 2: 1 columns where the schema has 2", words, StringComparison.Ordinal),
            words => Assert.StartsWith("s3://bucket/part-0.csv, line 3: 3 columns", words, StringComparison.Ordinal),
            words => Assert.Contains("line 4: a quoted value is not closed", words, StringComparison.Ordinal),
            words => Assert.Contains("line 5: text follows a closing quote", words, StringComparison.Ordinal),
            words => Assert.Contains("line 6: the row is longer than 102400 bytes", words, StringComparison.Ordinal));
    }

    [Fact]
    public void InTheMiddleOfAFileARejectionTellsTheByte()
    {
        var stored = new StoredFiles(StoredFiles.Columns(2), "1,2\n3\n4,5\n");
        using var reader = stored.Read([new DataSegment(0, 2, 10)]);
        Assert.True(reader.Read());
        Assert.StartsWith("s3://bucket/part-0.csv, row at byte 4: 1 columns", Assert.Single(reader.Rejections), StringComparison.Ordinal);
    }

    [Fact]
    public void WithOneAttributeAnEmptyLineIsAnEmptyValue() =>
        Assert.Equal(["a", "", "b"], new StoredFiles(StoredFiles.Columns(1), "a\n\nb\n").Rows(DataSplit.All));

    [Fact]
    public void TenThousandRejectedRowsAreTolerated()
    {
        var rows = string.Concat(Enumerable.Repeat("x\n", RecordReader.MaxRejectedRows));
        using var tolerant = new StoredFiles(StoredFiles.Columns(2), rows + "1,2\n").ReadAll();
        while (tolerant.Read())
            continue;
        Assert.Equal((10_001, 10_000, 10), (tolerant.RowsRead, tolerant.RowsRejected, tolerant.Rejections.Count));

        using var strict = new StoredFiles(StoredFiles.Columns(2), rows + "y\n").ReadAll();
        var error = Assert.Throws<InvalidInputException>(() =>
        {
            while (strict.Read())
                continue;
        });
        Assert.Contains("10000", error.Message, StringComparison.Ordinal);
        Assert.Contains("line 1: 1 columns", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AFileThatShrankSinceItWasInspectedIsAnError()
    {
        var stored = new StoredFiles(StoredFiles.Columns(2), "1,2\n3,4\n", "5,6\n");
        stored.Replace(0, "1,2\n"u8.ToArray());
        using var reader = stored.ReadAll();
        Assert.True(reader.Read());
        var error = Assert.Throws<InvalidInputException>(() => reader.Read());
        Assert.Contains("part-0.csv", error.Message, StringComparison.Ordinal);
        Assert.Contains("must not change", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ContentThatIsNoTextIsAnErrorWhenItIsRead()
    {
        var stored = new StoredFiles(StoredFiles.Columns(2), "1,2\n3,4\n");
        stored.Replace(0, "PK\u0003\u0004abcd"u8.ToArray());
        using var reader = stored.ReadAll();
        var error = Assert.Throws<InvalidInputException>(() => reader.Read());
        Assert.Contains("zip", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ReadingRecordsAllocatesNothing()
    {
        var stored = new StoredFiles(StoredFiles.Columns(3), string.Concat(Enumerable.Repeat("1,\"a \"\"b\"\"\", c\n", 20_000)));
        var split = new DataSplit(0, 50, SplitStrategy.Random, "seed");
        var shard = DataSet.Shards(stored.Files, split, 1)[0];
        using var reader = stored.Read(shard, split);
        Assert.Equal(0, Allocation.Least(() =>
        {
            for (var row = 0; row < 450; row++)
                Assert.True(reader.Read());
        }));
    }

    [Fact]
    public void AnyShardingOfAnySplitGivesEachRowOnceAndInOrder() =>
        Gen.Select(Contents, Gen.Double[0, 100], Gen.Double[0, 100], Gen.Int[2, 7], Gen.Bool).Sample((contents, one, other, shardCount, random) =>
        {
            var (stored, all) = contents;
            var strategy = random ? SplitStrategy.Random : SplitStrategy.Sequential;
            Assert.Equal(all, stored.Rows(DataSplit.All));
            Assert.Equal(all, stored.Rows(DataSplit.All, shardCount));

            double[] cuts = [0, Math.Min(one, other), Math.Max(one, other), 100];
            var parts = Enumerable.Range(0, 3).Select(part => new DataSplit(cuts[part], cuts[part + 1], strategy, "seed")).ToList();
            var rows = parts.Select(part => stored.Rows(part)).ToList();
            foreach (var (part, expected) in parts.Zip(rows))
                Assert.Equal(expected, stored.Rows(part, shardCount));
            var outside = stored.Rows(new DataSplit(cuts[1], cuts[2], strategy, "seed", complement: true), shardCount);
            if (!random)
                Assert.Equal(all, rows.SelectMany(part => part));
            Assert.Equal(all.Order(), rows.SelectMany(part => part).Order());
            Assert.Equal(all.Order(), rows[1].Concat(outside).Order());
        }, iter: 120);

    [Fact]
    public void EveryByteIsAGoodPlaceToCut()
    {
        foreach (var text in (string[])["a,1\nbb,22\n\nccc,333", "a,1\r\nbb,22\r\n\r\nccc,333\r\n", "\uFEFFa,1\nbb,22\nccc,333\n"])
            foreach (var stored in (StoredFiles[])[new(StoredFiles.Columns(2), text), new(StoredFiles.Columns(2), CsvTextTests.Gzip(text))])
                for (var cut = stored.Files[0].DataStart; cut <= stored.Files[0].Length; cut++)
                    Assert.Equal(
                        ["a|1", "bb|22", "ccc|333"],
                        stored.Rows(
                            [new DataSegment(0, stored.Files[0].DataStart, cut), new DataSegment(0, cut, stored.Files[0].Length)],
                            DataSplit.All));
    }

    // Files of rows that tell their place, and those rows; every form a file may take.
    private static Gen<(StoredFiles Stored, List<string?> Rows)> Contents =>
        Gen.Select(
            Gen.Select(Gen.Int[0, 40], Gen.Bool, Gen.Bool, Gen.Bool, Gen.Bool).Array[1, 4], Gen.Bool, Gen.Int[0, 12])
        .Select((shapes, hasHeader, padding) =>
        {
            var rows = new List<string?>();
            var files = shapes.Select((shape, file) =>
            {
                var (count, crlf, lastLineFeed, byteOrderMark, gzip) = shape;
                var lineEnd = crlf ? "\r\n" : "\n";
                var text = new StringBuilder(byteOrderMark ? "\uFEFF" : "").Append(hasHeader ? "c0,c1" + lineEnd : "");
                for (var row = 0; row < count; row++)
                {
                    var (line, fields) = (row % 5) switch
                    {
                        1 => ($"\"{file},\"\"é\"\"\", {row}", $"{file},\"é\"|{row}"),
                        2 => ($"{file}-{row}{lineEnd}", null),
                        _ => ($"{file}-{row},{new string('x', row % 7 * padding)}", $"{file}-{row}|{new string('x', row % 7 * padding)}"),
                    };
                    rows.Add(fields);
                    text.Append(line).Append(row == count - 1 && !lastLineFeed ? "" : lineEnd);
                }
                var bytes = Encoding.UTF8.GetBytes(text.ToString());
                return gzip ? CsvTextTests.Gzip(bytes) : bytes;
            }).ToArray();
            return (new StoredFiles(StoredFiles.Columns(2, hasHeader), files), rows);
        });
}
