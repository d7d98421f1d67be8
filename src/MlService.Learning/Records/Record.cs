using System.Runtime.CompilerServices;

namespace MlService.Learning.Records;

/// <summary>Where one field lies in a record's bytes.</summary>
/// <param name="Start">Index of the first byte.</param>
/// <param name="Length">Number of bytes; 0 for an empty (missing) field.</param>
public readonly record struct FieldRange(int Start, int Length);

/// <summary>
/// One observation: a field of UTF-8 text per column, in the order of the schema's attributes. Values are already
/// unquoted and trimmed. A record is a view: it is valid until its source moves on.
/// </summary>
public readonly ref struct Record
{
    /// <summary>Bytes that may be read behind a field of a padded record: they can be loaded as vectors without asking for its length.</summary>
    internal const int Padding = 64;

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly ReadOnlySpan<FieldRange> _fields;

    /// <summary>Creates a view of <paramref name="fields"/> over <paramref name="bytes"/>, which may be followed by others.</summary>
    public Record(ReadOnlySpan<byte> bytes, ReadOnlySpan<FieldRange> fields)
    {
        _bytes = bytes;
        _fields = fields;
    }

    /// <summary>Creates a padded record.</summary>
    private Record(ReadOnlySpan<byte> bytes, ReadOnlySpan<FieldRange> fields, bool isPadded)
        : this(bytes, fields) => IsPadded = isPadded;

    /// <summary>Whether <see cref="Padding"/> bytes may be read behind each field.</summary>
    internal bool IsPadded { get; }

    /// <summary>A view of fields over bytes of which <see cref="Padding"/> stand behind each field.</summary>
    internal static Record Padded(ReadOnlySpan<byte> bytes, ReadOnlySpan<FieldRange> fields) => new(bytes, fields, isPadded: true);

    /// <summary>The same record, padded: a copy where it is not.</summary>
    /// <param name="buffer">Where the copy is made; replaced where it is too short.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Record ToPadded(ref byte[] buffer) => IsPadded ? this : Copied(ref buffer);

    /// <summary>Number of fields.</summary>
    public int Count => _fields.Length;

    /// <summary>The text of one field; empty where the value is missing.</summary>
    public ReadOnlySpan<byte> this[int column]
    {
        get
        {
            var field = _fields[column];
            return _bytes.Slice(field.Start, field.Length);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Record Copied(ref byte[] buffer)
    {
        if (buffer.Length < _bytes.Length + Padding)
            buffer = new byte[_bytes.Length + Padding];
        _bytes.CopyTo(buffer);
        return Padded(buffer, _fields);
    }
}
