using MlService.Learning;

namespace MlService.Storage;

/// <summary>
/// The directory in which an embedded service keeps everything: <c>metadata.db</c>, <c>objects/</c>, <c>scratch/</c>.
/// It belongs to one process at a time: the lock is the operating system's, so it ends with the process, however that ends.
/// </summary>
public sealed class DataDirectory : IDisposable
{
    private readonly FileStream? _lock;
    private readonly DiskSpace _space;

    private DataDirectory(string root, FileStream? @lock, long reserve)
    {
        Root = root;
        _lock = @lock;
        _space = DiskSpace.Of(root, reserve);
    }

    /// <summary>Absolute path.</summary>
    public string Root { get; }

    /// <summary>Where jobs keep what they may lose: encoded examples, parts of results. Emptied at start.</summary>
    public string Scratch => Path.Combine(Root, "scratch");

    /// <summary>Refuses to begin what will need this much scratch space, where there is not as much.</summary>
    /// <exception cref="StorageFullException">There is not.</exception>
    public void RequireScratch(long bytes) => _space.Require(Math.Max(0, bytes));

    /// <summary>Creates the directory where it is missing, takes its lock and empties its scratch space.</summary>
    /// <param name="path">The directory.</param>
    /// <param name="reserve">Bytes to leave free on its disk.</param>
    /// <exception cref="InvalidInputException">Another process holds the directory, or it cannot be written.</exception>
    public static DataDirectory Open(string path, long reserve = 0)
    {
        var root = Path.GetFullPath(path);
        try
        {
            Directory.CreateDirectory(root);
            var stream = new FileStream(Path.Combine(root, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            var directory = new DataDirectory(root, stream, reserve);
            if (Directory.Exists(directory.Scratch))
                Directory.Delete(directory.Scratch, recursive: true);
            Directory.CreateDirectory(directory.Scratch);
            return directory;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException(
                $"Data:Directory '{root}' cannot be used: {exception.Message} If another MlService runs on it, stop that one or set Data:Directory to another directory.",
                exception);
        }
    }

    /// <summary>
    /// Names the directory without taking its lock: for what only needs the metadata store, which processes of one machine may share.
    /// </summary>
    public static DataDirectory Beside(string path) => new(Path.GetFullPath(path), null, 0);

    /// <summary>Releases the lock.</summary>
    public void Dispose() => _lock?.Dispose();
}
