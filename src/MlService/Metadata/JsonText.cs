using System.Text.Json;

namespace MlService.Metadata;

/// <summary>JSON that rows keep as text.</summary>
public static class JsonText
{
    /// <summary>Text as the JSON that it holds, or as a JSON string if it holds none; null for null.</summary>
    public static JsonElement? ToElement(string? text)
    {
        if (text is null)
            return null;
        try
        {
            return JsonElement.Parse(text);
        }
        catch (JsonException)
        {
            return JsonSerializer.SerializeToElement(text, JsonSerializerOptions.Default);
        }
    }

    /// <summary>A member that may be a JSON object or the text of one, as text; null if it is absent.</summary>
    /// <exception cref="Problems.ProblemException">It is something else.</exception>
    public static string? ToText(JsonElement? element, string field) => element?.ValueKind switch
    {
        null or JsonValueKind.Null or JsonValueKind.Undefined => null,
        JsonValueKind.Object => JsonSerializer.Serialize(element.Value, JsonSerializerOptions.Default),
        JsonValueKind.String => element.Value.GetString(),
        var kind => throw ResourceProblems.Invalid(field, $"{field} is a JSON {kind.ToString()!.ToLowerInvariant()}. Pass an object, or its text as a string."),
    };
}
