namespace MlService.Limits;

/// <summary>What one client may take of the service, section <c>Limits</c>.</summary>
public sealed class LimitsOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Limits";

    /// <summary>Most bytes in the body of a request; uploads of objects are not limited. More is answered with 413.</summary>
    public long MaxBodyBytes { get; set; } = 4L << 20;

    /// <summary>
    /// Most bytes in the headers of a request, at most 512 KiB. More is answered with 431, and an address of more than 8 KiB with 414; what is
    /// more than twice as large is not read, and the answer has no body.
    /// </summary>
    public int MaxHeaderBytes { get; set; } = 32 << 10;

    /// <summary>
    /// Seconds that a call may take, after which it is answered with 504; 0 for no limit. Up- and downloads, event streams and real-time
    /// predictions are not meant.
    /// </summary>
    public double RequestSeconds { get; set; } = 120;

    /// <summary>Seconds in which a client must have sent its request's headers.</summary>
    public double HeaderSeconds { get; set; } = 15;

    /// <summary>
    /// Bytes a second that a client must at least send and take, after five seconds of grace; 0 for no limit. A slower one is cut off, so
    /// that many slow clients do not hold all connections.
    /// </summary>
    public double MinBytesPerSecond { get; set; } = 240;

    /// <summary>Seconds that a connection may be idle between two requests.</summary>
    public double KeepAliveSeconds { get; set; } = 130;

    /// <summary>Connections that are open at a time; further ones are closed at once. 0 for no limit.</summary>
    public long MaxConnections { get; set; } = 10_000;
}
