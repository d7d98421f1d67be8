using System.Buffers;
using System.Buffers.Binary;

namespace MlService.Learning.Statistics;

/// <summary>
/// Collects the little-endian values of a statistics file, for <see cref="SketchReader"/> to read. Its memory is rented: pages that are new to
/// the process take longer than all that is written into them.
/// </summary>
internal sealed class SketchWriter : IDisposable
{
    private const int UsualBytes = 1 << 20;

    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(UsualBytes);
    private int _length;

    /// <summary>What was written; until more is.</summary>
    public Span<byte> Written => _bytes.AsSpan(0, _length);

    /// <summary>The next bytes, to be filled at once.</summary>
    public Span<byte> Take(int count)
    {
        if (_bytes.Length - _length < count)
            Grow(count);
        _length += count;
        return _bytes.AsSpan(_length - count, count);
    }

    public void Bytes(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    public void Flag(bool value) => Take(1)[0] = value ? (byte)1 : (byte)0;

    public void UShort(ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(Take(2), value);

    public void UInt(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Take(4), value);

    public void Int(int value) => BinaryPrimitives.WriteInt32LittleEndian(Take(4), value);

    public void Long(long value) => BinaryPrimitives.WriteInt64LittleEndian(Take(8), value);

    public void ULong(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Take(8), value);

    public void Double(double value) => BinaryPrimitives.WriteDoubleLittleEndian(Take(8), value);

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        (_bytes, _length) = ([], 0);
    }

    private void Grow(int count)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(Math.Max(checked(_length + count), (int)Math.Min(2L * _bytes.Length, Array.MaxLength)));
        Written.CopyTo(bytes);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = bytes;
    }
}
