using MlService.Storage;

namespace MlService.Console.Files;

/// <summary>What lies in one folder of a bucket: keys have slashes, and people see folders.</summary>
/// <param name="Folders">Prefixes that go on, with their slash at the end.</param>
/// <param name="Objects">Objects right here.</param>
/// <param name="IsWhole">Whether that is all; a listing ends after <see cref="MostEntries"/>.</param>
public sealed record FolderListing(IReadOnlyList<ObjectUri> Folders, IReadOnlyList<ObjectInfo> Objects, bool IsWhole)
{
    /// <summary>Entries that a listing has at most.</summary>
    public const int MostEntries = 500;

    /// <summary>Lists a folder. What lies deeper is passed over, not read, however much it is.</summary>
    /// <exception cref="ObjectNotFoundException">There is no such bucket.</exception>
    public static async Task<FolderListing> Read(
        IObjectStore store, ObjectReach reach, ObjectUri folder, CancellationToken cancellation)
    {
        List<ObjectUri> folders = [];
        List<ObjectInfo> objects = [];
        string? startAfter = null;
        while (folders.Count + objects.Count < MostEntries)
        {
            string? passed = null;
            await foreach (var item in reach.List(store, folder.Bucket, folder.Key, startAfter, cancellation))
            {
                var slash = item.Uri.Key.IndexOf('/', folder.Key.Length);
                if (slash >= 0 && slash < item.Uri.Key.Length - 1)
                {
                    passed = item.Uri.Key[..(slash + 1)];
                    folders.Add(folder with { Key = passed });
                    break;
                }
                objects.Add(item);
                if (folders.Count + objects.Count == MostEntries)
                    break;
            }
            if (passed is null)
                return new FolderListing(folders, objects, folders.Count + objects.Count < MostEntries);
            // U+10FFFF sorts behind everything that the folder can hold.
            startAfter = passed + "\U0010FFFF";
        }
        return new FolderListing(folders, objects, false);
    }
}
