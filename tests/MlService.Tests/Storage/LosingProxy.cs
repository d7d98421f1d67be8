using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MlService.Tests.Storage;

/// <summary>
/// Stands between a client and a server and passes on what they say, except that it loses the answer to one request: the server has
/// carried it out, and the client's connection breaks.
/// </summary>
internal sealed class LosingProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Uri _server;
    private readonly Func<string, bool> _loses;
    private int _lost;

    /// <param name="server">Where to.</param>
    /// <param name="loses">Says by its first line whether a request's answer is to be lost; of all such requests the first one's is.</param>
    public LosingProxy(string server, Func<string, bool> loses)
    {
        (_server, _loses) = (new Uri(server), loses);
        _listener.Start();
        _ = Accept();
    }

    public string Address => $"http://{_listener.LocalEndpoint}";

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
            var isLosing = false;
            await Task.WhenAny(
                Pump(client.GetStream(), server.GetStream(), bytes =>
                {
                    var line = Encoding.Latin1.GetString(bytes).Split('\r')[0];
                    if (line.EndsWith("HTTP/1.1", StringComparison.Ordinal) && _loses(line) && Interlocked.CompareExchange(ref _lost, 1, 0) == 0)
                        isLosing = true;
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
