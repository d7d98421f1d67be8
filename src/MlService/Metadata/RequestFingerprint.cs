using System.Security.Cryptography;
using System.Text.Json;

namespace MlService.Metadata;

/// <summary>
/// Tells whether two creating requests are the same: the SHA-256 of all their members as JSON with sorted names, so that
/// the order in which a client lists parameters or tags does not matter.
/// </summary>
public static class RequestFingerprint
{
    /// <summary>The fingerprint, 64 hexadecimal digits.</summary>
    public static string Of<T>(T request)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
            Write(writer, JsonSerializer.SerializeToElement(request, JsonSerializerOptions.Default));
        return Convert.ToHexStringLower(SHA256.HashData(buffer.GetBuffer().AsSpan(0, (int)buffer.Length)));
    }

    private static void Write(Utf8JsonWriter writer, JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            element.WriteTo(writer);
            return;
        }
        writer.WriteStartObject();
        foreach (var member in element.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal))
        {
            writer.WritePropertyName(member.Name);
            Write(writer, member.Value);
        }
        writer.WriteEndObject();
    }
}
