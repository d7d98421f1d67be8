using MlService.Learning;
using MlService.Problems;
using Microsoft.Win32.SafeHandles;

namespace MlService.Storage;

/// <summary>
/// Objects in a directory: <c>{root}/{bucket}/{key}</c>, see <see cref="KeyNames"/> for keys that are no paths. What is in the
/// making lies in <c>.temporary</c> and <c>.uploads</c>, which no bucket can be named. The directory belongs to one process
/// (<see cref="DataDirectory"/>), so what is found in <c>.temporary</c> at start is left over.
/// </summary>
public sealed class DirectoryObjectStore : IObjectStore
{
    private readonly string _root;
    private readonly string _temporary;
    private readonly ObjectTree _tree;
    private readonly DirectoryUploads _uploads;
    private readonly DiskSpace _space;
    private readonly Durability _durability;
    private readonly ObjectVersion _versions = new();

    /// <summary>Opens the store in a directory, which is made where it is missing.</summary>
    /// <param name="root">The directory.</param>
    /// <param name="reserve">Bytes that objects leave free on its disk.</param>
    public DirectoryObjectStore(string root, long reserve) : this(root, DiskSpace.Of(Path.GetFullPath(root), reserve), null, new Durability(true)) { }

    internal DirectoryObjectStore(string root, DiskSpace space, bool? foldsCase, Durability durability)
    {
        _durability = durability;
        _root = Path.GetFullPath(root);
        _temporary = Path.Combine(_root, ".temporary");
        var uploads = Path.Combine(_root, ".uploads");
        if (Directory.Exists(_temporary))
            Directory.Delete(_temporary, recursive: true);
        Directory.CreateDirectory(_temporary);
        Directory.CreateDirectory(uploads);
        _uploads = new DirectoryUploads(uploads, _temporary);
        _uploads.DropUnfinished();
        _space = space;
        _tree = new ObjectTree(_root, new KeyNames(foldsCase ?? FoldsCase(_temporary)), durability);
    }

    public Task<ObjectInfo?> Head(ObjectUri uri, CancellationToken cancellationToken = default)
    {
        uri.RequireObject();
        return Task.FromResult(_tree.Find(uri) is { } file ? ObjectVersion.Describe(uri, file) : null);
    }

    public IAsyncEnumerable<ObjectInfo> List(
        string bucket, string prefix, string? startAfter = null, CancellationToken cancellationToken = default)
    {
        ObjectUri.RequirePrefix(bucket, prefix);
        if (!_tree.HasBucket(bucket))
            throw ObjectNotFoundException.OfBucket(bucket);
        return new DirectoryListing(_tree.Names, bucket, prefix, startAfter)
            .Walk(_tree.BucketPath(bucket), cancellationToken).ToAsyncEnumerable();
    }

    public IAsyncEnumerable<string> ListBuckets(CancellationToken cancellationToken = default) =>
        Directory.EnumerateDirectories(_root)
            .Where(ObjectTree.IsDirectory)
            .Select(path => Path.GetFileName(path))
            .Where(name => BucketName.Error(name) is null)
            .Order(StringComparer.Ordinal)
            .ToAsyncEnumerable();

    public Task<Stream> OpenRead(
        ObjectUri uri, long offset = 0, long? length = null, string? ifMatch = null, CancellationToken cancellationToken = default)
    {
        uri.RequireObject();
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (length is { } wanted)
            ArgumentOutOfRangeException.ThrowIfNegative(wanted);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var found = _tree.Find(uri) ?? throw ObjectNotFoundException.Of(uri);
            // A pipe or device would block whoever opens it. They have no size, and an empty file needs no opening.
            if (found.Length == 0)
                return Task.FromResult<Stream>(Range(uri, new SafeFileHandle(), ObjectVersion.Describe(uri, found), offset, length, ifMatch));
            SafeFileHandle file;
            try
            {
                file = File.OpenHandle(found.FullName, share: FileShare.ReadWrite | FileShare.Delete);
            }
            catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
            {
                continue; // deleted or moved aside between the two looks: the next one tells which
            }
            try
            {
                return Task.FromResult<Stream>(Range(uri, file, ObjectVersion.Describe(uri, file), offset, length, ifMatch));
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }
    }

    public async Task<ObjectInfo> Put(
        ObjectUri uri, Stream content, long? length = null, CancellationToken cancellationToken = default)
    {
        uri.RequireObject();
        using var file = TemporaryFile.Create(_temporary, _space);
        await file.Append(content, length, cancellationToken);
        var info = await file.Seal(uri, _versions.NextMoment(), _durability, cancellationToken);
        _tree.Publish(file.FilePath, uri);
        return info;
    }

