using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace MlService.Learning.Schemas;

/// <summary>
/// The JSON form of a schema. Beside the present names it takes those of Amazon ML's pre-release, which its service
/// model's own example and several clients still use.
/// </summary>
internal static class SchemaJson
{
    // Longest text that the service accepts; a bound for what comes from an object store too.
    private const int MaxLength = 131_071 * 4;

    private const string KnownKeys = "version, rowId, rowWeight, targetAttributeName, dataFormat, dataFileContainsHeader, "
        + "attributes, excludedAttributeNames";

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static DataSchema Parse(string json)
    {
        if (json.Length > MaxLength)
            throw new InvalidInputException(
                $"The schema has {json.Length} characters; at most {MaxLength} are accepted. "
                + "Is this the data instead of its schema?");
        using var document = ReadDocument(json);
        try
        {
            return Read(document.RootElement);
        }
        catch (InvalidOperationException error)
        {
            throw HalfCharacter(error);
        }
    }

    private static DataSchema Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw Wrong("$", root, "a JSON object with the key \"attributes\"");

        string? target = null, rowId = null, rowWeight = null;
        var hasHeader = false;
        List<SchemaAttribute>? attributes = null;
        List<string>? excluded = null;
        var seen = new Dictionary<string, string>();
        foreach (var property in root.EnumerateObject())
        {
            var path = "$." + property.Name;
            var value = property.Value;
            var key = Canonical(property.Name);
            if (!seen.TryAdd(key, property.Name))
                throw new InvalidInputException(
                    $"{path}: \"{seen[key]}\" is given too, which means the same. Keep \"{key}\" only.");
            switch (key)
            {
                case "version": Require(path, value, "1.0"); break;
                case "dataFormat": Require(path, value, "CSV"); break;
                case "targetAttributeName": target = OptionalText(path, value); break;
                case "rowId": rowId = OptionalText(path, value); break;
                case "rowWeight": rowWeight = OptionalText(path, value); break;
                case "dataFileContainsHeader": hasHeader = ReadBoolean(path, value); break;
                case "attributes": attributes = ReadAttributes(path, value); break;
                case "excludedAttributeNames": excluded = ReadNames(path, value); break;
                default: throw new InvalidInputException($"{path}: unknown key. Known keys: {KnownKeys}.");
            }
        }
        if (attributes is null)
            throw new InvalidInputException(
                "$.attributes is missing. List one attribute per column of the data, in column order.");
        return new DataSchema(attributes, hasHeader, target, rowId, rowWeight, excluded);
    }

    public static string Write(DataSchema schema)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Compact))
        {
            writer.WriteStartObject();
            writer.WriteString("version", "1.0");
            writer.WriteString("rowId", schema.RowId);
            writer.WriteString("rowWeight", schema.RowWeight);
            writer.WriteString("targetAttributeName", schema.Target);
            writer.WriteString("dataFormat", "CSV");
            writer.WriteBoolean("dataFileContainsHeader", schema.HasHeader);
            writer.WriteStartArray("attributes");
            foreach (var attribute in schema.Attributes)
            {
                writer.WriteStartObject();
                writer.WriteString("attributeName", attribute.Name);
                writer.WriteString("attributeType", TypeName(attribute.Type));
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteStartArray("excludedAttributeNames");
            foreach (var name in schema.Excluded)
                writer.WriteStringValue(name);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    public static string TypeName(AttributeType type) => type switch
    {
        AttributeType.Binary => "BINARY",
        AttributeType.Categorical => "CATEGORICAL",
        AttributeType.Numeric => "NUMERIC",
        _ => "TEXT",
    };

    private static JsonDocument ReadDocument(string json)
    {
        try
        {
            return JsonDocument.Parse(json.AsMemory().TrimStart('\uFEFF'), Strict);
        }
        catch (JsonException error)
        {
            // The position at the end of the framework's message is zero-based and in bytes; ours counts from one.
            var reason = error.Message.Split(" LineNumber:")[0];
            throw new InvalidInputException(
                $"The schema is not valid JSON at line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1}: {reason}",
                error);
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException)
        {
            throw HalfCharacter(error);
        }
    }

    private static InvalidInputException HalfCharacter(Exception cause) =>
        new("The schema holds half a character (an unpaired surrogate). Write it anew as UTF-8.", cause);

    private static string Canonical(string key) => key switch
    {
        "recordAnnotationFieldName" => "rowId",
        "recordWeightFieldName" => "rowWeight",
        "targetFieldName" => "targetAttributeName",
        "variables" => "attributes",
        "excludedVariableNames" => "excludedAttributeNames",
        _ => key,
    };

    private static List<SchemaAttribute> ReadAttributes(string path, JsonElement array)
    {
        if (array.ValueKind != JsonValueKind.Array)
            throw Wrong(path, array, "an array with one object per column");
        var attributes = new List<SchemaAttribute>();
        foreach (var element in array.EnumerateArray())
            attributes.Add(ReadAttribute($"{path}[{attributes.Count}]", element));
        return attributes;
    }

    private static SchemaAttribute ReadAttribute(string path, JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw Wrong(path, element, "an object with \"attributeName\" and \"attributeType\"");
        string? name = null;
        AttributeType? type = null;
        foreach (var property in element.EnumerateObject())
        {
            var place = $"{path}.{property.Name}";
            switch (property.Name)
            {
                case "attributeName" or "fieldName" when name is null: name = Text(place, property.Value); break;
                case "attributeType" or "fieldType" when type is null: type = ReadType(place, property.Value); break;
                case "attributeName" or "fieldName" or "attributeType" or "fieldType":
                    throw new InvalidInputException($"{place} is given twice, in an old and a new spelling. Keep one.");
                default: throw new InvalidInputException($"{place}: unknown key. Known keys: attributeName, attributeType.");
            }
        }
        if (name is null)
            throw new InvalidInputException($"{path}.attributeName is missing.");
        return new SchemaAttribute(name, type ?? throw new InvalidInputException(
            $"{path}.attributeType is missing. It is BINARY, CATEGORICAL, NUMERIC or TEXT."));
    }

    private static AttributeType ReadType(string path, JsonElement value) => Text(path, value) switch
    {
        "BINARY" => AttributeType.Binary,
        "CATEGORICAL" => AttributeType.Categorical,
        "NUMERIC" => AttributeType.Numeric,
        "TEXT" => AttributeType.Text,
        "WEIGHTED_INT_SEQUENCE" or "WEIGHTED_STRING_SEQUENCE" => throw new InvalidInputException(
            $"{path}: {value.GetString()} is not supported (Amazon ML never documented it). "
            + "Use TEXT for words, or one NUMERIC column per item."),
        var other => throw new InvalidInputException(
            $"{path}: unknown type \"{Shorten(other)}\". It is BINARY, CATEGORICAL, NUMERIC or TEXT, in capitals."),
    };

    private static List<string>? ReadNames(string path, JsonElement array)
    {
        if (array.ValueKind == JsonValueKind.Null)
            return null;
        if (array.ValueKind != JsonValueKind.Array)
            throw Wrong(path, array, "an array of attribute names");
        var names = new List<string>();
        foreach (var element in array.EnumerateArray())
            names.Add(Text($"{path}[{names.Count}]", element));
        return names;
    }

    private static bool ReadBoolean(string path, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False or JsonValueKind.Null => false,
        JsonValueKind.String when bool.TryParse(value.GetString(), out var parsed) => parsed,
        _ => throw Wrong(path, value, "true or false"),
    };

    private static void Require(string path, JsonElement value, string only)
    {
        if (value.ValueKind != JsonValueKind.Null && Text(path, value) is var text && text != only)
            throw new InvalidInputException($"{path}: \"{Shorten(text)}\" is not supported; the only value is \"{only}\".");
    }

    // Clients write "" where they mean no attribute.
    private static string? OptionalText(string path, JsonElement value) =>
        value.ValueKind == JsonValueKind.Null || Text(path, value) is "" ? null : value.GetString();

    private static string Text(string path, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String)
            throw Wrong(path, value, "a string");
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException error)
        {
            throw new InvalidInputException($"{path} holds half of a surrogate pair, which is no Unicode text.", error);
        }
    }

    private static InvalidInputException Wrong(string path, JsonElement value, string wanted)
    {
        var found = value.ValueKind switch
        {
            JsonValueKind.Object => "an object",
            JsonValueKind.Array => "an array",
            _ => Shorten(value.GetRawText()),
        };
        return new InvalidInputException($"{path} must be {wanted}, not {found}.");
    }

    private static string Shorten(string text) => text.Length <= 40 ? text : text[..40] + "…";
}
