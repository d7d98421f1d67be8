namespace MlService.Learning.Training;

/// <summary>
/// Newton's method goes too far where the loss is not quadratic: a step is halved until it does not raise the loss (line search by
/// backtracking; J. Nocedal, S. Wright, "Numerical Optimization", 2006, section 3.1).
/// </summary>
internal static class StepHalving
{
    /// <summary>Goes a step, or the greatest share of it, halved each time, that does not raise the loss.</summary>
    /// <param name="fit">Where the step begins; where it ended, unless every share raises the loss.</param>
    /// <param name="loss">The loss there.</param>
    /// <param name="at">Where a share of the step, 1 for all of it, leads.</param>
    /// <param name="lossOf">The loss at a place.</param>
    /// <param name="smallestGain">Share of a step, and of the loss, below which there is nothing to gain any more.</param>
    /// <returns>Whether another step may gain more.</returns>
    public static bool Step<T>(ref T fit, ref double loss, Func<double, T> at, Func<T, double> lossOf, double smallestGain)
    {
        for (var share = 1.0; share > smallestGain; share /= 2)
        {
            var next = at(share);
            var reached = lossOf(next);
            if (!(reached <= loss))
                continue;
            var isWorthwhile = loss - reached >= smallestGain * loss;
            (fit, loss) = (next, reached);
            return isWorthwhile;
        }
        return false;
    }
}
