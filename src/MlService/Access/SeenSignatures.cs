using System.Globalization;

namespace MlService.Access;

/// <summary>
/// Remembers signed requests that change something, so that a copy of one is not carried out again. A signature has its time to the second and
/// nothing else that is its own: a client that asks for the same twice in a second signs the same, and a connection that broke may bring
/// a request twice. So a copy is one that comes more than <see cref="Grace"/> after the first. Each process remembers what it has seen itself.
/// </summary>
internal sealed class SeenSignatures
{
    /// <summary>So long the same request is taken again.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>Most signatures that are remembered, some 10 MB; past that the oldest are forgotten early.</summary>
    public const int Capacity = 100_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<UInt128, DateTime> _firstSeen = [];
    private readonly Queue<(UInt128 Signature, DateTime Seen)> _order = [];

    /// <summary>Takes note of a request, unless it is a copy of an earlier one.</summary>
    /// <param name="signature">Its good signature: hexadecimal digits.</param>
    /// <param name="now">The time.</param>
    /// <returns>False if it is a copy.</returns>
    public bool IsNew(string signature, DateTime now)
    {
        // Half of the digits tell signatures apart as well.
        var key = UInt128.Parse(signature.AsSpan(0, 32), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        lock (_gate)
        {
            while (_order.TryPeek(out var oldest) && oldest.Seen + PresentedSignature.Window < now)
                _firstSeen.Remove(_order.Dequeue().Signature);
            if (_firstSeen.TryGetValue(key, out var first))
                return now - first <= Grace;
            if (_order.Count == Capacity)
                _firstSeen.Remove(_order.Dequeue().Signature);
            _firstSeen.Add(key, now);
            _order.Enqueue((key, now));
            return true;
        }
    }
}
