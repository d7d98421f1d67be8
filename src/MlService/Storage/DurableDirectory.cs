using System.Runtime.InteropServices;
using System.Text;

namespace MlService.Storage;

/// <summary>
/// Makes a directory's entries survive a loss of power. POSIX asks for fsync of the directory after a rename (see fsync(2)),
/// and .NET opens no directories, so this calls the C library; Windows journals directory entries by itself.
/// </summary>
internal static class DurableDirectory
{
    private const int ReadOnly = 0;

    public static void Flush(string path)
    {
        if (OperatingSystem.IsWindows())
            return;
        var descriptor = Open(Encoding.UTF8.GetBytes(path + '\0'), ReadOnly);
        if (descriptor < 0)
            return; // removed since, and with it what had to last
        _ = FSync(descriptor); // some network file systems refuse it (EINVAL) and write through
        _ = Close(descriptor);
    }

    [DllImport("libc", EntryPoint = "open")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open(byte[] path, int flags);

    [DllImport("libc", EntryPoint = "fsync")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int FSync(int descriptor);

    [DllImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Close(int descriptor);
}
