using MlService.Learning.Metrics;

namespace MlService.Learning.Training;

/// <summary>
/// Corrects the log-odds s of a binary model to <c>slope·s + offset</c>, fitted to records that it has not learned from (J. Platt,
/// "Probabilistic Outputs for Support Vector Machines", 1999). The correction goes into
/// the model: whoever scores, explains or exports it need not know of it.
/// </summary>
internal readonly record struct PlattScaling(double Slope, double Offset)
{
    private const int MaxSteps = 50;
    private const double SmallestGain = 1e-12;

    /// <summary>
    /// Fits by Newton's method with step halving, to targets (n₁ + 1)/(n₁ + 2) and 1/(n₀ + 2) in place of 1 and 0, which keep it
    /// finite (H. Lin, C. Lin, R. Weng, "A Note on Platt's Probabilistic Outputs", 2007).
    /// </summary>
    /// <param name="ranking">Held-out probabilities of 1 and what was true.</param>
    /// <returns>Null where a class is missing, or where the scores say the contrary or nothing: there is no order to keep.</returns>
    public static PlattScaling? Fit(ScoreRanking ranking)
    {
        if (ranking.Positives == 0 || ranking.Negatives == 0)
            return null;
        var points = ranking.Groups.Select(group => new Point(LogOdds(group.Score), group.Positives, group.Negatives)).ToArray();
        var (high, low) = ((ranking.Positives + 1.0) / (ranking.Positives + 2), 1 / (ranking.Negatives + 2.0));
        var fit = new PlattScaling(1, 0);
        var loss = fit.Loss(points, high, low, out var gradient, out var curvature);
        for (var step = 0; step < MaxSteps; step++)
        {
            var determinant = curvature.Slope * curvature.Offset - curvature.Both * curvature.Both;
            if (!(determinant > 0))
                break;
            var slope = (curvature.Offset * gradient.Slope - curvature.Both * gradient.Offset) / determinant;
            var offset = (curvature.Slope * gradient.Offset - curvature.Both * gradient.Slope) / determinant;
            var begin = fit;
            if (!StepHalving.Step(
                ref fit, ref loss, share => new(begin.Slope - share * slope, begin.Offset - share * offset), next => next.Loss(points, high, low, out gradient, out curvature), SmallestGain))
                break;
        }
        return fit.Slope > 0 && double.IsFinite(fit.Slope + fit.Offset) ? fit : null;
    }

    // −Σ t·ln p + (1 − t)·ln(1 − p) with p = σ(slope·s + offset), and its first and second derivatives.
    private double Loss(Point[] points, double high, double low, out (double Slope, double Offset) gradient, out (double Slope, double Offset, double Both) curvature)
    {
        double loss = 0;
        (gradient, curvature) = (default, default);
        foreach (var (score, positives, negatives) in points)
        {
            var odds = Slope * score + Offset;
            var rows = positives + negatives;
            var target = positives * high + negatives * low;
            loss += rows * LogisticLoss.OfZero(odds) - target * odds;
            var probability = 1 / (1 + Math.Exp(-odds));
            var error = rows * probability - target;
            gradient = (gradient.Slope + error * score, gradient.Offset + error);
            var bend = rows * probability * (1 - probability);
            curvature = (curvature.Slope + bend * score * score, curvature.Offset + bend, curvature.Both + bend * score);
        }
        return loss;
    }

    /// <summary>Mean logistic loss of records once their log-odds are corrected.</summary>
    /// <param name="ranking">Their probabilities of 1 and what was true.</param>
    public double MeanLoss(ScoreRanking ranking)
    {
        double loss = 0;
        foreach (var group in ranking.Groups)
        {
            var odds = Slope * LogOdds(group.Score) + Offset;
            loss += (group.Positives + group.Negatives) * LogisticLoss.OfZero(odds) - group.Positives * odds;
        }
        return loss / (ranking.Positives + ranking.Negatives);
    }

    // Probabilities of binary32 that came out as 0 or 1 have lost their log-odds: as far as the metrics count them.
    private static double LogOdds(double probability)
    {
        var inside = Math.Clamp(probability, BinaryMetrics.ProbabilityMargin, 1 - BinaryMetrics.ProbabilityMargin);
        return Math.Log(inside / (1 - inside));
    }

    private readonly record struct Point(double Score, long Positives, long Negatives);
}
