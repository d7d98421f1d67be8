namespace MlService.Storage;

/// <summary>
/// Object storage with the semantics of S3: flat keys in byte order, objects published whole or not at all, strong
/// read-after-write consistency, the last writer wins.
/// </summary>
public interface IObjectStore
{
    /// <summary>The object's size and version; null if there is none.</summary>
    Task<ObjectInfo?> Head(ObjectUri uri, CancellationToken cancellationToken = default);

    /// <summary>Streams the objects whose keys begin with <paramref name="prefix"/> in the byte order of their UTF-8 keys.</summary>
    /// <param name="startAfter">Only keys behind this one (it need not exist); null for all.</param>
    /// <exception cref="ObjectNotFoundException">There is no such bucket.</exception>
    IAsyncEnumerable<ObjectInfo> List(
        string bucket, string prefix, string? startAfter = null, CancellationToken cancellationToken = default);

    /// <summary>The names of all buckets, in byte order.</summary>
    IAsyncEnumerable<string> ListBuckets(CancellationToken cancellationToken = default);

    /// <summary>Opens an object, or a range of it, for one forward reading. The caller disposes the stream.</summary>
    /// <param name="offset">First byte; it must lie inside the object unless it is 0.</param>
    /// <param name="length">Bytes wanted; what lies behind the object's end is left out. Null for all that follow.</param>
    /// <param name="ifMatch">The version (an ETag) that is wanted; null for the current one.</param>
    /// <exception cref="ObjectNotFoundException">There is no such object.</exception>
    /// <exception cref="ObjectChangedException">It is another version, or becomes another while it is read.</exception>
    /// <exception cref="ObjectRangeException"><paramref name="offset"/> lies behind its end.</exception>
    Task<Stream> OpenRead(
        ObjectUri uri, long offset = 0, long? length = null, string? ifMatch = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Writes an object from a stream. It appears, or replaces what was there, in one step when all of it is on the disk;
    /// if the stream or the process fails, nothing has changed. A bucket comes into being with its first object.
    /// </summary>
    /// <param name="length">Length of the content where it is known: lack of room then shows before anything is written.</param>
    /// <exception cref="StorageFullException">There is no room.</exception>
    Task<ObjectInfo> Put(ObjectUri uri, Stream content, long? length = null, CancellationToken cancellationToken = default);

    /// <summary>Deletes an object.</summary>
    /// <returns>False if there was none.</returns>
    Task<bool> Delete(ObjectUri uri, CancellationToken cancellationToken = default);

    /// <summary>Begins an upload in parts.</summary>
    Task<MultipartUpload> BeginUpload(ObjectUri target, CancellationToken cancellationToken = default);

    /// <summary>Uploads one part. Parts come in any order and at the same time; the same number again replaces the part.</summary>
    /// <param name="number">1 to <see cref="MultipartUpload.MaxParts"/>.</param>
    Task<UploadedPart> UploadPart(
        MultipartUpload upload, int number, Stream content, CancellationToken cancellationToken = default);

    /// <summary>Publishes the object made of <paramref name="parts"/>, whose numbers rise, and ends the upload.</summary>
    /// <exception cref="ObjectNotFoundException">There is no such upload (any more).</exception>
    /// <exception cref="MlService.Problems.ProblemException">
    /// A part is missing or was replaced, or one that is not the last is below <see cref="MultipartUpload.MinPartBytes"/>.
    /// </exception>
    Task<ObjectInfo> CompleteUpload(
        MultipartUpload upload, IReadOnlyList<UploadedPart> parts, CancellationToken cancellationToken = default);

    /// <summary>Ends an upload and drops its parts. Does nothing if it has already ended.</summary>
    Task AbortUpload(MultipartUpload upload, CancellationToken cancellationToken = default);

    /// <summary>The uploads under way to keys that begin with <paramref name="prefix"/>, in the order of keys, then ids.</summary>
    IAsyncEnumerable<MultipartUpload> ListUploads(
        string bucket, string prefix, CancellationToken cancellationToken = default);

    /// <summary>A link by which whoever has it reads the object without a key, until it expires.</summary>
    /// <param name="lifetime">How long the link lasts; at most 7 days.</param>
    /// <returns>Null where the store has no address of its own, and the service itself must hand the object out.</returns>
    Uri? PresignRead(ObjectUri uri, TimeSpan lifetime);
}
