using System.Text;
using System.Text.Json;
using MlService.Learning;
using MlService.Learning.Csv;
using MlService.Learning.Schemas;

namespace MlService.Console.Realtime;

/// <summary>Reads a record that someone pasted: a JSON object, or a line of CSV in the order of the schema, with or without the target.</summary>
internal static class PastedRecord
{
    /// <summary>The values by the names of the attributes.</summary>
    /// <exception cref="InvalidInputException">It is neither.</exception>
    public static IReadOnlyDictionary<string, string> Read(string text, DataSchema schema) =>
        text.TrimStart().StartsWith('{') ? ReadJson(text, schema) : ReadCsv(text.Trim(), schema);

    private static Dictionary<string, string> ReadJson(string text, DataSchema schema)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            var members = json.RootElement.TryGetProperty("record", out var record) && record.ValueKind == JsonValueKind.Object ? record : json.RootElement;
            var values = members.EnumerateObject().ToDictionary(member => member.Name.Trim(), member => member.Value.ValueKind == JsonValueKind.Null ? "" : member.Value.ToString());
            return values.Keys.FirstOrDefault(name => schema.IndexOf(name) < 0) is { } stranger
                ? throw new InvalidInputException($"'{stranger}' is no attribute of this model's data. Attributes are {string.Join(", ", schema.Attributes.Take(20).Select(attribute => attribute.Name))}.")
                : values;
        }
        catch (JsonException fault)
        {
            throw new InvalidInputException($"The JSON ends or breaks off at line {fault.LineNumber + 1}, byte {fault.BytePositionInLine}.", fault);
        }
    }

    private static Dictionary<string, string> ReadCsv(string text, DataSchema schema)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        using var reader = new CsvReader(new MemoryStream(bytes), 0, 0, bytes.Length);
        if (!reader.Read())
            throw new InvalidInputException("Nothing was pasted. Paste a line of CSV, or a JSON object.");
        if (reader.Error != CsvRowError.None)
            throw new InvalidInputException($"The line cannot be read as CSV: {reader.Error}.");
        var all = schema.Attributes.Select(attribute => attribute.Name).ToList();
        var inputs = all.Where(name => name != schema.Target).ToList();
        var names = reader.FieldCount == all.Count ? all
            : reader.FieldCount == inputs.Count ? inputs
            : throw new InvalidInputException($"The line has {reader.FieldCount} values; the data has {all.Count} columns, or {inputs.Count} without the target.");
        Dictionary<string, string> values = [];
        for (var i = 0; i < names.Count; i++)
            values[names[i]] = Encoding.UTF8.GetString(reader.Record[i]);
        return values;
    }
}
