using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MlService.Learning;

/// <summary>
/// Arrays of megabytes. The system gives memory a page of 4 KiB at a time, at the first access to it: for data that is filled once and
/// then thrown away that is a good part of the work. Linux is asked for pages of 2 MiB in their place, which it gives by default or where
/// asked for, depending on its setting (<c>/sys/kernel/mm/transparent_hugepage/enabled</c>); elsewhere these are arrays like others.
/// </summary>
internal static partial class LargeArray
{
    private const int HugePage = 2 << 20;

    // <sys/mman.h>; the same on every architecture that .NET runs on.
    private const int AdviseHugePages = 14;

    /// <summary>An array that is not cleared.</summary>
    /// <param name="length">Number of elements.</param>
    public static T[] Allocate<T>(int length) where T : unmanaged
    {
        var array = GC.AllocateUninitializedArray<T>(length);
        AskForHugePages(MemoryMarshal.AsBytes(array.AsSpan()));
        return array;
    }

    /// <summary>Part of an array that is not cleared and never moves: it begins with a page of 2 MiB.</summary>
    /// <param name="length">Number of elements.</param>
    public static unsafe ArraySegment<T> AllocateAligned<T>(int length) where T : unmanaged
    {
        var array = GC.AllocateUninitializedArray<T>(length + HugePage / sizeof(T), pinned: true);
        AskForHugePages(MemoryMarshal.AsBytes(array.AsSpan()));
        var begin = (nuint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(array));
        var offset = (HugePage - begin % HugePage) % HugePage / (nuint)sizeof(T);
        return new(array, (int)offset, length);
    }

    // Whole pages, those at the ends too, which what lies beside it may share: they are one stretch then. It is advice, so that a refusal
    // changes nothing.
    private static unsafe void AskForHugePages(Span<byte> memory)
    {
        if (!OperatingSystem.IsLinux() || memory.Length < HugePage)
            return;
        var page = (nuint)Environment.SystemPageSize;
        fixed (byte* first = memory)
        {
            var begin = (nuint)first & ~(page - 1);
            _ = Advise(begin, ((nuint)first + (nuint)memory.Length - begin + page - 1) & ~(page - 1), AdviseHugePages);
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Advise(nuint address, nuint length, int advice);
}
