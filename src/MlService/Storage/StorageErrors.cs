using MlService.Problems;

namespace MlService.Storage;

/// <summary>There is no such bucket, object or upload.</summary>
public sealed class ObjectNotFoundException(string detail) : ProblemException(ProblemKind.NotFound, detail)
{
    public static ObjectNotFoundException Of(ObjectUri uri) =>
        new($"There is no object {uri}. Upload it, or list the bucket to see what is there: GET /v1/objects/{uri.Bucket}");

    public static ObjectNotFoundException OfBucket(string bucket) =>
        new($"There is no bucket '{bucket}'. A bucket comes into being with its first object; GET /v1/objects lists them.");

    public static ObjectNotFoundException OfUpload(MultipartUpload upload) =>
        new($"There is no upload {upload.Id} to {upload.Target}: it was completed or aborted.");
}

/// <summary>The object is not the version that was asked for.</summary>
public sealed class ObjectChangedException(string detail) : ProblemException(ProblemKind.PreconditionFailed, detail)
{
    public static ObjectChangedException Of(ObjectUri uri, string expected) =>
        new($"The object {uri} was changed or replaced: version {expected} was asked for and is gone. "
            + "Make a new data source from the object as it is now, or restore the old content under a new key.");
}

/// <summary>The range begins behind the object's end.</summary>
public sealed class ObjectRangeException(ObjectUri uri, long offset, long size)
    : ProblemException(ProblemKind.RangeNotSatisfiable, $"The object {uri} has {size} bytes; a range cannot begin at byte {offset}.")
{
    public long Size { get; } = size;
}

/// <summary>The storage has no room for what is being written.</summary>
public sealed class StorageFullException(string detail, Exception? cause = null)
    : ProblemException(ProblemKind.StorageFull, detail, cause: cause);
