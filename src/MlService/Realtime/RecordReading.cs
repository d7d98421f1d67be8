using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using MlService.Learning;
using MlService.Learning.Records;
using MlService.Learning.Schemas;

namespace MlService.Realtime;

/// <summary>
/// Reads one record from JSON, <c>{"age": 44, "job": "student"}</c>, into the form that the scorer takes. Reused from
/// request to request, by one thread at a time; it allocates nothing once its buffer has grown.
/// </summary>
/// <remarks>
/// A value may be text, a number, true, false or null (missing); an attribute may be left out (missing). Blanks around names
/// are ignored, as some clients of Amazon ML send them. Target, row id and excluded attributes may be there and are not looked at.
/// </remarks>
public sealed class RecordReading
{
    /// <summary>Largest record, in bytes of values (Amazon's limit for an observation).</summary>
    public const int MaxRecordBytes = 100 * 1024;

    private readonly DataSchema _schema;
    private readonly byte[][] _names;
    private readonly FieldRange[] _fields;
    private byte[] _bytes = new byte[1024];
    private int _length;

    /// <summary>Creates a reader of records of one schema.</summary>
    public RecordReading(DataSchema schema)
    {
        _schema = schema;
        _names = [.. schema.Attributes.Select(attribute => Encoding.UTF8.GetBytes(attribute.Name))];
        _fields = new FieldRange[_names.Length];
    }

    /// <summary>The record that was read last; a field per attribute of the schema.</summary>
    public Record Record => new(_bytes.AsSpan(0, _length), _fields);

    /// <summary>Reads an object whose members are attributes; the reader stands on its opening brace, and on its closing one after.</summary>
    /// <exception cref="InvalidInputException">A member is not an attribute, or its value is not a single value.</exception>
    public void Read(ref Utf8JsonReader json)
    {
        Array.Clear(_fields);
        _length = 0;
        var expected = 0;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var attribute = Find(ref json, expected);
            json.Read();
            _fields[attribute] = Take(ref json, attribute);
            expected = attribute + 1;
        }
    }

    /// <summary>Reads texts by the names of attributes; other names are ignored.</summary>
    /// <exception cref="InvalidInputException">The record is too large.</exception>
    public void Read(IReadOnlyDictionary<string, string> record)
    {
        Array.Clear(_fields);
        _length = 0;
        foreach (var (name, value) in record)
        {
            var attribute = _schema.IndexOf(name.Trim());
            if (attribute < 0)
                continue;
            Reserve(Encoding.UTF8.GetByteCount(value), attribute);
            _fields[attribute] = Trim(Encoding.UTF8.GetBytes(value, _bytes.AsSpan(_length)));
        }
    }

    /// <summary>Clients send attributes in the schema's order, so the one after the last is tried first.</summary>
    private int Find(ref Utf8JsonReader json, int expected)
    {
        if (expected < _names.Length && json.ValueTextEquals(_names[expected]))
            return expected;
        for (var index = 0; index < _names.Length; index++)
            if (json.ValueTextEquals(_names[index]))
                return index;
        var found = _schema.IndexOf(json.GetString()!.Trim());
        return found >= 0 ? found : throw UnknownAttribute(json.GetString()!);
    }

    private FieldRange Take(ref Utf8JsonReader json, int attribute)
    {
        switch (json.TokenType)
        {
            case JsonTokenType.Null:
                return default;
            case JsonTokenType.True:
                return Append("1"u8);
            case JsonTokenType.False:
                return Append("0"u8);
            case JsonTokenType.Number when !json.HasValueSequence:
                return Append(json.ValueSpan);
            case JsonTokenType.Number:
                return Append(json.ValueSequence.ToArray());
            case JsonTokenType.String when !json.HasValueSequence && !json.ValueIsEscaped && Utf8.IsValid(json.ValueSpan):
                Reserve(json.ValueSpan.Length, attribute);
                json.ValueSpan.CopyTo(_bytes.AsSpan(_length));
                return Trim(json.ValueSpan.Length);
            case JsonTokenType.String:
                // Escapes only shorten a text, so this is the most that it can need.
                Reserve(json.HasValueSequence ? json.ValueSequence.Length : json.ValueSpan.Length, attribute);
                var copied = json.CopyString(_bytes.AsSpan(_length));
                return Trim(copied);
            default:
                throw new InvalidInputException(
                    $"record.{_schema.Attributes[attribute].Name} is an object or an array; give one value: text, a number, true, false or null.");
        }

        FieldRange Append(ReadOnlySpan<byte> value)
        {
            Reserve(value.Length, attribute);
            value.CopyTo(_bytes.AsSpan(_length));
            var field = new FieldRange(_length, value.Length);
            _length += value.Length;
            return field;
        }
    }

    /// <summary>Values are trimmed, as the CSV reader trims them.</summary>
    private FieldRange Trim(int copied)
    {
        var (start, end) = (_length, _length + copied);
        while (start < end && IsBlank(_bytes[start]))
            start++;
        while (start < end && IsBlank(_bytes[end - 1]))
            end--;
        _length += copied;
        return start == end ? default : new FieldRange(start, end - start);

        static bool IsBlank(byte letter) => letter is (byte)' ' or (byte)'\t';
    }

    private void Reserve(long count, int attribute)
    {
        if (_length + count > MaxRecordBytes)
            throw new InvalidInputException(
                $"The record is larger than {MaxRecordBytes:N0} bytes at record.{_schema.Attributes[attribute].Name}. Shorten its texts.");
        if (_length + count > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + (int)count));
    }

    private InvalidInputException UnknownAttribute(string name)
    {
        var known = _schema.Attributes.Where((_, index) => _schema.IsInput(index)).Select(attribute => attribute.Name).Take(30);
        return new InvalidInputException(
            $"record.{name} is not an attribute of the model's schema. Its inputs are: {string.Join(", ", known)}.");
    }
}
