using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace MlService.Console.Parts;

/// <summary>Reads reports that jobs stored, also those of an earlier version: what they lack yet is null.</summary>
internal static class StoredReport
{
    /// <summary>How they are read.</summary>
    public static JsonSerializerOptions Reading { get; } = new(JsonSerializerDefaults.Web)
    {
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { AskForNothing } },
    };

    private static void AskForNothing(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
            property.IsRequired = false;
    }
}
