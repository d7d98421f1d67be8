using System.Runtime.CompilerServices;

namespace MlService.Learning.Training;

/// <summary>A loss of one score against one label. A type parameter, so that the learner's loop is compiled for each.</summary>
internal interface IScalarLoss
{
    /// <summary>The loss, and its derivative by the score.</summary>
    static abstract float Evaluate(float score, float label, out float derivative);
}

/// <summary>
/// Logistic loss of a score s against a label y of 0 or 1: ln(1 + e^s) − y·s, derivative σ(s) − y with σ(s) = 1 / (1 + e^−s).
/// </summary>
internal readonly struct LogisticLoss : IScalarLoss
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Evaluate(float score, float label, out float derivative)
    {
        // e^−|s| is at most 1: nothing overflows, and both halves of the sigmoid keep their precision.
        var exponential = MathF.Exp(-MathF.Abs(score));
        var sigmoid = (score >= 0 ? 1 : exponential) / (1 + exponential);
        derivative = sigmoid - label;
        return MathF.Max(score, 0) - label * score + MathF.Log(1 + exponential);
    }

    /// <summary>The loss of a score against 0, ln(1 + e^s), in double precision; that against 1 is the one of −s.</summary>
    public static double OfZero(double score) => Math.Max(score, 0) + Math.Log(1 + Math.Exp(-Math.Abs(score)));
}

/// <summary>Squared loss of a score s against a label y: (s − y)² / 2, derivative s − y.</summary>
internal readonly struct SquaredLoss : IScalarLoss
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Evaluate(float score, float label, out float derivative)
    {
        derivative = score - label;
        return 0.5f * derivative * derivative;
    }
}
