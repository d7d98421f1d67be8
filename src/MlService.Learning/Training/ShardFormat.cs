using System.Runtime.InteropServices;
using System.Text;

namespace MlService.Learning.Training;

/// <summary>
/// How coordinator and shards write what they tell each other when they are not in one process. It lives as long as a training, between
/// programs of one version, so it carries no version of its own. Little-endian; every count is checked against the bytes that follow.
/// </summary>
internal static class ShardFormat
{
    /// <summary>Writes with a writer that leaves the stream open.</summary>
    public static void Write(Stream stream, Action<BinaryWriter> write)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        write(writer);
    }

    /// <summary>Reads to the stream's end.</summary>
    /// <param name="stream">Can seek; stays open.</param>
    /// <param name="read">Reads all there is.</param>
    /// <exception cref="InvalidInputException">The bytes are not what was written.</exception>
    public static T Read<T>(Stream stream, Func<BinaryReader, T> read)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
        try
        {
            var value = read(reader);
            return stream.Position == stream.Length ? value : throw Damaged("something follows its end");
        }
        catch (Exception e) when (e is EndOfStreamException or FormatException or DecoderFallbackException or ArgumentException or OverflowException)
        {
            throw Damaged("its content makes no sense", e);
        }
    }

    /// <summary>The error of bytes that cannot be right.</summary>
    public static InvalidInputException Damaged(string what, Exception? inner = null) =>
        new($"What a shard of the training sent is damaged: {what}. Train the model again.", inner);

    public static void WriteArray<T>(BinaryWriter writer, ReadOnlySpan<T> values) where T : unmanaged
    {
        RequireLittleEndian();
        writer.Write(values.Length);
        // A large array has more bytes than one span can.
        for (var at = 0; at < values.Length; at += 1 << 20)
            writer.Write(MemoryMarshal.AsBytes(values.Slice(at, Math.Min(1 << 20, values.Length - at))));
    }

    public static T[] ReadArray<T>(BinaryReader reader) where T : unmanaged
    {
        RequireLittleEndian();
        var values = new T[ReadCount(reader, Marshal.SizeOf<T>())];
        for (var at = 0; at < values.Length; at += 1 << 20)
            reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan(at, Math.Min(1 << 20, values.Length - at))));
        return values;
    }

    /// <summary>Reads how many items follow, of which each takes at least so many bytes.</summary>
    public static int ReadCount(BinaryReader reader, int itemBytes)
    {
        var count = reader.ReadInt32();
        var left = reader.BaseStream.Length - reader.BaseStream.Position;
        return count >= 0 && (long)count * itemBytes <= left ? count : throw Damaged($"{count} items in {left} bytes");
    }

    public static void WriteMoments(BinaryWriter writer, in ValueMoments moments)
    {
        writer.Write(moments.Count);
        writer.Write(moments.Mean);
        writer.Write(moments.SquaredDeviations);
    }

    public static ValueMoments ReadMoments(BinaryReader reader) =>
        new() { Count = reader.ReadInt64(), Mean = reader.ReadDouble(), SquaredDeviations = reader.ReadDouble() };

    public static void WriteNumbers(BinaryWriter writer, Dictionary<int, ValueMoments> numbers)
    {
        writer.Write(numbers.Count);
        foreach (var (id, moments) in numbers)
        {
            writer.Write(id);
            WriteMoments(writer, moments);
        }
    }

    public static Dictionary<int, ValueMoments> ReadNumbers(BinaryReader reader)
    {
        var count = ReadCount(reader, 28);
        var numbers = new Dictionary<int, ValueMoments>(count);
        for (var i = 0; i < count; i++)
            numbers.Add(reader.ReadInt32(), ReadMoments(reader));
        return numbers;
    }

    private static void RequireLittleEndian()
    {
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("Training in several processes needs little-endian machines.");
    }
}
