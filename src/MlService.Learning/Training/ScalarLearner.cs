using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

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

    // So many examples before it is learned from, one is fetched.
    private const int Ahead = 4;

    /// <summary>Learns from some rows of a block.</summary>
    /// <param name="block">The examples.</param>
    /// <param name="rows">Rows to learn from, in this order.</param>
    /// <param name="state">The learner.</param>
    /// <param name="tail">The share of each row in the average.</param>
    /// <returns>The losses, each taken before its row was learned from.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static unsafe WeightedLoss Learn<TLoss>(
        ExampleBlock block, ReadOnlySpan<int> rows, LearnerState state, ref AveragingTail tail)
        where TLoss : struct, IScalarLoss
    {
        var rate = (float)state.Rate;
        var isL1 = state.Regularization.IsL1;
        double losses = 0, total = 0;
        fixed (float* cells = state.Cells)
        {
            var bias = cells + (nint)state.Features * Stride;
            for (var at = 0; at < rows.Length; at++)
            {
                var row = rows[at];
                var tokens = block.Tokens(row);
                var numbers = block.Numbers(row);
                var values = block.Values(row);
                if (at + Ahead < rows.Length)
                    block.Prefetch(rows[at + Ahead]);
                if (at + 1 < rows.Length)
                    Prefetch(cells, block.Tokens(rows[at + 1]));
                var score = *bias + Sum(cells, tokens);
                for (var i = 0; i < numbers.Length; i++)
                    score += cells[(nint)(uint)numbers[i] * Stride] * values[i];

                var weight = block.WeightOf(row);
                total += weight;
                losses += weight * TLoss.Evaluate(score, block.LabelOf(row), out var gradient);
                gradient *= weight;
                var share = tail.Next();
                Step(bias, gradient, rate, isL1, share);
                StepAll(cells, tokens, gradient, rate, isL1, share);
                StepAll(cells, numbers, values, gradient, rate, isL1, share);
            }
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

    // Weights of rare features are far away; by the time that the next example is looked at they are here.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void Prefetch(float* cells, ReadOnlySpan<int> tokens)
    {
        if (!Sse.IsSupported)
            return;
        foreach (var id in tokens)
            Sse.Prefetch0(cells + (nint)(uint)id * Stride);
    }

    // Four sums side by side: one addition need not wait for the one before it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe float Sum(float* cells, ReadOnlySpan<int> tokens)
    {
        float a = 0, b = 0, c = 0, d = 0;
        var i = 0;
        for (; i + 4 <= tokens.Length; i += 4)
        {
            a += cells[(nint)(uint)tokens[i] * Stride];
            b += cells[(nint)(uint)tokens[i + 1] * Stride];
            c += cells[(nint)(uint)tokens[i + 2] * Stride];
            d += cells[(nint)(uint)tokens[i + 3] * Stride];
        }
        for (; i < tokens.Length; i++)
            a += cells[(nint)(uint)tokens[i] * Stride];
        return a + b + (c + d);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void StepAll(float* cells, ReadOnlySpan<int> tokens, float gradient, float rate, bool isL1, float share)
    {
        var i = 0;
        if (Sse.IsSupported)
            for (; i + 4 <= tokens.Length; i += 4)
                StepFour(cells, tokens.Slice(i, 4), Vector128.Create(gradient), rate, isL1, share);
        for (; i < tokens.Length; i++)
            Step(cells + (nint)(uint)tokens[i] * Stride, gradient, rate, isL1, share);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void StepAll(
        float* cells, ReadOnlySpan<int> numbers, ReadOnlySpan<float> values, float gradient, float rate, bool isL1, float share)
    {
        var i = 0;
        if (Sse.IsSupported)
            for (; i + 4 <= numbers.Length; i += 4)
                StepFour(cells, numbers.Slice(i, 4), Vector128.Create(values.Slice(i, 4)) * gradient, rate, isL1, share);
        for (; i < numbers.Length; i++)
            Step(cells + (nint)(uint)numbers[i] * Stride, gradient * values[i], rate, isL1, share);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void Step(float* cell, float gradient, float rate, bool isL1, float share)
    {
        var squared = cell[SquaredGradient] += gradient * gradient;
        var step = rate / MathF.Sqrt(squared);
        var old = cell[0];
        var moved = old - step * gradient;
        var penalty = step * cell[Penalty];
        moved = isL1 ? Shrink(moved, penalty) : moved / (1 + penalty);
        cell[0] = moved;
        cell[Drift] += (old - moved) * share;
        if (isL1 && moved == 0 && share > 0)
            cell[Drift] = float.NaN;
    }

    /// <summary>
    /// <see cref="Step"/> for four features of an example, which are four different ones: their cells as the columns of a matrix,
    /// the same operations on all four at once, and the same results to the last bit.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void StepFour(float* cells, ReadOnlySpan<int> ids, Vector128<float> gradient, float rate, bool isL1, float share)
    {
        float* first = cells + (nint)(uint)ids[0] * Stride, second = cells + (nint)(uint)ids[1] * Stride;
        float* third = cells + (nint)(uint)ids[2] * Stride, fourth = cells + (nint)(uint)ids[3] * Stride;
        var old = Vector128.Load(first);
        var squared = Vector128.Load(second);
        var drift = Vector128.Load(third);
        var penalty = Vector128.Load(fourth);
        Transpose(ref old, ref squared, ref drift, ref penalty);
        squared += gradient * gradient;
        var step = Vector128.Create(rate) / Vector128.Sqrt(squared);
        var moved = old - step * gradient;
        var amount = step * penalty;
        if (isL1)
            moved = Vector128.ConditionalSelect(
                Vector128.LessThanOrEqual(Vector128.Abs(moved), amount), Vector128<float>.Zero, moved - Vector128.CopySign(amount, moved));
        else if (penalty != Vector128<float>.Zero)
            moved /= Vector128<float>.One + amount;
        drift += (old - moved) * share;
        if (isL1 && share > 0)
            drift = Vector128.ConditionalSelect(Vector128.Equals(moved, Vector128<float>.Zero), Vector128.Create(float.NaN), drift);
        Transpose(ref moved, ref squared, ref drift, ref penalty);
        moved.Store(first);
        squared.Store(second);
        drift.Store(third);
        penalty.Store(fourth);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(ref Vector128<float> a, ref Vector128<float> b, ref Vector128<float> c, ref Vector128<float> d)
    {
        var (ab, cd) = (Sse.UnpackLow(a, b), Sse.UnpackLow(c, d));
        var (abHigh, cdHigh) = (Sse.UnpackHigh(a, b), Sse.UnpackHigh(c, d));
        (a, b) = (Sse.MoveLowToHigh(ab, cd), Sse.MoveHighToLow(cd, ab));
        (c, d) = (Sse.MoveLowToHigh(abHigh, cdHigh), Sse.MoveHighToLow(cdHigh, abHigh));
    }

    private static float Shrink(float weight, float penalty) =>
        MathF.Abs(weight) <= penalty ? 0 : weight - MathF.CopySign(penalty, weight);
}
