using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MlService.Tests.Storage;

/// <summary>
/// Stands between a client and a server and passes on what they say, except that it loses the answers to some requests: the server has
/// carried them out, and the client's connection breaks.
/// </summary>
internal sealed class LosingProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly DnsEndPoint _server;
    private readonly Func<Func<string, bool>> _connect;
    private int _lost;

    /// <param name="server">Where to.</param>
    /// <param name="connect">
    /// Called for each connection: makes what says of the bytes that the client sends at a time, in Latin-1, whether their answer is to be lost.
    /// </param>
    public LosingProxy(DnsEndPoint server, Func<Func<string, bool>> connect)
    {
        (_server, _connect) = (server, connect);
        _listener.Start();
        _ = Accept();
    }

    /// <summary>For HTTP.</summary>
    /// <param name="server">Where to.</param>
    /// <param name="loses">Says by its first line whether a request's answer is to be lost; of all such requests the first one's is.</param>
    public static LosingProxy ForHttp(string server, Func<string, bool> loses)
    {
        var (address, lost) = (new Uri(server), 0);
        return new LosingProxy(new DnsEndPoint(address.Host, address.Port), () => text =>
        {
            var line = text.Split('\r')[0];
            return line.EndsWith("HTTP/1.1", StringComparison.Ordinal) && loses(line) && Interlocked.CompareExchange(ref lost, 1, 0) == 0;
        });
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint Address => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>How many answers were lost.</summary>
    public int Lost => _lost;

    public void Dispose() => _listener.Dispose();

    private async Task Accept()
    {
        try
        {
            while (true)
                _ = Join(await _listener.AcceptTcpClientAsync());
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task Join(TcpClient client)
    {
        using var server = new TcpClient();
        using (client)
        {
            await server.ConnectAsync(_server.Host, _server.Port);
            var (loses, isLosing) = (_connect(), false);
            await Task.WhenAny(
                Pump(client.GetStream(), server.GetStream(), bytes =>
                {
                    if (loses(Encoding.Latin1.GetString(bytes)))
                    {
                        isLosing = true;
                        Interlocked.Increment(ref _lost);
                    }
                    return true;
                }),
                Pump(server.GetStream(), client.GetStream(), bytes => !isLosing || bytes.StartsWith("HTTP/1.1 100"u8)));
        }
    }

    private delegate bool Passes(ReadOnlySpan<byte> bytes);

    private static async Task Pump(NetworkStream from, NetworkStream to, Passes passes)
    {
        var buffer = new byte[1 << 16];
        try
        {
            while (await from.ReadAsync(buffer) is > 0 and var count && passes(buffer.AsSpan(0, count)))
                await to.WriteAsync(buffer.AsMemory(0, count));
        }
        catch (IOException)
        {
            // One side has hung up.
        }
    }
}
