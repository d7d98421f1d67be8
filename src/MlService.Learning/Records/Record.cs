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
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly ReadOnlySpan<FieldRange> _fields;

    /// <summary>Creates a view of <paramref name="fields"/> over <paramref name="bytes"/>, which may be followed by others.</summary>
    public Record(ReadOnlySpan<byte> bytes, ReadOnlySpan<FieldRange> fields)
    {
        _bytes = bytes;
        _fields = fields;
    }

    /// <summary>Bytes that may be read from the begin of a field, at least its own: what follows in the same buffer.</summary>
    internal int Readable(int column) => _bytes.Length - _fields[column].Start;

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
}
