using System.Diagnostics.CodeAnalysis;
using System.Text;
using MlService.Learning;

namespace MlService.Storage;

/// <summary>
/// Where an object lies: <c>s3://bucket/key</c>. With an empty key, or one that ends in <c>/</c>, it also names the
/// collection of objects whose keys begin so. The key is taken literally: nothing in it is percent-decoded or normalized.
/// </summary>
/// <param name="Bucket">The bucket, by S3's naming rules.</param>
/// <param name="Key">The key: at most 1024 bytes of UTF-8.</param>
public readonly record struct ObjectUri(string Bucket, string Key)
{
    public const int MaxLength = 2048;
    public const int MaxKeyBytes = 1024;
    private const string Scheme = "s3://";
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>Whether this names a collection of objects: the key is empty or ends with <c>/</c>.</summary>
    public bool IsPrefix => Key.Length == 0 || Key[^1] == '/';

    /// <summary>Reads <c>s3://bucket/key</c>.</summary>
    /// <exception cref="InvalidInputException">It is not one; the message says why.</exception>
    public static ObjectUri Parse(string text)
    {
        var error = Read(text, out var uri);
        return error is null ? uri : throw new InvalidInputException(error);
    }

    public static bool TryParse([NotNullWhen(true)] string? text, out ObjectUri uri)
    {
        uri = default;
        return text is not null && Read(text, out uri) is null;
    }

    /// <summary>The object of this collection whose key goes on with <paramref name="name"/>.</summary>
    public ObjectUri Child(string name) => IsPrefix
        ? this with { Key = Key + name }
        : this with { Key = Key + "/" + name };

    /// <summary>Says why this cannot be the place of one object; null if it can.</summary>
    internal string? ObjectError() => BucketName.Error(Bucket) ?? (Key.Length == 0
        ? $"'{this}' names a bucket; an object needs a key, as in s3://{Bucket}/data.csv"
        : KeyError(Key));

    /// <summary>Says what is wrong with a key or a prefix of keys; null if nothing is.</summary>
    internal static string? KeyError(string key)
    {
        try
        {
            var bytes = StrictUtf8.GetByteCount(key);
            return bytes <= MaxKeyBytes ? null : $"The key has {bytes} bytes of UTF-8; at most {MaxKeyBytes} are allowed. Shorten it.";
        }
        catch (EncoderFallbackException)
        {
            return "The key is not valid Unicode (it has half of a surrogate pair). Give it as UTF-8 text.";
        }
    }

    /// <exception cref="InvalidInputException">This cannot be the place of one object.</exception>
    internal void RequireObject()
    {
        if (ObjectError() is { } error)
            throw new InvalidInputException(error);
    }

    /// <exception cref="InvalidInputException">There can be no such bucket, or no keys that begin so.</exception>
    internal static void RequirePrefix(string bucket, string prefix)
    {
        if ((BucketName.Error(bucket) ?? KeyError(prefix)) is { } error)
            throw new InvalidInputException(error);
    }

    public override string ToString() => $"{Scheme}{Bucket}/{Key}";

    private static string? Read(string text, out ObjectUri uri)
    {
        uri = default;
        if (text.Length > MaxLength)
            return $"The location has {text.Length} characters; at most {MaxLength} are allowed.";
        if (!text.StartsWith(Scheme, StringComparison.Ordinal))
            return $"'{Shown(text)}' is not a location in object storage. Write it as s3://bucket/key.";
        var slash = text.IndexOf('/', Scheme.Length);
        var bucket = slash < 0 ? text[Scheme.Length..] : text[Scheme.Length..slash];
        var key = slash < 0 ? "" : text[(slash + 1)..];
        if ((BucketName.Error(bucket) ?? KeyError(key)) is { } error)
            return $"'{Shown(text)}' is not a location in object storage. {error}";
        uri = new ObjectUri(bucket, key);
        return null;
    }

    private static string Shown(string text) => text.Length <= 100 ? text : text[..100] + "…";
}
