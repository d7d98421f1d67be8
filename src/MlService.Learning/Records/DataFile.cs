namespace MlService.Learning.Records;

/// <summary>
/// One file of a data set. The order of files is the order of their names, and positions are counted over
/// the concatenation of the files' data bytes (what follows byte order mark and header).
/// </summary>
/// <param name="Uri">Where the file lies, for example <c>s3://bucket/data.csv</c>; names it in messages and manifests.</param>
/// <param name="Version">The version that was looked at (an ETag); reading another one is an error.</param>
/// <param name="Length">Length of the plain text in bytes of UTF-8: for a gzip file after decompression.</param>
/// <param name="DataStart">Offset of the first data row in the plain text, after byte order mark and header.</param>
/// <param name="IsGzip">Whether the stored bytes are gzip.</param>
public sealed record DataFile(string Uri, string Version, long Length, long DataStart, bool IsGzip)
{
    /// <summary>Whether the text is stored as UTF-16 or UTF-32, known by its byte order mark.</summary>
    public bool IsWide { get; init; }

    /// <summary>The character between columns.</summary>
    public char Delimiter { get; init; } = ',';

    /// <summary>Number of data bytes: <see cref="Length"/> without byte order mark and header.</summary>
    public long DataLength => Length - DataStart;

    /// <summary>Whether the plain text is not what is stored, so that it can only be read from its start.</summary>
    internal bool IsEncoded => IsGzip || IsWide;
}

/// <summary>
/// A piece of one file: the rows whose first byte lies in [<paramref name="Begin"/>, <paramref name="End"/>).
/// </summary>
/// <param name="File">Index into the data set's files.</param>
/// <param name="Begin">First offset in the plain text.</param>
/// <param name="End">Offset after the last one in the plain text.</param>
public readonly record struct DataSegment(int File, long Begin, long End)
{
    /// <summary>Number of bytes of plain text.</summary>
    public long Length => End - Begin;
}

/// <summary>Opens a file's stored bytes.</summary>
/// <param name="file">The file.</param>
/// <param name="offset">First stored byte; always 0 for a file of gzip, UTF-16 or UTF-32.</param>
/// <param name="length">Number of stored bytes wanted, or null for all that follow; a hint, more may be given.</param>
/// <returns>A forward-only stream that the caller disposes.</returns>
public delegate Stream OpenDataFile(DataFile file, long offset, long? length);
