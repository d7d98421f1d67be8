using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace MlService.Benchmarks.Realtime;

/// <summary>
/// Sends one request again and again over some connections, each as soon as the answer to the one before is there. It shares the
/// processors with the server that it measures, and what it takes of them hides what servers differ in. So it is one thread that asks the
/// system which answers have come, as wrk does, and takes hardly more than its calls of the system do.
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
    public Latencies Run(TimeSpan time)
    {
        using var poll = new Epoll(connections);
        var all = Enumerable.Range(0, connections).Select(_ => new Connection(address)).ToArray();
        try
        {
            for (var i = 0; i < all.Length; i++)
                poll.Add(all[i].Socket, i);
            var ticks = new List<long>(1 << 20);
            var watch = Stopwatch.StartNew();
            foreach (var connection in all)
                connection.Send(_request);
            while (watch.Elapsed < time)
                foreach (var ready in poll.Wait())
                    if (all[ready].Receive() is { } taken)
                    {
                        ticks.Add(taken);
                        all[ready].Send(_request);
                    }
            var elapsed = watch.Elapsed;
            ticks.Sort();
            return new Latencies(elapsed, [.. ticks]);
        }
        finally
        {
            foreach (var connection in all)
                connection.Socket.Dispose();
        }
    }

    sealed class Connection
    {
        readonly byte[] _answer = new byte[16 << 10];
        int _length;
        long _begin;

        public Connection(Uri address)
        {
            Socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            Socket.Connect(address.Host, address.Port);
        }

        public Socket Socket { get; }

        public void Send(byte[] request)
        {
            _length = 0;
            _begin = Stopwatch.GetTimestamp();
            Socket.Send(request);
        }

        /// <summary>Takes what has come.</summary>
        /// <returns>How long the answer took, once it is there as a whole.</returns>
        public long? Receive()
        {
            var received = Socket.Receive(_answer.AsSpan(_length));
            if (received == 0)
                throw new CommandLineException($"The server closed the connection after {Encoding.UTF8.GetString(_answer, 0, _length)}");
            _length += received;
            return IsWhole(_answer.AsSpan(0, _length)) ? Stopwatch.GetTimestamp() - _begin : null;
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
