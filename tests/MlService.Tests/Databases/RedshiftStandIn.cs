using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MlService.Tests.Databases;

/// <summary>
/// Stands before a real PostgreSQL server and behaves as Redshift does where the two differ: it speaks protocol 3 as of PostgreSQL 8.0.2, says that
/// version of itself, hangs up on requests that are younger, and notes each statement, so that a test can see that all are in Redshift's manual.
/// </summary>
internal sealed class RedshiftStandIn : IAsyncDisposable
{
    private const int SslRequest = 80877103;
    private const int ProtocolThree = 3 << 16;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly int _server;
    private readonly Task _accepting;

    /// <summary>Begins to listen.</summary>
    /// <param name="server">Port of the PostgreSQL server on loopback.</param>
    public RedshiftStandIn(int server)
    {
        _server = server;
        _listener.Start();
        _accepting = Accept();
    }

    /// <summary>Where it listens, on loopback.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The statements that came, in order.</summary>
    public ConcurrentQueue<string> Statements { get; } = [];

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting;
        _end.Dispose();
    }

    private async Task Accept()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
                connections.Add(Serve(await _listener.AcceptTcpClientAsync(_end.Token)));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task Serve(TcpClient accepted)
    {
        using var client = accepted;
        using var server = new TcpClient();
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, _server, _end.Token);
            var (near, far) = (client.GetStream(), server.GetStream());
            if (!await Begin(near, far))
                return;
            await Task.WhenAny(Forward(near, far, Note), Forward(far, near, AsOfRedshift));
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // One of the two has gone, as they do.
        }
    }

    /// <summary>The first messages have no letter; TLS is declined.</summary>
    private async Task<bool> Begin(NetworkStream client, NetworkStream server)
    {
        while (true)
        {
            var length = new byte[4];
            await client.ReadExactlyAsync(length, _end.Token);
            var body = new byte[BinaryPrimitives.ReadInt32BigEndian(length) - 4];
            await client.ReadExactlyAsync(body, _end.Token);
            switch (BinaryPrimitives.ReadInt32BigEndian(body))
            {
                case SslRequest:
                    await client.WriteAsync("N"u8.ToArray(), _end.Token);
                    break;
                case ProtocolThree:
                    await server.WriteAsync((byte[])[.. length, .. body], _end.Token);
                    return true;
                default:
                    return false;
            }
        }
    }

    private async Task Forward(NetworkStream from, NetworkStream to, Func<char, byte[], byte[]> change)
    {
        var head = new byte[5];
        while (true)
        {
            await from.ReadExactlyAsync(head, _end.Token);
            var body = new byte[BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(1)) - 4];
            await from.ReadExactlyAsync(body, _end.Token);
            body = change((char)head[0], body);
            BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(1), body.Length + 4);
            await to.WriteAsync((byte[])[.. head, .. body], _end.Token);
        }
    }

    private byte[] Note(char type, byte[] body)
    {
        var texts = Encoding.UTF8.GetString(body).Split('\0');
        if (type is 'Q' or 'P')
            Statements.Enqueue(type == 'Q' ? texts[0] : texts[1]); // a text alone, or behind its name
        return body;
    }

    private static byte[] AsOfRedshift(char type, byte[] body) =>
        type == 'S' && body.AsSpan().StartsWith("server_version\0"u8) ? "server_version\08.0.2\0"u8.ToArray() : body;
}
