using System.IO.Enumeration;

namespace MlService.Storage;

/// <summary>
/// Walks a bucket's directories in the byte order of keys. The order within a directory is that of the segments with a
/// slash added to directories: "a-" lies before "a/b" because '-' is before '/'. Names are read a directory at a time;
/// sizes and times only of what is yielded, and directories without wanted keys are not entered.
/// </summary>
internal sealed class DirectoryListing(KeyNames names, string bucket, string prefix, string? startAfter)
{
    private readonly record struct Entry(string Key, string Path, bool IsDirectory, bool IsAlternate);

    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false };

    public IEnumerable<ObjectInfo> Walk(string bucketPath, CancellationToken cancellationToken)
    {
        var folder = prefix[..(prefix.LastIndexOf('/') + 1)];
        var path = bucketPath;
        foreach (var name in names.OfDirectories(folder))
        {
            path = System.IO.Path.Combine(path, name);
            if (!ObjectTree.IsDirectory(path))
                yield break;
        }
        // A stack instead of recursion: a key may have a thousand segments.
        var open = new Stack<IEnumerator<Entry>>();
        open.Push(Sorted(path, folder));
        while (open.TryPeek(out var entries))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!entries.MoveNext())
            {
                open.Pop().Dispose();
                continue;
            }
            var entry = entries.Current;
            if (entry.IsDirectory)
            {
                if (ObjectTree.IsDirectory(entry.Path))
                    open.Push(Sorted(entry.Path, entry.Key));
            }
            else if (Describe(entry) is { } info)
            {
                yield return info;
            }
        }
    }

    private ObjectInfo? Describe(Entry entry)
    {
        var file = ObjectTree.RegularFile(entry.Path);
        if (file is null && !entry.IsAlternate)
            file = ObjectTree.RegularFile(entry.Path + KeyNames.AlternateMark); // moved aside since the directory was read
        return file is null ? null : ObjectVersion.Describe(new ObjectUri(bucket, entry.Key), file); // null: deleted meanwhile
    }

    private IEnumerator<Entry> Sorted(string path, string keyPrefix)
    {
        var entries = new List<Entry>();
        Collect(path, keyPrefix, [], entries);
        // A plain name before its alternate: of two files for one key the first counts.
        entries.Sort((x, y) => Utf8Order.Compare(x.Key, y.Key) is var order and not 0 ? order : x.IsAlternate.CompareTo(y.IsAlternate));
        string? last = null;
        foreach (var entry in entries)
        {
            if (entry.Key != last)
                yield return entry;
            last = entry.Key;
        }
    }

    private void Collect(string path, string keyPrefix, List<string> begun, List<Entry> entries)
    {
        var found = new FileSystemEnumerable<(string Name, bool IsDirectory)>(
            path, (ref FileSystemEntry entry) => (entry.FileName.ToString(), entry.IsDirectory), Everything);
        try
        {
            foreach (var (name, isDirectory) in found)
            {
                if (!names.TryDecode(name, isDirectory, begun, out var decoded))
                    continue;
                var key = keyPrefix + decoded.Segment;
                var full = System.IO.Path.Combine(path, name);
                if (decoded.Continues)
                {
                    // The rest of a long segment belongs among its neighbours, not below them.
                    if (ObjectTree.IsDirectory(full))
                        Collect(full, keyPrefix, [.. begun, name], entries);
                    continue;
                }
                if (isDirectory)
                    key += "/";
                if (IsWanted(key, isDirectory))
                    entries.Add(new Entry(key, full, isDirectory, decoded.IsAlternate));
            }
        }
        catch (DirectoryNotFoundException)
        {
            entries.Clear(); // its last object was deleted while we looked
        }
    }

    private bool IsWanted(string key, bool isDirectory)
    {
        if (!key.StartsWith(prefix, StringComparison.Ordinal) && !(isDirectory && prefix.StartsWith(key, StringComparison.Ordinal)))
            return false;
        return startAfter is null || Utf8Order.Compare(key, startAfter) > 0
            || (isDirectory && startAfter.StartsWith(key, StringComparison.Ordinal));
    }
}
