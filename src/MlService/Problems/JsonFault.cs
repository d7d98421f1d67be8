using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;

namespace MlService.Problems;

/// <summary>
/// Explains why a JSON body did not fit: which field, what it should be, which fields there are. The serializer's own
/// messages name .NET types; this walks the expected type along the error's path instead.
/// </summary>
internal static partial class JsonFault
{
    public static Problem Explain(JsonException exception, Type? expected, JsonSerializerOptions options)
    {
        var path = exception.Path ?? "$";
        var field = path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : path == "$" ? null : path[1..];
        var line = exception.LineNumber + 1;
        return Problem.Of(ProblemKind.InvalidInput, Detail(exception, expected, options, path), field, line);
    }

    private static string Detail(JsonException exception, Type? expected, JsonSerializerOptions options, string path)
    {
        if (MissingMembers().Match(exception.Message) is { Success: true } missing)
            return $"The JSON lacks {missing.Groups[1].Value}. Add what is missing.";
        if (exception.Message.StartsWith("Duplicate", StringComparison.Ordinal))
            return $"The JSON names {path} twice. Leave one.";
        // Only the reader itself throws a derived type: then the text is no JSON at all, and its message says what it met.
        if (exception.GetType() != typeof(JsonException) || exception.InnerException is JsonException)
            return $"The text is not valid JSON: {WithoutPosition(exception.Message)} (line {exception.LineNumber + 1}, "
                + $"byte {exception.BytePositionInLine + 1})";
        var parts = PathParts().Matches(path).Select(part => part.Groups[1].Value + part.Groups[2].Value + part.Groups[3].Value).ToList();
        var info = expected is null ? null : Info(expected, options);
        foreach (var part in parts)
        {
            if (info is null)
                break;
            if (info.Kind == JsonTypeInfoKind.Object)
            {
                var member = info.Properties.FirstOrDefault(property => property.Name == part);
                if (member is null)
                    return $"There is no field '{Short(part)}'{Within(parts, part)}. The fields are: "
                        + $"{string.Join(", ", info.Properties.Select(property => property.Name))}.";
                info = Info(member.PropertyType, options);
            }
            else
            {
                info = info.ElementType is { } element ? Info(element, options) : null;
            }
        }
        var place = path == "$" ? "The JSON" : $"'{Short(path[1..].TrimStart('.'))}'";
        return info is null ? $"{place} does not have the form that is expected here." : $"{place} must be {Describe(info)}.";
    }

    private static JsonTypeInfo? Info(Type type, JsonSerializerOptions options) =>
        options.TryGetTypeInfo(Nullable.GetUnderlyingType(type) ?? type, out var info) ? info : null;

    private static string Describe(JsonTypeInfo info) => info.Kind switch
    {
        JsonTypeInfoKind.Object => "an object with the fields " + string.Join(", ", info.Properties.Select(property => property.Name)),
        JsonTypeInfoKind.Dictionary => "an object",
        JsonTypeInfoKind.Enumerable => "an array",
        _ when info.Type.IsEnum => "one of " + string.Join(", ", Enum.GetValuesAsUnderlyingType(info.Type).Cast<object>()
            .Select(value => JsonSerializer.Serialize(Enum.ToObject(info.Type, value), info))),
        _ when info.Type == typeof(string) => "text in double quotes",
        _ when info.Type == typeof(bool) => "true or false",
        _ when info.Type == typeof(int) || info.Type == typeof(long) => "a whole number",
        _ when info.Type == typeof(double) || info.Type == typeof(float) || info.Type == typeof(decimal) => "a number",
        _ when info.Type == typeof(DateTime) || info.Type == typeof(DateTimeOffset) => "a time like \"2026-01-31T12:00:00Z\"",
        _ => "a value of another type",
    };

    private static string Within(List<string> parts, string part)
    {
        var outer = parts.TakeWhile(each => !ReferenceEquals(each, part)).ToList();
        return outer.Count == 0 ? "" : $" in '{string.Join('.', outer)}'";
    }

    private static string Short(string text) =>
        text.Length <= 80 ? text : string.Create(CultureInfo.InvariantCulture, $"{text.AsSpan(0, 80)}…");

    private static string WithoutPosition(string message)
    {
        var position = message.IndexOf(" Path: ", StringComparison.Ordinal);
        position = position >= 0 ? position : message.IndexOf(" LineNumber: ", StringComparison.Ordinal);
        return position < 0 ? message : message[..position];
    }

    [GeneratedRegex(@"missing required properties including: (.*?)\.( Path|$)", RegexOptions.CultureInvariant)]
    private static partial Regex MissingMembers();

    // $.name, $['na.me'], $[0]
    [GeneratedRegex(@"\.([^.\[]+)|\['((?:[^'\\]|\\.)*)'\]|\[(\d+)\]", RegexOptions.CultureInvariant)]
    private static partial Regex PathParts();
}
