using MlService.Learning.Records;
using MlService.Storage;

namespace MlService.DataSources;

/// <summary>
/// Opens the stored files of a shard for the engine, which reads them one after the other on a thread of its own. Small files are fetched
/// ahead, side by side: a server takes its time to answer, and many small files would add that up.
/// </summary>
internal sealed class FilesAhead(
    IObjectStore objects, IReadOnlyList<DataFile> files, IReadOnlyList<DataSegment> segments, CancellationToken cancellation)
{
    private const long MaxBytes = 256 << 10;
    private const int MostAhead = 64;
    private const long MostBytesAhead = 4 << 20;

    private readonly Queue<(DataFile File, Task<byte[]> Content)> _ahead = new();
    private long _bytesAhead;
    private int _next;

    /// <summary>Opens a file of the segment that comes next, see <see cref="OpenDataFile"/>.</summary>
    public Stream Open(DataFile file, long offset, long? length)
    {
        Fetch();
        if (_ahead.TryPeek(out var first) && first.File == file)
        {
            _ahead.Dequeue();
            _bytesAhead -= file.Length;
            return From(first.Content.WaitFor(cancellation), offset);
        }

        // The engine is synchronous by design; its thread is the shard's own, so waiting here holds up nobody.
        return objects.OpenRead(ObjectUri.Parse(file.Uri), offset, length, file.Version, cancellation).WaitFor(cancellation);
    }

    private static MemoryStream From(byte[] content, long offset) =>
        new(content, (int)Math.Min(offset, content.Length), (int)Math.Max(0, content.Length - offset), writable: false);

    private void Fetch()
    {
        for (; _next < segments.Count && _ahead.Count < MostAhead && _bytesAhead < MostBytesAhead; _next++)
        {
            var file = files[segments[_next].File];
            if (file.Length > MaxBytes)
                continue;
            _ahead.Enqueue((file, Read(file)));
            _bytesAhead += file.Length;
        }
    }

    private async Task<byte[]> Read(DataFile file)
    {
        await using var stream = await objects.OpenRead(ObjectUri.Parse(file.Uri), ifMatch: file.Version, cancellationToken: cancellation);
        using var content = new MemoryStream((int)Math.Min(file.Length, MaxBytes));
        await stream.CopyToAsync(content, cancellation);
        return content.ToArray();
    }
}
