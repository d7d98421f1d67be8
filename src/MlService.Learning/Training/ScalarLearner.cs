using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MlService.Learning.Training;

/// <summary>
/// Stochastic gradient descent for one output on
/// <code>(1/n) Σ v_i·loss(b + w·x_i, y_i) + λ1 Σ|w_k|  or  + (λ2/2) Σ w_k²</code>
/// for examples of weight v_i (1 on average), with AdaGrad's steps (J. Duchi, E. Hazan, Y. Singer, "Adaptive Subgradient Methods", JMLR 2011): for each active feature k
/// with gradient g
/// <code>G_k += g²,  η = rate / √G_k,  w_k ← prox(w_k − η·g, η·λ·n/c_k)</code>
/// The penalty of a feature that is active in c_k of n rows is applied in those rows only, n/c_k times as strong: in
/// expectation the same, and nothing has to be caught up later. prox is the implicit step, stable at any strength:
/// w/(1 + p) for L2, and for L1 sign(w)·max(|w| − p, 0). A weight that L1 brings to zero within the averaged part of a slice is
/// zero in the average: noise moves it about zero, and a mean of noise would hide that it is useless. Its drift becomes NaN.
/// </summary>
internal static class ScalarLearner
{
    // Layout of a feature's cells for one output.
    private const int Stride = 4;
    private const int SquaredGradient = 1;
    private const int Drift = 2;
    private const int Penalty = 3;

    /// <summary>Learns from some rows of a block.</summary>
    /// <param name="block">The examples.</param>
    /// <param name="rows">Rows to learn from, in this order.</param>
    /// <param name="state">The learner.</param>
    /// <param name="isL1">Whether penalties are L1's; else they are L2's.</param>
    /// <param name="tail">The share of each row in the average.</param>
    /// <returns>The losses, each taken before its row was learned from.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static WeightedLoss Learn<TLoss>(
        ExampleBlock block, ReadOnlySpan<int> rows, LearnerState state, bool isL1, ref AveragingTail tail)
        where TLoss : struct, IScalarLoss
    {
        ref var cells = ref MemoryMarshal.GetArrayDataReference(state.Cells);
        ref var bias = ref Unsafe.Add(ref cells, state.Features * Stride);
        var labels = block.Labels;
        var weights = block.Weights;
        var rate = (float)state.Rate;
        double losses = 0, total = 0;
        foreach (var row in rows)
        {
            var tokens = block.Tokens(row);
            var numbers = block.Numbers(row);
            var values = block.Values(row);
            var score = bias;
            foreach (var id in tokens)
                score += Unsafe.Add(ref cells, (nint)(uint)id * Stride);
            for (var i = 0; i < numbers.Length; i++)
                score += Unsafe.Add(ref cells, (nint)(uint)numbers[i] * Stride) * values[i];

            var weight = weights[row];
            total += weight;
            losses += weight * TLoss.Evaluate(score, labels[row], out var gradient);
            gradient *= weight;
            var share = tail.Next();
            Step(ref bias, gradient, rate, isL1, share);
            foreach (var id in tokens)
                Step(ref Unsafe.Add(ref cells, (nint)(uint)id * Stride), gradient, rate, isL1, share);
            for (var i = 0; i < numbers.Length; i++)
                Step(ref Unsafe.Add(ref cells, (nint)(uint)numbers[i] * Stride), gradient * values[i], rate, isL1, share);
        }
        return new WeightedLoss(losses, total);
    }

    /// <summary>The score of one example by averaged weights.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Score(ExampleBlock block, int row, ReadOnlySpan<float> weights)
    {
        var score = weights[^1];
        foreach (var id in block.Tokens(row))
            score += weights[id];
        var values = block.Values(row);
        var numbers = block.Numbers(row);
        for (var i = 0; i < numbers.Length; i++)
            score += weights[numbers[i]] * values[i];
        return score;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step(ref float cell, float gradient, float rate, bool isL1, float share)
    {
        ref var squared = ref Unsafe.Add(ref cell, SquaredGradient);
        squared += gradient * gradient;
        var step = rate / MathF.Sqrt(squared);
        var old = cell;
        var moved = old - step * gradient;
        var penalty = step * Unsafe.Add(ref cell, Penalty);
        moved = isL1 ? Shrink(moved, penalty) : moved / (1 + penalty);
        cell = moved;
        ref var drift = ref Unsafe.Add(ref cell, Drift);
        drift += (old - moved) * share;
        if (isL1 && moved == 0 && share > 0)
            drift = float.NaN;
    }

    private static float Shrink(float weight, float penalty) =>
        MathF.Abs(weight) <= penalty ? 0 : weight - MathF.CopySign(penalty, weight);
}
