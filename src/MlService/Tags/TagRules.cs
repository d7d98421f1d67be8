using System.Text.RegularExpressions;
using MlService.Metadata;
using MlService.Problems;

namespace MlService.Tags;

/// <summary>What a tag may be, and how many a resource may have.</summary>
public static partial class TagRules
{
    /// <summary>Most tags on a resource.</summary>
    public const int MaxTags = 50;

    /// <summary>Longest key.</summary>
    public const int MaxKeyLength = 128;

    private const int MaxValueLength = 256;

    /// <summary>A tag's key or value cannot be used.</summary>
    public static readonly ProblemKind InvalidTag = new("invalid-tag", "Invalid tag", StatusCodes.Status400BadRequest);

    /// <summary>A resource would have too many tags.</summary>
    public static readonly ProblemKind TooManyTags = new("too-many-tags", "Too many tags", StatusCodes.Status400BadRequest);

    /// <summary>Refuses tags that break a rule.</summary>
    /// <exception cref="ProblemException">One does, or there are too many.</exception>
    public static void Check(IReadOnlyDictionary<string, string?> tags)
    {
        CheckCount(tags.Count);
        foreach (var (key, value) in tags)
        {
            CheckKey(key);
            if (value is null)
                continue;
            if (value.Length > MaxValueLength)
                throw Refuse($"The value of tag '{key}' has {value.Length} characters; at most {MaxValueLength} are allowed.");
            if (!Allowed().IsMatch(value))
                throw Refuse($"The value of tag '{key}' has a character that tags cannot have: use letters, digits, blanks and _ . : / = + - @.");
        }
    }

    /// <summary>Refuses a number of tags that a resource cannot have.</summary>
    public static void CheckCount(int count)
    {
        if (count > MaxTags)
            throw new ProblemException(TooManyTags, $"The resource would have {count} tags; at most {MaxTags} are allowed. Remove some first.", "tags");
    }

    private static void CheckKey(string key)
    {
        if (key.Length is 0 or > MaxKeyLength)
            throw Refuse($"The tag key '{key.Shorten()}' has {key.Length} characters; a key has 1 to {MaxKeyLength}.");
        if (!Allowed().IsMatch(key))
            throw Refuse($"The tag key '{key}' has a character that tags cannot have: use letters, digits, blanks and _ . : / = + - @.");
        if (key.StartsWith("aws:", StringComparison.OrdinalIgnoreCase))
            throw Refuse($"The tag key '{key}' begins with 'aws:', which is reserved. Choose another.");
    }

    private static ProblemException Refuse(string detail) => new(InvalidTag, detail, "tags");

    [GeneratedRegex(@"^[\p{L}\p{Z}\p{N}_.:/=+\-@]*\z")]
    private static partial Regex Allowed();
}
