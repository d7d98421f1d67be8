using System.Collections;
using System.Text.Json;

namespace MlService.Amazon;

/// <summary>Values by the names of a structure's members. Absent members and null are the same.</summary>
public sealed class Members : Dictionary<string, object?>
{
    /// <summary>Creates it empty.</summary>
    public Members() : base(StringComparer.Ordinal)
    {
    }

    /// <summary>A text; null if absent.</summary>
    public string? Text(string name) => (string?)this.GetValueOrDefault(name);

    /// <summary>A text that the model requires.</summary>
    public string Required(string name) => (string)this[name]!;

    /// <summary>A flag; false if absent.</summary>
    public bool Flag(string name) => this.GetValueOrDefault(name) is true;

    /// <summary>A structure; null if absent.</summary>
    public Members? Structure(string name) => (Members?)this.GetValueOrDefault(name);

    /// <summary>A map of texts; null if absent.</summary>
    public IReadOnlyDictionary<string, string>? Map(string name) =>
        ((Dictionary<string, object>?)this.GetValueOrDefault(name))?.ToDictionary(pair => pair.Key, pair => (string)pair.Value);

    /// <summary>A list; empty if absent.</summary>
    public IEnumerable<T> List<T>(string name) => ((IEnumerable<object>?)this.GetValueOrDefault(name) ?? []).Cast<T>();
}

/// <summary>A member of a structure.</summary>
/// <param name="Name">Its name, case sensitive.</param>
/// <param name="Shape">Its type.</param>
/// <param name="IsRequired">Whether it must be there.</param>
public sealed record Member(string Name, Shape Shape, bool IsRequired);

/// <summary>An object with known members; unknown ones are ignored, as the protocol asks.</summary>
public sealed class StructureShape : Shape
{
    private readonly Dictionary<string, Member> _byName;

    /// <summary>Creates the shape.</summary>
    /// <param name="members">Names, those of required members with an asterisk at their end, and types.</param>
    public StructureShape(params (string Name, Shape Shape)[] members)
    {
        Members = [.. members.Select(member => new Member(member.Name.TrimEnd('*'), member.Shape, member.Name.EndsWith('*')))];
        _byName = Members.ToDictionary(member => member.Name, StringComparer.Ordinal);
    }

    /// <summary>The members.</summary>
    public IReadOnlyList<Member> Members { get; }

    /// <inheritdoc/>
    public override object Read(JsonElement value, string path)
    {
        if (value.ValueKind != JsonValueKind.Object)
            throw WrongType(value, path.Length == 0 ? "The body" : path, "an object");
        var read = new Members();
        foreach (var property in value.EnumerateObject())
            if (property.Value.ValueKind != JsonValueKind.Null && _byName.TryGetValue(JsonNames.Name(property, path), out var member))
                read[member.Name] = member.Shape.Read(property.Value, JsonNames.Join(path, member.Name));
        foreach (var member in Members)
            if (member.IsRequired && !read.ContainsKey(member.Name))
                throw new AmazonException(AmazonException.InvalidInput, $"{JsonNames.Join(path, member.Name)} is missing.");
        return read;
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter json, object value)
    {
        json.WriteStartObject();
        foreach (var (name, content) in (Members)value)
        {
            if (content is null)
                continue;
            json.WritePropertyName(name);
            _byName[name].Shape.Write(json, content);
        }
        json.WriteEndObject();
    }
}

/// <summary>A list of values of one type.</summary>
/// <param name="item">Type of its values.</param>
/// <param name="max">Most values.</param>
public sealed class ListShape(Shape item, int max = int.MaxValue) : Shape
{
    /// <summary>Type of its values.</summary>
    public Shape Item { get; } = item;

    /// <summary>Most values.</summary>
    public int Max { get; } = max;

    /// <inheritdoc/>
    public override object Read(JsonElement value, string path)
    {
        if (value.ValueKind != JsonValueKind.Array)
            throw WrongType(value, path, "an array");
        if (value.GetArrayLength() > Max)
            throw new AmazonException(AmazonException.InvalidInput, $"{path} has {value.GetArrayLength()} items; at most {Max} are allowed.");
        return value.EnumerateArray().Where(one => one.ValueKind != JsonValueKind.Null)
            .Select((one, index) => Item.Read(one, $"{path}[{index}]")).ToList();
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter json, object value)
    {
        json.WriteStartArray();
        foreach (var one in (IEnumerable<object>)value)
            Item.Write(json, one);
        json.WriteEndArray();
    }
}

/// <summary>Values of one type by names that the client chose.</summary>
/// <param name="key">Type of the names.</param>
/// <param name="value">Type of the values.</param>
public sealed class MapShape(Shape key, Shape value) : Shape
{
    /// <summary>Type of the names.</summary>
    public Shape Key { get; } = key;

    /// <summary>Type of the values.</summary>
    public Shape Value { get; } = value;

    /// <inheritdoc/>
    public override object Read(JsonElement value, string path)
    {
        if (value.ValueKind != JsonValueKind.Object)
            throw WrongType(value, path, "an object");
        var map = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var property in value.EnumerateObject())
            if (property.Value.ValueKind != JsonValueKind.Null)
                map[JsonNames.Name(property, path)] = Value.Read(property.Value, JsonNames.Join(path, JsonNames.Name(property, path)));
        return map;
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter json, object value)
    {
        json.WriteStartObject();
        foreach (DictionaryEntry pair in (IDictionary)value)
        {
            json.WritePropertyName((string)pair.Key);
            Value.Write(json, pair.Value!);
        }
        json.WriteEndObject();
    }
}
