using MlService.Learning;

namespace MlService.Storage;

/// <summary>
/// The directories and files that objects are: <c>{root}/{bucket}/{names of the key}</c>. Symbolic links below the root are
/// never followed. Publishing and removing are serialized; the data directory's lock keeps other processes out.
/// </summary>
internal sealed class ObjectTree(string root, KeyNames names, Durability durability)
{
    private readonly Lock _changing = new();

    public KeyNames Names => names;

    public string BucketPath(string bucket) => Path.Combine(root, bucket);

    public bool HasBucket(string bucket) => IsDirectory(BucketPath(bucket));

    /// <summary>The file that is this object now; null if there is none.</summary>
    public FileInfo? Find(ObjectUri uri)
    {
        var path = BucketPath(uri.Bucket);
        if (!IsDirectory(path))
            return null;
        var parts = names.Of(uri.Key);
        foreach (var name in parts[..^1])
        {
            path = Path.Combine(path, name);
            if (!IsDirectory(path))
                return null;
        }
        // In this order: a publication may just be moving the first to the second, never back.
        path = Path.Combine(path, parts[^1]);
        return RegularFile(path) ?? RegularFile(path + KeyNames.AlternateMark);
    }

    /// <summary>Makes the finished file <paramref name="temporary"/> the object, in one step for readers, and makes that last.</summary>
    public void Publish(string temporary, ObjectUri uri)
    {
        HashSet<string> changed = [];
        try
        {
            lock (_changing)
            {
                var path = BucketPath(uri.Bucket);
                MakeDirectory(path, changed);
                var parts = names.Of(uri.Key);
                foreach (var name in parts[..^1])
                    MakeDirectory(path = Path.Combine(path, name), changed);
                var directory = path;
                path = Path.Combine(path, parts[^1]);
                var beside = path + KeyNames.AlternateMark;
                // An object beside a directory stays there when the directory goes: moving it back could hide it from a
                // reader that has looked at the plain name already.
                if (RegularFile(path) is null && (IsDirectory(path) || File.Exists(beside)))
                    (path, beside) = (beside, path);
                File.Move(temporary, path, overwrite: true);
                if (!IsDirectory(beside))
                    File.Delete(beside);
                changed.Add(directory);
            }
        }
        catch (PathTooLongException exception)
        {
            throw new InvalidInputException(
                $"The key of s3://{uri.Bucket} with {uri.Key.Length} characters makes a longer path than this file system takes. "
                + "Use a shorter key, or a data directory nearer to the root.", exception);
        }
        foreach (var directory in changed)
            durability.FlushDirectory(directory);
    }

    /// <summary>Deletes the object and the directories that it leaves empty.</summary>
    public bool Remove(ObjectUri uri)
    {
        string directory;
        lock (_changing)
        {
            if (Find(uri) is not { } file)
                return false;
            directory = file.DirectoryName!;
            var plain = Path.Combine(directory, names.Of(uri.Key)[^1]);
            // The one that lookups prefer goes last, or else an older version would be seen for a moment.
            File.Delete(plain + KeyNames.AlternateMark);
            if (!IsDirectory(plain))
                File.Delete(plain);
            for (var bucket = BucketPath(uri.Bucket); directory.Length > bucket.Length && IsEmpty(directory);)
            {
                Directory.Delete(directory);
                directory = Path.GetDirectoryName(directory)!;
            }
        }
        durability.FlushDirectory(directory);
        return true;
    }

    /// <summary>Whether this is a directory, and no link to one.</summary>
    public static bool IsDirectory(string path)
    {
        var info = new DirectoryInfo(path);
        return info.Exists && !IsLink(info);
    }

    /// <summary>The file, if it is one and no link.</summary>
    public static FileInfo? RegularFile(string path)
    {
        var info = new FileInfo(path);
        return info.Exists && !IsLink(info) ? info : null;
    }

    private static bool IsLink(FileSystemInfo info) => info.Attributes.HasFlag(FileAttributes.ReparsePoint);

    private static bool IsEmpty(string directory) => !Directory.EnumerateFileSystemEntries(directory).Any();

    private static void MakeDirectory(string path, HashSet<string> changed)
    {
        if (IsDirectory(path))
            return;
        if (RegularFile(path) is { } file)
            file.MoveTo(path + KeyNames.AlternateMark, overwrite: true); // key "a" steps aside for key "a/b"
        else if (Path.Exists(path) || new FileInfo(path).LinkTarget is not null)
            throw new InvalidInputException(
                $"'{Path.GetFileName(path)}' in the data directory is a symbolic link, and those are not followed. "
                + "Replace it by a directory, or use another key.");
        Directory.CreateDirectory(path);
        changed.Add(Path.GetDirectoryName(path)!);
    }
}
