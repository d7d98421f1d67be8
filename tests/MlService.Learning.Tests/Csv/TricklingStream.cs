namespace MlService.Learning.Tests.Csv;

/// <summary>Gives its bytes in small pieces, as a network does.</summary>
internal sealed class TricklingStream(byte[] bytes, int piece) : MemoryStream(bytes)
{
    public bool IsDisposed { get; private set; }

    // The base class leads reads into spans here too.
    public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(piece, count));

    protected override void Dispose(bool disposing)
    {
        IsDisposed = true;
        base.Dispose(disposing);
    }
}
