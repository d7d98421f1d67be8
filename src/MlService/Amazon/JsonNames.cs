using System.Text.Json;
using MlService.Metadata;

namespace MlService.Amazon;

/// <summary>Texts and names out of JSON, which may be escaped wrongly: half of a surrogate pair is found only when it is read.</summary>
internal static class JsonNames
{
    /// <summary>A JSON string's text.</summary>
    /// <exception cref="AmazonException">It is not Unicode.</exception>
    public static string Text(JsonElement value, string path)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw AmazonException.Serialization($"{path} is not valid Unicode: bytes that are no UTF-8, or half of a surrogate pair.");
        }
    }

    /// <summary>A member's name.</summary>
    /// <exception cref="AmazonException">It is not Unicode.</exception>
    public static string Name(JsonProperty property, string path)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            throw AmazonException.Serialization($"A name in {(path.Length == 0 ? "the body" : path)} is not valid Unicode.");
        }
    }

    /// <summary>The path of a member.</summary>
    public static string Join(string path, string name) => path.Length == 0 ? name.Shorten() : $"{path}.{name.Shorten()}";
}
