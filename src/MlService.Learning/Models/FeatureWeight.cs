namespace MlService.Learning.Models;

/// <summary>What a model learned about one feature.</summary>
/// <param name="Name">The feature, for example <c>job=student</c>.</param>
/// <param name="Weight">
/// What the feature adds to the score: as it is for a token; for a number times (value − <paramref name="Center"/>).
/// </param>
/// <param name="Center">The mean of a number in the training data; 0 for a token.</param>
public sealed record FeatureWeight(string Name, double Weight, double Center);
