namespace MlService.Learning;

/// <summary>
/// What the caller handed over cannot be used: a file, a schema, a recipe, a parameter, a model file.
/// The message is written for that caller: it names the field, the line, the value and the remedy.
/// </summary>
public sealed class InvalidInputException : Exception
{
    /// <summary>Creates the error.</summary>
    /// <param name="message">What is wrong, where, and what to do about it.</param>
    /// <param name="innerException">The lower-level cause, if any.</param>
    public InvalidInputException(string message, Exception? innerException = null) : base(message, innerException) { }

    /// <summary>The passage at fault as it was written, where that is part of a longer text, for example one expression of a recipe.</summary>
    public string? Passage { get; init; }
}
