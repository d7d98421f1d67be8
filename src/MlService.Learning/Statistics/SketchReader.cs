using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace MlService.Learning.Statistics;

/// <summary>
/// Reads little-endian values from the body of a statistics file. Every count is checked against what is left, so that
/// a corrupt or hostile file can neither read past its end nor make us allocate more than its own size allows.
/// </summary>
internal sealed class SketchReader(byte[] body, int length)
{
    private int _at;

    public int Remaining => length - _at;

    public ReadOnlySpan<byte> Bytes(int count)
    {
        if ((uint)count > (uint)Remaining)
            Throw("it ends too early");
        _at += count;
        return body.AsSpan(_at - count, count);
    }

    public byte Byte() => Bytes(1)[0];

    public bool Flag() => Byte() != 0;

    public int Int() => BinaryPrimitives.ReadInt32LittleEndian(Bytes(4));

    public uint UInt() => BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4));

    public long Long() => BinaryPrimitives.ReadInt64LittleEndian(Bytes(8));

    public ulong ULong() => BinaryPrimitives.ReadUInt64LittleEndian(Bytes(8));

    public double Double() => BinaryPrimitives.ReadDoubleLittleEndian(Bytes(8));

    /// <summary>A number that counts something: never negative.</summary>
    public long Count()
    {
        var count = Long();
        if (count < 0)
            Throw("a count is negative");
        return count;
    }

    /// <summary>A number of items that follow, each of at least <paramref name="itemBytes"/> bytes.</summary>
    public int Items(int itemBytes, int most = int.MaxValue)
    {
        var count = Int();
        if (count < 0 || count > most || (long)count * itemBytes > Remaining)
            Throw("it announces more than it holds");
        return count;
    }

    [DoesNotReturn]
    public static void Throw(string problem) =>
        throw new InvalidInputException($"The statistics file cannot be read: {problem}. Compute the statistics again.");
}
