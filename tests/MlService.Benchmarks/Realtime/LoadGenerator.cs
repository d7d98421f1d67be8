using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace MlService.Benchmarks.Realtime;

/// <summary>
/// Sends one request again and again over some connections, each as soon as the answer to the one before is there. It works on bare
/// sockets, because it shares the processors with the server that it measures.
/// </summary>
internal sealed class LoadGenerator(Uri address, string path, byte[] body, int connections)
{
    readonly byte[] _request =
    [
        .. Encoding.ASCII.GetBytes(
            $"POST {path} HTTP/1.1\r\nHost: {address.Authority}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n"),
        .. body,
    ];

    /// <summary>Sends for so long and tells how long each answer took.</summary>
    public async Task<Latencies> Run(TimeSpan time)
    {
        var until = Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);
        var watch = Stopwatch.StartNew();
        var ticks = await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(() => Connection(until))));
        return new Latencies(watch.Elapsed, [.. ticks.SelectMany(list => list).Order()]);
    }

    async Task<List<long>> Connection(long until)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(address.Host, address.Port);
        var buffer = new byte[16 << 10];
        var ticks = new List<long>(1 << 14);
        for (var begin = Stopwatch.GetTimestamp(); begin < until;)
        {
            await socket.SendAsync(_request);
            var length = 0;
            do
            {
                var received = await socket.ReceiveAsync(buffer.AsMemory(length));
                if (received == 0)
                    throw new CommandLineException($"The server closed the connection after {Encoding.UTF8.GetString(buffer, 0, length)}");
                length += received;
            }
            while (!IsWhole(buffer.AsSpan(0, length)));
            var end = Stopwatch.GetTimestamp();
            ticks.Add(end - begin);
            begin = end;
        }
        return ticks;
    }

    static bool IsWhole(ReadOnlySpan<byte> answer)
    {
        var head = answer.IndexOf("\r\n\r\n"u8);
        if (head < 0)
            return false;
        if (!answer.StartsWith("HTTP/1.1 200"u8))
            throw new CommandLineException($"The server answered {Encoding.UTF8.GetString(answer)}");
        var length = answer[..head].IndexOf("Content-Length: "u8);
        if (length < 0)
            return answer.EndsWith("\r\n0\r\n\r\n"u8);
        var digits = answer[(length + "Content-Length: ".Length)..head];
        var end = digits.IndexOf((byte)'\r');
        return answer.Length - head - 4 >= int.Parse(end < 0 ? digits : digits[..end], CultureInfo.InvariantCulture);
    }
}

/// <summary>How long answers took.</summary>
/// <param name="Time">How long requests were sent.</param>
/// <param name="Ticks">Time of each answer in ticks of the stopwatch, increasing.</param>
internal sealed record Latencies(TimeSpan Time, long[] Ticks)
{
    public double PerSecond => Ticks.Length / Time.TotalSeconds;

    /// <summary>The time that a share of the answers kept to, in milliseconds.</summary>
    public double Milliseconds(double share) =>
        Ticks[Math.Min(Ticks.Length - 1, (int)(Ticks.Length * share))] * 1e3 / Stopwatch.Frequency;
}
