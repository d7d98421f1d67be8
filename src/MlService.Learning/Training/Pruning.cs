namespace MlService.Learning.Training;

/// <summary>
/// Chooses the features that a model keeps where not all fit in its file: those without which the training loss would rise
/// most, for each byte that they take.
/// </summary>
/// <remarks>
/// Near the minimum the loss rises by ½·h·w² when weight w goes to zero, where h is the second derivative (Y. LeCun, J. Denker,
/// S. Solla, "Optimal Brain Damage", 1990). Of a feature that c examples have, h is c times their mean curvature, which is much the
/// same for all features; so c·w² puts them in order.
/// </remarks>
internal static class Pruning
{
    /// <summary>The features to keep.</summary>
    /// <param name="weights">Averaged weights of the learner.</param>
    /// <param name="learner">Says how they lie.</param>
    /// <param name="numbering">The features.</param>
    /// <param name="size">What each takes in a file.</param>
    /// <returns>By feature, whether it stays; null where all fit that a model keeps (<see cref="ModelAssembly"/>).</returns>
    public static bool[]? Choose(ReadOnlySpan<float> weights, LearnerState learner, FeatureNumbering numbering, ModelSize size)
    {
        if (size.FitsAll(numbering))
            return null;
        var worth = new double[learner.Features];
        for (var id = 0; id < worth.Length; id++)
            worth[id] = numbering.Vocabulary.Occurrences(id) * SquaredNorm(weights.Slice(id * learner.Width, learner.Outputs))
                / size.FeatureBytes(numbering, id);
        int[] order = [.. Enumerable.Range(0, worth.Length).Where(id => worth[id] != 0 || numbering.TokenWeights.Has(id))];
        // Of equals the more frequent one comes first, since ids go by frequency.
        Array.Sort(order, (a, b) => worth[a] != worth[b] ? worth[b].CompareTo(worth[a]) : a.CompareTo(b));
        var fitting = size.Fitting(numbering, order);
        if (fitting == order.Length)
            return null;
        var kept = new bool[worth.Length];
        foreach (var id in order.AsSpan(0, fitting))
            kept[id] = true;
        return kept;
    }

    private static double SquaredNorm(ReadOnlySpan<float> weights)
    {
        double sum = 0;
        foreach (var weight in weights)
            sum += (double)weight * weight;
        return sum;
    }
}
