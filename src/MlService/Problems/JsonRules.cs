using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace MlService.Problems;

/// <summary>How JSON is read and written at the REST face: camelCase, strict, nulls left out.</summary>
public static class JsonRules
{
    /// <summary>For JSON that is read or written outside of the web framework's own binding.</summary>
    public static JsonSerializerOptions Options { get; } = Create();

    /// <summary>Sets the rules. What is unknown, missing, doubled, of another type or null where it must not be is an error, never a guess.</summary>
    public static void Apply(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.PropertyNameCaseInsensitive = false;
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.AllowDuplicateProperties = false;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.RespectNullableAnnotations = true;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        options.Converters.Add(new FiniteNumber());
        options.TypeInfoResolver = (options.TypeInfoResolver ?? new DefaultJsonTypeInfoResolver()).WithAddedModifier(Require);
    }

    /// <summary>A constructor's parameter that is neither nullable nor has a default must be given.</summary>
    private static void Require(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
        {
            if (property.AssociatedParameter is { HasDefaultValue: false, IsNullable: false } parameter
                && Nullable.GetUnderlyingType(parameter.ParameterType) is null)
                property.IsRequired = true;
        }
    }

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web);
        Apply(options);
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
