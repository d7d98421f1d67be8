using System.Runtime.InteropServices;
using System.Text;

namespace MlService.Learning;

/// <summary>
/// How a coordinator and its shards write what they tell each other when they are not in one process. It lives as long as a job, between
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
        new($"What a shard sent is damaged: {what}. Create the resource again.", inner);

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

    private static void RequireLittleEndian()
    {
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("Training in several processes needs little-endian machines.");
    }
}
