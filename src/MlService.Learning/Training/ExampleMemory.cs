using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MlService.Learning.Training;

/// <summary>
/// Room for the blocks of one store, cut from arrays of megabytes. The system gives memory a page of 4 KiB at a time, at the first access to
/// it: for examples, which are written once, that was a sixth of a training's work. So Linux is asked for pages of 2 MiB, which it gives
/// by default or where asked for, depending on its setting (<c>/sys/kernel/mm/transparent_hugepage/enabled</c>); elsewhere these are
/// arrays like others.
/// </summary>
internal sealed partial class ExampleMemory
{
    // Of an array; the first ones are smaller, for small data.
    private const int FirstLength = 1 << 19, MostLength = 1 << 22;

    // Smaller room is not worth a place among large arrays.
    private const int LeastPart = 1 << 14;

    private const int HugePage = 2 << 20;

    // <sys/mman.h>
    private const int AdviseHugePages = 14;

    private ArraySegment<int> _rest = [];
    private int _length = FirstLength / 2;

    /// <summary>Room for so many integers, not cleared.</summary>
    public ArraySegment<int> Take(int length)
    {
        if (length < LeastPart)
            return GC.AllocateUninitializedArray<int>(length);
        if (_rest.Count < length)
        {
            _length = Math.Max(length, Math.Min(2 * _length, MostLength));
            _rest = Allocate(_length);
        }
        var room = _rest[..length];
        _rest = _rest[length..];
        return room;
    }

    /// <summary>Part of a new array: it begins where a huge page does.</summary>
    private static unsafe ArraySegment<int> Allocate(int length)
    {
        // The more large arrays are in use, the more garbage of that kind the collector lets lie; so these have a heap of their own.
        var array = GC.AllocateUninitializedArray<int>(length + HugePage / sizeof(int), pinned: true);
        var begin = (nuint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(array));
        var first = (begin + HugePage - 1) & ~(nuint)(HugePage - 1);
        if (OperatingSystem.IsLinux())
            _ = Advise(first, (nuint)length * sizeof(int) & ~(nuint)(HugePage - 1), AdviseHugePages); // a refusal changes nothing
        return new(array, (int)((first - begin) / sizeof(int)), length);
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Advise(nuint address, nuint length, int advice);
}
