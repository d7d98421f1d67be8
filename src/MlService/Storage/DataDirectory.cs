using MlService.Learning;

namespace MlService.Storage;

/// <summary>
/// The directory in which an embedded service keeps everything: <c>metadata.db</c>, <c>objects/</c>, <c>scratch/</c>.
/// It belongs to one process at a time: the lock is the operating system's, so it ends with the process, however that ends.
/// </summary>
public sealed class DataDirectory : IDisposable
{
    private readonly FileStream? _lock;

    private DataDirectory(string root, FileStream? @lock)
    {
        Root = root;
        _lock = @lock;
    }

    /// <summary>Absolute path.</summary>
    public string Root { get; }

    /// <summary>Where jobs keep what they may lose: encoded examples, parts of results. Emptied at start.</summary>
    public string Scratch => Path.Combine(Root, "scratch");

    /// <summary>Creates the directory where it is missing, takes its lock and empties its scratch space.</summary>
    /// <exception cref="InvalidInputException">Another process holds the directory, or it cannot be written.</exception>
    public static DataDirectory Open(string path)
    {
        var root = Path.GetFullPath(path);
        try
        {
            Directory.CreateDirectory(root);
            var stream = new FileStream(Path.Combine(root, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            var directory = new DataDirectory(root, stream);
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
    public static DataDirectory Beside(string path) => new(Path.GetFullPath(path), null);

    /// <summary>Releases the lock.</summary>
    public void Dispose() => _lock?.Dispose();
}
