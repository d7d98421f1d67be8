using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace MlService.Learning.Training;

/// <summary>
/// Multinomial logistic loss of scores s against class c: ln Σ e^s_k − s_c; derivative by s_k: p_k − [k = c], where
/// p_k = e^s_k / Σ e^s_j.
/// </summary>
internal static class SoftmaxLoss
{
    /// <summary>Turns scores into probabilities, in place.</summary>
    public static void ToProbabilities(Span<float> scores)
    {
        var max = Max(scores);
        var sum = 0f;
        for (var k = 0; k < scores.Length; k++)
            sum += scores[k] = MathF.Exp(scores[k] - max);
        for (var k = 0; k < scores.Length; k++)
            scores[k] /= sum;
    }

    /// <summary>The loss; turns the scores into its derivatives, in place.</summary>
    public static float Evaluate(Span<float> scores, int label)
    {
        var max = Max(scores);
        var own = scores[label] - max;
        var sum = ExponentialsOf(scores, max);
        var scale = 1 / sum;
        for (var k = 0; k < scores.Length; k++)
            scores[k] *= scale;
        scores[label] -= 1;
        return MathF.Log(sum) - own;
    }

    /// <summary>Puts e^(s − max) in the place of each score s, four at a time, and adds them up.</summary>
    private static float ExponentialsOf(Span<float> scores, float max)
    {
        var sums = Vector128<float>.Zero;
        var fours = MemoryMarshal.Cast<float, Vector128<float>>(scores);
        foreach (ref var four in fours)
            sums += four = Vector128.Exp(four - Vector128.Create(max));
        var sum = Vector128.Sum(sums);
        foreach (ref var score in scores[(fours.Length * Vector128<float>.Count)..])
            sum += score = MathF.Exp(score - max);
        return sum;
    }

    private static float Max(ReadOnlySpan<float> scores)
    {
        var max = scores[0];
        foreach (var score in scores)
            max = MathF.Max(max, score);
        return max;
    }
}
