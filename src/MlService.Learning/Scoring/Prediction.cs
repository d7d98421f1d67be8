namespace MlService.Learning.Scoring;

/// <summary>What a model says about one record. A view into its scorer: valid until the next one is made.</summary>
public readonly ref struct Prediction
{
    internal Prediction(double value, ReadOnlySpan<float> probabilities, int bestClass)
    {
        Value = value;
        Probabilities = probabilities;
        BestClass = bestClass;
    }

    /// <summary>
    /// BINARY: the probability of 1 (a binary32 number). MULTICLASS: the probability of <see cref="BestClass"/>. REGRESSION: the
    /// predicted number.
    /// </summary>
    public double Value { get; }

    /// <summary>MULTICLASS: the probability of each class, in the model's order; sum 1. Else empty.</summary>
    public ReadOnlySpan<float> Probabilities { get; }

    /// <summary>MULTICLASS: index of the most probable class, the first of equals; else −1.</summary>
    public int BestClass { get; }
}
