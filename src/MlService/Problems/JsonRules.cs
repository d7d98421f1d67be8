using System.Text.Json;
using System.Text.Json.Serialization;

namespace MlService.Problems;

/// <summary>How JSON is read and written at the REST face: camelCase, strict, nulls left out.</summary>
public static class JsonRules
{
    /// <summary>For JSON that is read or written outside of the web framework's own binding.</summary>
    public static JsonSerializerOptions Options { get; } = Create();

    /// <summary>Sets the rules. What is unknown, doubled, of another type or null where it must not be is an error, never a guess.</summary>
    public static void Apply(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.PropertyNameCaseInsensitive = false;
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.AllowDuplicateProperties = false;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.RespectNullableAnnotations = true;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
    }

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web);
        Apply(options);
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
