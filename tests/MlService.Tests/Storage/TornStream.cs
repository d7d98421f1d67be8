namespace MlService.Tests.Storage;

/// <summary>Yields bytes and then fails, as a connection that breaks.</summary>
internal sealed class TornStream(int bytes) : MemoryStream(new byte[bytes])
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await base.ReadAsync(buffer, cancellationToken);
        return read > 0 ? read : throw new IOException("The connection broke.");
    }
}
