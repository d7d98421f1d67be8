namespace MlService.Amazon;

/// <summary>Texts that clients send empty where they mean none.</summary>
internal static class OptionalText
{
    /// <summary>The text; null if it is empty.</summary>
    public static string? OrNull(this string? text) => string.IsNullOrEmpty(text) ? null : text;
}