    public Task<bool> Delete(ObjectUri uri, CancellationToken cancellationToken = default)
    {
        uri.RequireObject();
        return Task.FromResult(_tree.Remove(uri));
    }

    public Task<MultipartUpload> BeginUpload(ObjectUri target, CancellationToken cancellationToken = default)
    {
        target.RequireObject();
        return Task.FromResult(_uploads.Begin(target, _versions.NextMoment()));
    }

    public async Task<UploadedPart> UploadPart(
        MultipartUpload upload, int number, Stream content, CancellationToken cancellationToken = default)
    {
        MultipartUpload.CheckNumber(number);
        var directory = _uploads.Require(upload);
        using var file = TemporaryFile.Create(_temporary, _space);
        await file.Append(content, null, cancellationToken);
        var info = await file.Seal(upload.Target, _versions.NextMoment(), _durability, cancellationToken);
        try
        {
            File.Move(file.FilePath, DirectoryUploads.PartPath(directory, number), overwrite: true);
        }
        catch (DirectoryNotFoundException)
        {
            throw ObjectNotFoundException.OfUpload(upload); // aborted meanwhile
        }
        _durability.FlushDirectory(directory);
        return new UploadedPart(number, info.ETag, info.Size);
    }

    public async Task<ObjectInfo> CompleteUpload(
        MultipartUpload upload, IReadOnlyList<UploadedPart> parts, CancellationToken cancellationToken = default)
    {
        MultipartUpload.Check(parts);
        var directory = _uploads.Require(upload);
        using var file = TemporaryFile.Create(_temporary, _space);
        for (var i = 0; i < parts.Count; i++)
        {
            await using var part = OpenPart(upload.Target, directory, parts[i]);
            if (i < parts.Count - 1 && part.Length < MultipartUpload.MinPartBytes)
                throw new InvalidInputException(
                    $"Part {parts[i].Number} has {part.Length} bytes; every part but the last needs at least "
                    + $"{MultipartUpload.MinPartBytes}. Join small parts before they are uploaded.");
            await file.Append(part, part.Length, cancellationToken);
        }
        var info = await file.Seal(upload.Target, _versions.NextMoment(), _durability, cancellationToken);
        _tree.Publish(file.FilePath, upload.Target);
        _uploads.End(upload);
        return info;
    }

    public Task AbortUpload(MultipartUpload upload, CancellationToken cancellationToken = default)
    {
        _uploads.End(upload);
        return Task.CompletedTask;
    }

    public IAsyncEnumerable<MultipartUpload> ListUploads(
        string bucket, string prefix, CancellationToken cancellationToken = default)
    {
        ObjectUri.RequirePrefix(bucket, prefix);
        return _uploads.List(bucket, prefix).ToAsyncEnumerable();
    }

    /// <summary>Files of a directory have no address of their own.</summary>
    public Uri? PresignRead(ObjectUri uri, TimeSpan lifetime) => null;

    private static ObjectContent OpenPart(ObjectUri target, string directory, UploadedPart part)
    {
        try
        {
            var file = File.OpenHandle(DirectoryUploads.PartPath(directory, part.Number), share: FileShare.ReadWrite | FileShare.Delete);
            var info = ObjectVersion.Describe(target, file);
            if (info.ETag == part.ETag)
                return new ObjectContent(file, info, 0, info.Size);
            file.Dispose();
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ProblemException(
                ProblemKind.Conflict, $"Part {part.Number} of the upload to {target} is missing. Upload it, then complete.", cause: exception);
        }
        throw new ProblemException(
            ProblemKind.Conflict, $"Part {part.Number} of the upload to {target} was replaced by another version. Name the newest ETag.");
    }

    private static ObjectContent Range(ObjectUri uri, SafeFileHandle file, ObjectInfo info, long offset, long? length, string? ifMatch)
    {
        if (ifMatch is not null && ifMatch != info.ETag)
            throw ObjectChangedException.Of(uri, ifMatch);
        if (offset > 0 && offset >= info.Size)
            throw new ObjectRangeException(uri, offset, info.Size);
        return new ObjectContent(file, info, offset, Math.Min(length ?? long.MaxValue, info.Size - offset));
    }

    private static bool FoldsCase(string directory)
    {
        var probe = Path.Combine(directory, "Probe");
        File.WriteAllBytes(probe, []);
        var folds = File.Exists(Path.Combine(directory, "probe"));
        File.Delete(probe);
        return folds;
    }
}
