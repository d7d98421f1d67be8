using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using MlService.Learning.Schemas;

namespace MlService.Learning.Statistics;

/// <content>
/// The statistics file, little-endian: magic "MLST", version (u16), schema hash (u64), body length (u32), body, CRC-32C (u32) of
/// all that precedes it.
/// </content>
public sealed partial class DataStatistics
{
    private const ushort Version = 2;
    private const int HeaderLength = 18, MaxBody = 1 << 30;

    private static ReadOnlySpan<byte> Magic => "MLST"u8;

    /// <summary>Writes the statistics in a versioned and checksummed binary form.</summary>
    public void Write(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var writer = new SketchWriter();
        writer.Bytes(Magic);
        writer.UShort(Version);
        writer.ULong(HashOf(Schema));
        writer.Int(0);
        writer.Long(Rows);
        writer.Long(RejectedRows);
        foreach (var column in _columns)
            column?.Write(writer);
        _sample.Write(writer);
        _duplicates.Write(writer);
        BinaryPrimitives.WriteInt32LittleEndian(writer.Written[(HeaderLength - sizeof(int))..], writer.Written.Length - HeaderLength);
        writer.UInt(Checksum(writer.Written));
        stream.Write(writer.Written);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="stream">The file; read up to its end of the statistics.</param>
    /// <param name="schema">The schema that the statistics were made with.</param>
    /// <exception cref="InvalidInputException">The file is damaged, of another version, or made with another schema.</exception>
    public static DataStatistics Read(Stream stream, DataSchema schema)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(schema);
        var bytes = ReadChecked(stream, schema);
        var reader = new SketchReader(bytes, bytes.Length);
        reader.Bytes(HeaderLength);
        var statistics = new DataStatistics(schema) { Rows = reader.Count(), RejectedRows = reader.Count() };
        for (var i = 0; i < statistics._columns.Length; i++)
        {
            if (statistics._columns[i] is not null)
            {
                statistics._columns[i] = ColumnStatistics.Read(
                    reader, schema.Attributes[i].Type, statistics._limits, i == schema.TargetIndex);
            }
        }
        statistics.SortByType();
        statistics._sample = RowSample.Read(reader, schema.Attributes.Count, statistics._limits.SampledRows);
        statistics._duplicates = DuplicateRows.Read(reader);
        if (reader.Remaining != 0)
            SketchReader.Throw("it is longer than its content");
        return statistics;
    }

    /// <summary>Header and body, once the checksum has vouched for them.</summary>
    private static byte[] ReadChecked(Stream stream, DataSchema schema)
    {
        var header = new byte[HeaderLength];
        if (stream.ReadAtLeast(header, HeaderLength, throwOnEndOfStream: false) < HeaderLength || !header.AsSpan().StartsWith(Magic))
            SketchReader.Throw("it is no statistics file");
        var version = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(4));
        if (version != Version)
            SketchReader.Throw($"it has version {version}, and this program reads version {Version}");
        if (BinaryPrimitives.ReadUInt64LittleEndian(header.AsSpan(6)) != HashOf(schema))
            SketchReader.Throw("it was made with another schema");
        var length = BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(14));
        if (length is < 0 or > MaxBody)
            SketchReader.Throw("its length is out of range");
        // The announced length may be a lie: memory grows with what really arrives.
        using var content = new MemoryStream();
        content.Write(header);
        var piece = new byte[Math.Min(length + 4, 1 << 20)];
        for (var missing = length + 4; missing > 0;)
        {
            var read = stream.Read(piece, 0, Math.Min(piece.Length, missing));
            if (read == 0)
                SketchReader.Throw("it ends too early");
            content.Write(piece, 0, read);
            missing -= read;
        }
        var bytes = content.ToArray();
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(bytes.Length - 4)) != Checksum(bytes.AsSpan(0, bytes.Length - 4)))
            SketchReader.Throw("its checksum is wrong, so it is damaged");
        return bytes[..^4];
    }

    private static ulong HashOf(DataSchema schema) => Hash64.Of(Encoding.UTF8.GetBytes(schema.ToJson()));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words)
            crc = BitOperations.Crc32C(crc, word);
        foreach (var value in bytes[(words.Length * 8)..])
            crc = BitOperations.Crc32C(crc, value);
        return ~crc;
    }
}
