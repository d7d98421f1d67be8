using System.Text;
using MlService.Learning.Schemas;

namespace MlService.Learning.Records;

/// <summary>A record of values by their names. Used again from record to record; for one thread.</summary>
internal sealed class NamedRecord(DataSchema schema)
{
    private readonly FieldRange[] _fields = new FieldRange[schema.Attributes.Count];
    private byte[] _bytes = new byte[256];

    /// <summary>Makes a record of values: what is not among them is missing.</summary>
    /// <returns>A view that is valid until the next call.</returns>
    /// <exception cref="InvalidInputException">A name is no attribute of the schema.</exception>
    public Record Read(IReadOnlyDictionary<string, string> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        Array.Clear(_fields);
        var length = 0;
        foreach (var (name, value) in values)
        {
            var index = schema.IndexOf(name);
            if (index < 0)
                throw new InvalidInputException(
                    $"'{name}' is no attribute of the model's data. Attributes are {string.Join(", ", schema.Attributes.Take(30).Select(attribute => attribute.Name))}.");
            // As the CSV reader does.
            var text = value.AsSpan().Trim(" \t");
            var needed = length + Encoding.UTF8.GetMaxByteCount(text.Length) + Record.Padding;
            if (needed > _bytes.Length)
                Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, needed));
            var written = Encoding.UTF8.GetBytes(text, _bytes.AsSpan(length));
            _fields[index] = new FieldRange(length, written);
            length += written;
        }
        return Record.Padded(_bytes, _fields);
    }
}
