namespace MlService.Learning.Training;

/// <summary>
/// Corrects the scores s of several classes to <c>slope·s + offset_k</c> before the softmax, fitted to records that were not learned from:
/// temperature scaling (C. Guo, G. Pleiss, Y. Sun, K. Weinberger, "On Calibration of Modern Neural Networks", 2017) with an offset for
/// each class (A. Alexandari, A. Kundaje, A. Shrikumar, "Maximum Likelihood with Bias-Corrected Calibration is Hard-To-Beat at Label
/// Shift Adaptation", 2020).
/// </summary>
internal static class SoftmaxScaling
{
    private const int MaxSteps = 50;
    private const double SmallestGain = 1e-10;

    // Of half the sum of the offsets' squares: keeps those of classes finite that no record has.
    private const double Ridge = 1;

    /// <summary>Minimizes the log loss by Newton's method with step halving.</summary>
    /// <returns>Null where the scores say the contrary or nothing, or are no numbers.</returns>
    public static ScoreScaling? Fit(ClassScores scores)
    {
        var classes = scores.Classes;
        var fit = new double[classes + 1]; // offsets, then the slope
        fit[classes] = 1;
        var gradient = new double[classes + 1];
        var curvature = new double[classes + 1, classes + 1];
        var loss = Loss(scores, fit, gradient, curvature);
        for (var step = 0; step < MaxSteps && double.IsFinite(loss); step++)
        {
            if (!TrySolve(curvature, gradient))
                return null;
            var begin = fit;
            if (!StepHalving.Step(ref fit, ref loss, share => [.. begin.Zip(gradient, (value, step) => value - share * step)], next => Loss(scores, next, null, null), SmallestGain))
                break;
            loss = Loss(scores, fit, gradient, curvature);
        }
        return scores.Rows > 0 && fit[classes] > 0 && fit.All(double.IsFinite) && double.IsFinite(loss) ? new(fit[classes], fit[..classes]) : null;
    }

    // Σ ln Σ e^z − z_true with z = slope·s + offset, and half the squares of the offsets; its first and second derivatives.
    private static double Loss(ClassScores scores, double[] fit, double[]? gradient, double[,]? curvature)
    {
        var classes = scores.Classes;
        var slope = fit[classes];
        double loss = 0;
        if (gradient is not null)
        {
            Array.Clear(gradient);
            Array.Clear(curvature!);
        }
        for (var k = 0; k < classes; k++)
        {
            loss += Ridge / 2 * fit[k] * fit[k];
            if (gradient is null)
                continue;
            gradient[k] = Ridge * fit[k];
            curvature![k, k] = Ridge;
        }
        var p = new double[classes];
        for (var row = 0; row < scores.Rows; row++)
        {
            var s = scores.Scores(row);
            var label = scores.Label(row);
            var greatest = double.NegativeInfinity;
            for (var k = 0; k < classes; k++)
                greatest = Math.Max(greatest, p[k] = slope * s[k] + fit[k]);
            double sum = 0;
            var ofTrue = p[label] - greatest;
            for (var k = 0; k < classes; k++)
                sum += p[k] = Math.Exp(p[k] - greatest);
            loss += Math.Log(sum) - ofTrue;
            if (gradient is null)
                continue;
            double mean = 0, squares = 0;
            for (var k = 0; k < classes; k++)
            {
                p[k] /= sum;
                mean += p[k] * s[k];
                squares += p[k] * s[k] * s[k];
                gradient[k] += p[k];
            }
            gradient[label]--;
            gradient[classes] += mean - s[label];
            curvature![classes, classes] += squares - mean * mean;
            for (var k = 0; k < classes; k++)
            {
                curvature[classes, k] += p[k] * (s[k] - mean);
                curvature[k, k] += p[k];
                for (var j = 0; j <= k; j++)
                    curvature[k, j] -= p[k] * p[j];
            }
        }
        return loss;
    }

    // Solves with Cholesky's factors of the lower triangle; the answer takes the place of the right side.
    private static bool TrySolve(double[,] matrix, double[] right)
    {
        var n = right.Length;
        for (var i = 0; i < n; i++)
            for (var j = 0; j <= i; j++)
            {
                var sum = matrix[i, j];
                for (var k = 0; k < j; k++)
                    sum -= matrix[i, k] * matrix[j, k];
                if (i == j && !(sum > 0))
                    return false;
                matrix[i, j] = i == j ? Math.Sqrt(sum) : sum / matrix[j, j];
            }
        for (var i = 0; i < n; i++)
        {
            for (var k = 0; k < i; k++)
                right[i] -= matrix[i, k] * right[k];
            right[i] /= matrix[i, i];
        }
        for (var i = n - 1; i >= 0; i--)
        {
            for (var k = i + 1; k < n; k++)
                right[i] -= matrix[k, i] * right[k];
            right[i] /= matrix[i, i];
        }
        return true;
    }
}
