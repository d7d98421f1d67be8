using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace MlService.Learning.Records;

/// <summary>The JSON form of a split: Amazon's DataRearrangement.</summary>
internal static class DataSplitJson
{
    public static DataSplit Parse(string json)
    {
        if (string.IsNullOrWhiteSpace(json))
            return DataSplit.All;
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = RequireObject("The data rearrangement", document.RootElement);
            return root.TryGetProperty("splitting", out var splitting) && splitting.ValueKind != JsonValueKind.Null
                ? ReadSplitting(RequireObject("splitting", splitting))
                : DataSplit.All;
        }
        catch (JsonException error)
        {
            throw new InvalidInputException(
                $"The data rearrangement is not valid JSON at line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1}. "
                + "It looks like {\"splitting\":{\"percentBegin\":0,\"percentEnd\":70}}.", error);
        }
    }

    public static string Write(DataSplit split)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("splitting");
            writer.WriteNumber("percentBegin", split.PercentBegin);
            writer.WriteNumber("percentEnd", split.PercentEnd);
            if (split.Strategy == SplitStrategy.Random)
            {
                writer.WriteString("strategy", "random");
                writer.WriteStartObject("strategyParams");
                writer.WriteString("randomSeed", split.Seed);
                writer.WriteEndObject();
            }
            if (split.Complement)
                writer.WriteBoolean("complement", true);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static DataSplit ReadSplitting(JsonElement splitting)
    {
        var strategy = ReadText(splitting, "strategy") switch
        {
            null or "sequential" => SplitStrategy.Sequential,
            "random" => SplitStrategy.Random,
            var other => throw new InvalidInputException(
                $"splitting.strategy is \"{other}\"; it must be \"sequential\" or \"random\"."),
        };
        var seed = splitting.TryGetProperty("strategyParams", out var parameters) && parameters.ValueKind != JsonValueKind.Null
            ? ReadText(RequireObject("splitting.strategyParams", parameters), "randomSeed")
            : null;
        return new DataSplit(
            ReadPercent(splitting, "percentBegin", 0),
            ReadPercent(splitting, "percentEnd", 100),
            strategy,
            seed ?? "",
            ReadBoolean(splitting, "complement"));
    }

    private static double ReadPercent(JsonElement parent, string name, double missing)
    {
        if (!parent.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
            return missing;
        var text = value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText();
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var percent)
            ? percent
            : throw Wrong(name, value, "a number between 0 and 100");
    }

    // Amazon's own page shows the complement both as a boolean and as a string.
    private static bool ReadBoolean(JsonElement parent, string name)
    {
        if (!parent.TryGetProperty(name, out var value) || value.ValueKind is JsonValueKind.Null or JsonValueKind.False)
            return false;
        if (value.ValueKind == JsonValueKind.True)
            return true;
        return value.ValueKind == JsonValueKind.String && bool.TryParse(value.GetString(), out var parsed)
            ? parsed
            : throw Wrong(name, value, "true or false");
    }

    private static string? ReadText(JsonElement parent, string name)
    {
        if (!parent.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        // A seed is often written as a number; its digits are as good a text as any.
        return value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Number => value.GetRawText(),
            _ => throw Wrong(name, value, "a string"),
        };
    }

    private static JsonElement RequireObject(string name, JsonElement value) => value.ValueKind == JsonValueKind.Object
        ? value
        : throw new InvalidInputException($"{name} must be a JSON object, such as {{\"splitting\":{{\"percentEnd\":70}}}}.");

    private static InvalidInputException Wrong(string name, JsonElement value, string wanted) =>
        new($"splitting: {name} must be {wanted}, not {Shorten(value.GetRawText())}.");

    private static string Shorten(string text) => text.Length <= 40 ? text : text[..40] + "…";
}
