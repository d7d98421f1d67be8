namespace MlService.Storage;

/// <summary>Keeps objects from filling the disk to the brim, where the metadata could not be written any more.</summary>
/// <param name="available">Bytes free for this process on the store's file system.</param>
internal sealed class DiskSpace(Func<long> available)
{
    /// <summary>What objects leave free.</summary>
    public const long Reserve = 64L * 1024 * 1024;

    private const int DiskFull = unchecked((int)0x80070070); // ERROR_DISK_FULL
    private const int NoSpace = 28;                          // ENOSPC
    private const int QuotaExceeded = 122;                   // EDQUOT

    public static DiskSpace Of(string directory)
    {
        var drive = new DriveInfo(directory);
        return new DiskSpace(() => drive.AvailableFreeSpace);
    }

    /// <exception cref="StorageFullException">There is no room for this many bytes.</exception>
    public void Require(long bytes)
    {
        var free = available();
        if (bytes > free - Reserve)
            throw new StorageFullException(
                $"The storage has {Math.Max(0, free - Reserve) >> 20} MiB left for objects and this needs {bytes >> 20} MiB. "
                + "Delete objects that are not needed, or give Data:Directory a larger disk.");
    }

    public static bool IsExhausted(IOException exception) => exception.HResult is DiskFull or NoSpace or QuotaExceeded;
}
