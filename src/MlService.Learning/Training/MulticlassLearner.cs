using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MlService.Learning.Training;

/// <summary>
/// Stochastic gradient descent for K classes: as <see cref="ScalarLearner"/>, with the softmax of K scores as loss. A feature's
/// weights for all classes lie side by side and move together, four at a time.
/// </summary>
internal static class MulticlassLearner
{
    // So many examples before it is learned from, one is fetched.
    private const int Ahead = 4;

    // Floats in a line of the cache, and lines of a feature that are fetched: of long cells the processor sees by itself what comes next.
    private const int Line = 16;
    private const int MostLines = 4;

    /// <summary>Learns from some rows of a block.</summary>
    /// <inheritdoc cref="ScalarLearner.Learn{TLoss}"/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static WeightedLoss Learn(ExampleBlock block, ReadOnlySpan<int> rows, LearnerState state, ref AveragingTail tail)
    {
        var isL1 = state.Regularization.IsL1;
        ref var cells = ref MemoryMarshal.GetArrayDataReference(state.Cells);
        var width = state.Width;
        var stride = (nint)state.Stride;
        Span<float> scores = stackalloc float[width];
        var rate = (float)state.Rate;
        double losses = 0, total = 0;
        for (var at = 0; at < rows.Length; at++)
        {
            var row = rows[at];
            var tokens = block.Tokens(row);
            var numbers = block.Numbers(row);
            var values = block.Values(row);
            if (at + Ahead < rows.Length)
                block.Prefetch(rows[at + Ahead]);
            if (at + 1 < rows.Length)
                Prefetch(ref cells, block.Tokens(rows[at + 1]), stride);
            scores.Clear();
            Add(ref Unsafe.Add(ref cells, state.Features * stride), 1, scores);
            foreach (var id in tokens)
                Add(ref Unsafe.Add(ref cells, id * stride), 1, scores);
            for (var i = 0; i < numbers.Length; i++)
                Add(ref Unsafe.Add(ref cells, numbers[i] * stride), values[i], scores);

            var weight = block.WeightOf(row);
            total += weight;
            losses += weight * SoftmaxLoss.Evaluate(scores[..state.Outputs], (int)block.LabelOf(row));
            scores[state.Outputs..].Clear();
            var share = tail.Next();
            Step(ref Unsafe.Add(ref cells, state.Features * stride), scores, weight, rate, isL1, share);
            foreach (var id in tokens)
                Step(ref Unsafe.Add(ref cells, id * stride), scores, weight, rate, isL1, share);
            for (var i = 0; i < numbers.Length; i++)
                Step(ref Unsafe.Add(ref cells, numbers[i] * stride), scores, weight * values[i], rate, isL1, share);
        }
        return new WeightedLoss(losses, total);
    }

    /// <summary>The scores of one example by averaged weights.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Score(ExampleBlock block, int row, ReadOnlySpan<float> weights, Span<float> scores)
    {
        ref var first = ref MemoryMarshal.GetReference(weights);
        var width = scores.Length;
        scores.Clear();
        Add(ref Unsafe.Add(ref first, weights.Length - width), 1, scores);
        foreach (var id in block.Tokens(row))
            Add(ref Unsafe.Add(ref first, (nint)id * width), 1, scores);
        var values = block.Values(row);
        var numbers = block.Numbers(row);
        for (var i = 0; i < numbers.Length; i++)
            Add(ref Unsafe.Add(ref first, (nint)numbers[i] * width), values[i], scores);
    }

    // Cells of rare features are far away; by the time that the next example is looked at they are here.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void Prefetch(ref float cells, ReadOnlySpan<int> tokens, nint stride)
    {
        if (!Sse.IsSupported)
            return;
        var length = Math.Min(stride, MostLines * Line);
        foreach (var id in tokens)
            for (nint at = 0; at < length; at += Line)
                Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.Add(ref cells, id * stride + at)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(ref float weights, float value, Span<float> scores)
    {
        ref var sums = ref MemoryMarshal.GetReference(scores);
        for (nuint k = 0; k < (nuint)scores.Length; k += 4)
            (Vector128.LoadUnsafe(ref sums, k) + Vector128.LoadUnsafe(ref weights, k) * value).StoreUnsafe(ref sums, k);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step(ref float cell, ReadOnlySpan<float> gradients, float value, float rate, bool isL1, float share)
    {
        var width = (nuint)gradients.Length;
        ref var first = ref MemoryMarshal.GetReference(gradients);
        var amount = Vector128.Create(Unsafe.Add(ref cell, 3 * width));
        var isPenalized = Unsafe.Add(ref cell, 3 * width) != 0;
        var rates = Vector128.Create(rate);
        for (nuint k = 0; k < width; k += 4)
        {
            var gradient = Vector128.LoadUnsafe(ref first, k) * value;
            var squared = Vector128.LoadUnsafe(ref cell, width + k) + gradient * gradient;
            squared.StoreUnsafe(ref cell, width + k);
            var step = rates / Vector128.Sqrt(squared);
            var old = Vector128.LoadUnsafe(ref cell, k);
            var moved = old - step * gradient;
            if (isL1)
            {
                var sign = moved & Vector128.Create(-0f);
                moved = Vector128.Max(Vector128.Abs(moved) - step * amount, Vector128<float>.Zero) | sign;
            }
            else if (isPenalized)
                moved /= Vector128<float>.One + step * amount;
            moved.StoreUnsafe(ref cell, k);
            var drift = Vector128.LoadUnsafe(ref cell, 2 * width + k) + (old - moved) * share;
            if (isL1 && share > 0)
                drift = Vector128.ConditionalSelect(
                    Vector128.Equals(moved, Vector128<float>.Zero), Vector128.Create(float.NaN), drift);
            drift.StoreUnsafe(ref cell, 2 * width + k);
        }
    }
}
