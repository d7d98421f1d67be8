using MlService.Learning.Models;

namespace MlService.Realtime;

/// <summary>What a model says of one record.</summary>
/// <param name="Type">Type of the model.</param>
/// <param name="Label">The predicted class, 0 or 1 of a binary model; null for regression.</param>
/// <param name="Value">The predicted number; null for all but regression.</param>
/// <param name="Scores">
/// Binary: under the predicted label, whichever it is, the probability of 1. Multiclass: the probability of each class. Regression: null.
/// </param>
public sealed record PredictionAnswer(ModelType Type, string? Label, float? Value, IReadOnlyDictionary<string, float>? Scores);
