using System.Buffers.Binary;
using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace MlService.Benchmarks.Realtime;

/// <summary>Linux's way to wait for many sockets at once, see <c>epoll(7)</c>; the framework has it for asynchronous calls only.</summary>
internal sealed class Epoll : IDisposable
{
    const int Readable = 1;
    const int AddSocket = 1;
    const int Milliseconds = 100;

    // struct epoll_event: four bytes of events, then eight of ours; packed on x64 and nowhere else.
    static readonly int DataAt = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    static readonly int EventBytes = DataAt + 8;

    readonly int _handle = Checked(Create(0));
    readonly byte[] _events;
    readonly int[] _ready;

    /// <summary>Makes one for so many sockets.</summary>
    public Epoll(int sockets) => (_events, _ready) = (new byte[sockets * EventBytes], new int[sockets]);

    /// <summary>Waits for a socket too, from now on.</summary>
    public void Add(Socket socket, int number)
    {
        var wanted = new byte[EventBytes];
        BinaryPrimitives.WriteInt32LittleEndian(wanted, Readable);
        BinaryPrimitives.WriteInt32LittleEndian(wanted.AsSpan(DataAt), number);
        Checked(Control(_handle, AddSocket, (int)socket.Handle, wanted));
    }

    /// <summary>Waits a moment until something can be read.</summary>
    /// <returns>Numbers of the sockets that it can be read from; valid until the next call.</returns>
    public ReadOnlySpan<int> Wait()
    {
        var count = Wait(_handle, _events, _ready.Length, Milliseconds);
        if (count < 0 && Marshal.GetLastPInvokeError() == 4) // EINTR
            return [];
        Checked(count);
        for (var i = 0; i < count; i++)
            _ready[i] = BinaryPrimitives.ReadInt32LittleEndian(_events.AsSpan(i * EventBytes + DataAt));
        return _ready.AsSpan(0, count);
    }

    public void Dispose() => _ = Close(_handle);

    static int Checked(int result) => result >= 0 ? result : throw new Win32Exception();

    [DllImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    static extern int Create(int flags);

    [DllImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    static extern int Control(int epoll, int operation, int socket, byte[] wanted);

    [DllImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    static extern int Wait(int epoll, [Out] byte[] events, int most, int milliseconds);

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    static extern int Close(int epoll);
}
