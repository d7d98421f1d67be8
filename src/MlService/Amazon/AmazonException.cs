namespace MlService.Amazon;

/// <summary>An error in Amazon's own words; what the catalogs refuse is translated by <see cref="AmazonErrors"/>.</summary>
/// <param name="type">The bare name of the exception, as the service model or the common errors have it.</param>
/// <param name="message">What is wrong and what to do about it.</param>
/// <param name="status">The HTTP status.</param>
public sealed class AmazonException(string type, string message, int status = StatusCodes.Status400BadRequest) : Exception(message)
{
    /// <summary>A member breaks a rule, or the operation is not possible now.</summary>
    public const string InvalidInput = "InvalidInputException";

    /// <summary>A tag breaks a rule.</summary>
    public const string InvalidTag = "InvalidTagException";

    /// <summary>The bare name of the exception.</summary>
    public string Type { get; } = type;

    /// <summary>The HTTP status.</summary>
    public int Status { get; } = status;

    /// <summary>The body is not JSON, or not of the JSON types of the operation.</summary>
    public static AmazonException Serialization(string message) => new("SerializationException", message);
}
