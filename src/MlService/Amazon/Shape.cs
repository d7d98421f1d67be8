using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using MlService.Metadata;

namespace MlService.Amazon;

/// <summary>
/// A type of the service model: reads a member of a request, checking all that the model says of it, and writes a member of an answer.
/// All validation of all operations is this.
/// </summary>
public abstract class Shape
{
    /// <summary>Reads a value that is not null.</summary>
    /// <param name="value">The value.</param>
    /// <param name="path">Where in the request it stands.</param>
    /// <exception cref="AmazonException">It is of another JSON type, or breaks a rule.</exception>
    public abstract object Read(JsonElement value, string path);

    /// <summary>Writes a value.</summary>
    public abstract void Write(Utf8JsonWriter json, object value);

    /// <summary>Refuses a value of another JSON type.</summary>
    protected static AmazonException WrongType(JsonElement value, string path, string wanted) =>
        AmazonException.Serialization($"{path} is a JSON {value.ValueKind.ToString().ToLowerInvariant()}; it must be {wanted}.");
}

/// <summary>Text, of limited length, of a pattern, or one of a few words.</summary>
public sealed class StringShape : Shape
{
    private readonly Regex? _pattern;

    /// <summary>Creates the shape.</summary>
    /// <param name="min">Fewest characters.</param>
    /// <param name="max">Most characters.</param>
    /// <param name="pattern">Regular expression that the whole text matches.</param>
    /// <param name="values">The words that it may be; null for any.</param>
    /// <param name="error">Error for what breaks a rule.</param>
    public StringShape(
        int min = 0, int max = int.MaxValue, string? pattern = null, string[]? values = null, string error = AmazonException.InvalidInput)
    {
        (Min, Max, Pattern, Values, Error) = (min, max, pattern, values, error);
        const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.Singleline | RegexOptions.CultureInvariant;
        _pattern = pattern is null ? null : new Regex($@"\A(?:{pattern})\z", Options);
    }

    /// <summary>Fewest characters.</summary>
    public int Min { get; }

    /// <summary>Most characters.</summary>
    public int Max { get; }

    /// <summary>Regular expression of the whole text; null for any text.</summary>
    public string? Pattern { get; }

    /// <summary>The words that it may be; null for any.</summary>
    public IReadOnlyList<string>? Values { get; }

    /// <summary>Error for what breaks a rule.</summary>
    public string Error { get; }

    /// <inheritdoc/>
    public override object Read(JsonElement value, string path)
    {
        if (value.ValueKind != JsonValueKind.String)
            throw WrongType(value, path, "a string");
        var text = JsonNames.Text(value, path);
        if (text.Length < Min)
            throw Refuse($"{path} has {text.Length} characters; it must have at least {Min}.");
        if (text.Length > Max)
            throw Refuse($"{path} has {text.Length} characters; at most {Max} are allowed.");
        if (text.Contains('\0', StringComparison.Ordinal))
            throw Refuse($"{path} holds the character U+0000. Remove it.");
        if (Values is not null && !Values.Contains(text))
            throw Refuse($"{path} is '{text.Shorten()}'; it must be one of {string.Join(", ", Values)}.");
        if (_pattern is not null && !_pattern.IsMatch(text))
            throw Refuse($"{path} '{text.Shorten()}' does not match the pattern {Pattern}.");
        return text;
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter json, object value) => json.WriteStringValue((string)value);

    private AmazonException Refuse(string message) => new(Error, message);
}

/// <summary>True or false.</summary>
public sealed class BooleanShape : Shape
{
    /// <inheritdoc/>
    public override object Read(JsonElement value, string path) => value.ValueKind is JsonValueKind.True or JsonValueKind.False
        ? value.GetBoolean()
        : throw WrongType(value, path, "true or false");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter json, object value) => json.WriteBooleanValue((bool)value);
}

/// <summary>A whole number.</summary>
/// <param name="min">Least value.</param>
/// <param name="max">Greatest value.</param>
public sealed class IntegerShape(long min = long.MinValue, long max = long.MaxValue) : Shape
{
    /// <summary>Least value.</summary>
    public long Min { get; } = min;

    /// <summary>Greatest value.</summary>
    public long Max { get; } = max;

    /// <inheritdoc/>
    public override object Read(JsonElement value, string path)
    {
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt64(out var number))
            throw WrongType(value, path, "a whole number");
        return number >= Min && number <= Max
            ? number
            : throw new AmazonException(AmazonException.InvalidInput, $"{path} is {number}; it must be from {Min} to {Max}.");
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter json, object value) => json.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture));
}

/// <summary>A binary32 number; Amazon printed it widened to binary64.</summary>
public sealed class FloatShape : Shape
{
    /// <inheritdoc/>
    public override object Read(JsonElement value, string path)
    {
        if (value.ValueKind != JsonValueKind.Number)
            throw WrongType(value, path, "a number");
        return value.TryGetDouble(out var number) && float.IsFinite((float)number)
            ? number
            : throw AmazonException.Serialization($"{path} is beyond the numbers of 32 bits.");
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter json, object value) =>
        json.WriteNumberValue((double)Convert.ToSingle(value, CultureInfo.InvariantCulture));
}

/// <summary>A moment, in answers only: seconds since the epoch with milliseconds.</summary>
public sealed class TimestampShape : Shape
{
    /// <inheritdoc/>
    public override object Read(JsonElement value, string path) => throw new NotSupportedException("No request has a timestamp.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter json, object value) =>
        json.WriteNumberValue(new DateTimeOffset((DateTime)value).ToUnixTimeMilliseconds() / 1000m);
}
