using System.Globalization;

namespace MlService.Learning.Training;

/// <summary>
/// Corrects a model's scores s, before they become probabilities, to <c>slope·s + offset</c>, with an offset for each output. Of a linear
/// model that is a linear model again: the correction goes into weights and intercepts.
/// </summary>
/// <param name="Slope">Above 0, so that the order of scores stays.</param>
/// <param name="Offsets">By output.</param>
internal sealed record ScoreScaling(double Slope, IReadOnlyList<double> Offsets)
{
    /// <summary>Fits the scores of two classes (<see cref="PlattScaling"/>) or of more (<see cref="SoftmaxScaling"/>).</summary>
    /// <param name="heldOut">Examples that were not learned from.</param>
    /// <returns>Null where they do not tell how.</returns>
    public static ScoreScaling? Fit(LossSums heldOut) =>
        heldOut.Ranking is { } ranking ? PlattScaling.Fit(ranking) is { } fit ? new(fit.Slope, [fit.Offset]) : null
        : heldOut.ClassScores is { } scores ? SoftmaxScaling.Fit(scores)
        : null;

    /// <summary>What it does, in words.</summary>
    public string InWords() => Offsets.Count == 1
        ? string.Create(CultureInfo.InvariantCulture, $"log-odds times {Slope:0.####} plus {Offsets[0]:0.####}")
        : string.Create(CultureInfo.InvariantCulture, $"scores times {Slope:0.####} plus {Offsets.Min():0.####} to {Offsets.Max():0.####} by class");
}
