using System.Security.Cryptography;

namespace MlService.Metadata;

/// <summary>The rules for ids and names, which hold for all kinds of resource.</summary>
public static class ResourceNaming
{
    /// <summary>Longest id.</summary>
    public const int MaxIdLength = 64;

    /// <summary>Longest name.</summary>
    public const int MaxNameLength = 1024;

    // Letters and digits that nobody confuses when reading an id aloud.
    private const string IdAlphabet = "abcdefghjkmnpqrstuvwxyz23456789";

    /// <summary>Makes an id for a resource whose creator named none: <c>ds-</c>, <c>ml-</c>, <c>ev-</c> or <c>bp-</c> and 12 random characters.</summary>
    public static string NewId(ResourceKind kind)
    {
        var prefix = kind switch
        {
            ResourceKind.DataSource => "ds-",
            ResourceKind.Model => "ml-",
            ResourceKind.Evaluation => "ev-",
            ResourceKind.BatchPrediction => "bp-",
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
        };
        return prefix + RandomNumberGenerator.GetString(IdAlphabet, 12);
    }

    /// <summary>Refuses what cannot be an id: it takes 1 to 64 of <c>a-z A-Z 0-9 _ . -</c>, but for <c>.</c> and <c>..</c>, which no address can hold.</summary>
    public static void CheckId(string? id, string field)
    {
        if (string.IsNullOrEmpty(id))
            throw ResourceProblems.Invalid(field, $"{field} is missing. Name the resource by its id.");
        if (!IsId(id))
            throw ResourceProblems.Invalid(field,
                $"{field} '{id.Shorten()}' is not an id: an id has 1 to {MaxIdLength} characters of a-z, A-Z, 0-9, '_', '.' and '-', and is not '.' or '..'.");
    }

    /// <summary>Whether a text can be an id.</summary>
    public static bool IsId(string text) =>
        text.Length is >= 1 and <= MaxIdLength && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-')
        && text is not ("." or "..");

    /// <summary>Refuses what cannot be a name: it has at most 1,024 characters and is not blank, though it may be empty.</summary>
    public static void CheckName(string? name)
    {
        if (name is null || name.Length == 0)
            return;
        if (name.Length > MaxNameLength)
            throw ResourceProblems.Invalid("name", $"name has {name.Length} characters; at most {MaxNameLength} are allowed.");
        if (string.IsNullOrWhiteSpace(name))
            throw ResourceProblems.Invalid("name", "name is only white space. Give it a visible character, or leave it out.");
    }

    /// <summary>The kind as people say it, for example <c>batch prediction</c>.</summary>
    public static string ToWords(this ResourceKind kind) => kind switch
    {
        ResourceKind.DataSource => "datasource",
        ResourceKind.Model => "model",
        ResourceKind.Evaluation => "evaluation",
        ResourceKind.BatchPrediction => "batch prediction",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    /// <summary>The kind's collection in the REST face, for example <c>batch-predictions</c>.</summary>
    public static string ToCollection(this ResourceKind kind) => kind switch
    {
        ResourceKind.DataSource => "datasources",
        ResourceKind.Model => "models",
        ResourceKind.Evaluation => "evaluations",
        ResourceKind.BatchPrediction => "batch-predictions",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    /// <summary>The status as both faces spell it, for example <c>INPROGRESS</c>.</summary>
    public static string ToText(this ResourceStatus status) => status.ToString().ToUpperInvariant();

    /// <summary>A value short enough for an error message.</summary>
    public static string Shorten(this string value) => value.Length <= 80 ? value : string.Concat(value.AsSpan(0, 77), "...");
}
