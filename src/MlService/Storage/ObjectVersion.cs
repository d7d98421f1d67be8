using Microsoft.Win32.SafeHandles;

namespace MlService.Storage;

/// <summary>
/// A file's version is its size and modification time: no second file could get out of step with it, and files that people
/// put into the directory have one too. Two publications never share a time, since the store gives each its own.
/// </summary>
internal sealed class ObjectVersion
{
    private long _last;

    /// <summary>A moment that no other publication of this process has: now, or just after the last one.</summary>
    public DateTime NextMoment()
    {
        while (true)
        {
            var last = Interlocked.Read(ref _last);
            var next = Math.Max(DateTime.UtcNow.Ticks, last + 1);
            if (Interlocked.CompareExchange(ref _last, next, last) == last)
                return new DateTime(next, DateTimeKind.Utc);
        }
    }

    public static ObjectInfo Describe(ObjectUri uri, SafeFileHandle file) =>
        Describe(uri, RandomAccess.GetLength(file), File.GetLastWriteTimeUtc(file));

    public static ObjectInfo Describe(ObjectUri uri, FileInfo file) => Describe(uri, file.Length, file.LastWriteTimeUtc);

    private static ObjectInfo Describe(ObjectUri uri, long size, DateTime modified) =>
        new(uri, size, $"{size:x}-{modified.Ticks:x}", modified);
}
