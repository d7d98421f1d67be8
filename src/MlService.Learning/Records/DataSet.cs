using System.Text;
using MlService.Learning.Csv;
using MlService.Learning.Schemas;

namespace MlService.Learning.Records;

/// <summary>Plans how the files of a data set are read.</summary>
public static class DataSet
{
    /// <summary>
    /// Looks at a file: gzip or plain, encoding, delimiter, header. A file of gzip, UTF-16 or UTF-32 is read once to its end, because the length of
    /// its text can be known in no other way; of a plain file only the first bytes are read.
    /// </summary>
    /// <param name="uri">Where the file lies; names it in messages.</param>
    /// <param name="version">The version looked at, for example an ETag.</param>
    /// <param name="stored">The stored bytes from the first one on; disposed.</param>
    /// <param name="storedLength">Number of stored bytes.</param>
    /// <param name="schema">Says whether there is a header, and how many columns it has to have.</param>
    /// <returns>The file; its <see cref="DataFile.DataLength"/> is 0 if it has no data row.</returns>
    /// <exception cref="InvalidInputException">
    /// The file is no CSV text, is broken gzip, or has a header that does not fit the schema.
    /// </exception>
    public static DataFile Inspect(string uri, string version, Stream stored, long storedLength, DataSchema schema)
    {
        using var text = CsvText.Open(stored, uri, out var isGzip, out var isWide);
        var dataStart = text.Head.StartsWith(CsvText.ByteOrderMark) ? CsvText.ByteOrderMark.Length : 0L;
        var delimiter = CsvDelimiter.For(text.Head[(int)dataStart..], schema.Attributes.Count);
        long headerEnd = dataStart;
        if (schema.HasHeader)
            headerEnd += ReadHeader(uri, text.Head[(int)dataStart..], delimiter, schema);
        var length = isGzip || isWide ? Measure(text) : storedLength;
        return new DataFile(uri, version, length, Math.Min(headerEnd, length), isGzip) { IsWide = isWide, Delimiter = delimiter };
    }

    /// <summary>
    /// Cuts the rows of a split into shards of about equally many bytes. Plain files are cut anywhere (a row belongs to the
    /// segment in which its first byte lies); a file of gzip, UTF-16 or UTF-32 stays in one shard, since it can only be read from its start.
    /// </summary>
    /// <param name="files">The files in the order of the data.</param>
    /// <param name="split">Which rows are wanted. A random split needs all bytes: the reader picks its rows.</param>
    /// <param name="shardCount">The most shards to make; at least 1.</param>
    /// <returns>
    /// One list of segments a shard, none of them empty; one after the other they are the split in file order. No shard at all
    /// if the split has no bytes.
    /// </returns>
    public static IReadOnlyList<IReadOnlyList<DataSegment>> Shards(IReadOnlyList<DataFile> files, DataSplit split, int shardCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(shardCount, 1);
        var segments = Segments(files, split);
        var total = segments.Sum(segment => segment.End - segment.Begin);
        var shards = new List<DataSegment>[shardCount];
        for (var shard = 0; shard < shardCount; shard++)
            shards[shard] = [];
        long before = 0;
        foreach (var segment in segments)
        {
            var length = segment.End - segment.Begin;
            if (files[segment.File].IsEncoded)
                shards[ShardOf(before + length / 2, total, shardCount)].Add(segment);
            else
                Cut(segment, before, total, shards);
            before += length;
        }
        return [.. shards.Where(shard => shard.Count > 0)];
    }

    private static int ShardOf(long offset, long total, int shardCount) => (int)((Int128)offset * shardCount / total);

    private static void Cut(DataSegment segment, long before, long total, List<DataSegment>[] shards)
    {
        var begin = segment.Begin;
        while (begin < segment.End)
        {
            var shard = ShardOf(before + begin - segment.Begin, total, shards.Length);
            // The first offset that belongs to the next shard: the least x with x * shards / total >= shard + 1.
            var boundary = (long)(((Int128)(shard + 1) * total + shards.Length - 1) / shards.Length);
            var end = Math.Min(segment.End, segment.Begin + boundary - before);
            shards[shard].Add(segment with { Begin = begin, End = end });
            begin = end;
        }
    }

    private static List<DataSegment> Segments(IReadOnlyList<DataFile> files, DataSplit split)
    {
        var total = files.Sum(file => file.DataLength);
        if (split.Strategy == SplitStrategy.Random)
            return Slice(files, 0, total);
        var begin = DataSplit.OffsetOf(split.PercentBegin, total);
        var end = DataSplit.OffsetOf(split.PercentEnd, total);
        return split.Complement ? [.. Slice(files, 0, begin), .. Slice(files, end, total)] : Slice(files, begin, end);
    }

    private static List<DataSegment> Slice(IReadOnlyList<DataFile> files, long begin, long end)
    {
        var segments = new List<DataSegment>();
        long before = 0;
        for (var index = 0; index < files.Count; index++)
        {
            var file = files[index];
            var from = Math.Max(begin, before);
            var to = Math.Min(end, before + file.DataLength);
            if (from < to)
                segments.Add(new DataSegment(index, file.DataStart + from - before, file.DataStart + to - before));
            before += file.DataLength;
        }
        return segments;
    }

    // Returns the number of bytes of the header line, its line feed included.
    private static long ReadHeader(string uri, ReadOnlySpan<byte> head, char delimiter, DataSchema schema)
    {
        if (head.IsEmpty)
            return 0;
        using var reader = new CsvReader(new MemoryStream(head.ToArray()), 0, 0, 1, delimiter, skipEmptyRows: false);
        reader.Read();
        if (reader.Error != CsvRowError.None)
            throw new InvalidInputException(
                $"{uri}: the header in line 1 cannot be read ({CsvRowErrors.Describe(reader.Error)}). Correct it, or say in the "
                + "schema that there is no header.");
        CheckHeader(uri, reader.Record, schema);
        var lineFeed = head.IndexOf((byte)'\n');
        return lineFeed < 0 ? head.Length : lineFeed + 1;
    }

    private static void CheckHeader(string uri, Record header, DataSchema schema)
    {
        var attributes = schema.Attributes;
        if (header.Count != attributes.Count)
            throw new InvalidInputException(
                $"{uri}: the header has {header.Count} columns, the schema {attributes.Count} attributes. They are matched by "
                + "position, so every column needs an attribute (unused ones are named in excludedAttributeNames).");
        var isPermutation = true;
        var isTaken = new bool[header.Count];
        var misplaced = -1;
        for (var column = 0; column < header.Count && isPermutation; column++)
        {
            var index = schema.IndexOf(Encoding.UTF8.GetString(header[column]));
            isPermutation = index >= 0 && !isTaken[index];
            if (isPermutation)
                isTaken[index] = true;
            if (index != column && misplaced < 0)
                misplaced = column;
        }
        if (isPermutation && misplaced >= 0)
            throw new InvalidInputException(
                $"{uri}: the header has the schema's names in another order: column {misplaced + 1} is "
                + $"\"{Encoding.UTF8.GetString(header[misplaced])}\" in the file, \"{attributes[misplaced].Name}\" in the schema. "
                + "Columns are matched by position; list the attributes in the order of the file.");
    }

    private static long Measure(Stream text)
    {
        var buffer = new byte[64 * 1024];
        long length = 0;
        int read;
        while ((read = text.Read(buffer)) > 0)
            length += read;
        return length;
    }
}
