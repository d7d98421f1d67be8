using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace MlService.Storage;

/// <summary>
/// Makes what was written survive a loss of power. POSIX asks for fsync of a file before, and of its directory after it is
/// renamed (fsync(2)). .NET opens no directories, so this calls the C library; Windows journals directory entries by itself.
/// </summary>
/// <param name="enabled">False trusts the machine not to fail, which makes tests with thousands of small objects bearable.</param>
internal sealed class Durability(bool enabled)
{
    private const int ReadOnly = 0;

    public Task FlushFile(SafeFileHandle file, CancellationToken cancellationToken) =>
        enabled ? Task.Run(() => RandomAccess.FlushToDisk(file), cancellationToken) : Task.CompletedTask;

    public void FlushDirectory(string path)
    {
        if (!enabled || OperatingSystem.IsWindows())
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
