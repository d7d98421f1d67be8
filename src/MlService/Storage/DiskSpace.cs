namespace MlService.Storage;

/// <summary>Keeps objects and scratch files from filling the disk to the brim, where the metadata could not be written any more.</summary>
/// <param name="reserve">Bytes that are to stay free.</param>
/// <param name="available">Bytes free for this process on the file system.</param>
internal sealed class DiskSpace(long reserve, Func<long> available)
{
    private const int DiskFull = unchecked((int)0x80070070); // ERROR_DISK_FULL
    private const int NoSpace = 28;                          // ENOSPC
    private const int QuotaExceeded = 122;                   // EDQUOT

    /// <summary>What to tell whoever finds that the disk is full in spite of all.</summary>
    public const string Remedy = "Delete objects that are not needed, or give Data:Directory a larger disk.";

    /// <summary>The space of the file system that a directory is on.</summary>
    public static DiskSpace Of(string directory, long reserve)
    {
        var drive = new DriveInfo(directory);
        return new DiskSpace(reserve, () => drive.AvailableFreeSpace);
    }

    /// <exception cref="StorageFullException">There is no room for this many bytes.</exception>
    public void Require(long bytes)
    {
        var free = available();
        if (bytes > free - reserve)
            throw new StorageFullException(
                $"The disk of Data:Directory has {free >> 20} MiB free, of which {reserve >> 20} MiB stay so (Data:ReserveBytes), and this needs "
                + $"{bytes >> 20} MiB. {Remedy}");
    }

    /// <summary>Whether an error says that there is no room left.</summary>
    public static bool IsExhausted(IOException exception) => exception.HResult is DiskFull or NoSpace or QuotaExceeded;
}
