using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using MlService.Learning.Models;

namespace MlService.Learning.Training;

/// <summary>A part of the examples that one of several folds holds out.</summary>
/// <param name="Count">Number of folds; 0: nothing is held out.</param>
/// <param name="Index">The fold held out.</param>
internal readonly record struct Fold(int Count, int Index)
{
    public bool HoldsOut(ulong seed, long row) => Count > 0 && Permutation.Mix(seed, (ulong)row) % (ulong)Count == (ulong)Index;
}

/// <summary>Passes of a learner over blocks of examples, and the judgement of its averaged weights.</summary>
internal sealed class SgdPass
{
    private readonly ModelType _type;
    private readonly bool _shuffles;
    private readonly bool _keepsScores;
    private readonly ulong _seed;
    private readonly ConcurrentBag<ExampleBlock> _buffers = [];     // for blocks from the file, to be used again

    public SgdPass(ModelType type, TrainingParameters parameters)
    {
        _type = type;
        _shuffles = parameters.ShuffleType == ShuffleType.Auto;
        _keepsScores = parameters.Calibration != Calibration.None;
        _seed = (ulong)parameters.Seed;
    }

    /// <summary>Learns from the slice [from, to) of a pass; the average over its tail is then the learner's.</summary>
    /// <returns>Losses, each taken before its example was learned from.</returns>
    public LossSums Learn(
        IReadOnlyList<StoredBlock> blocks, LearnerState learner, int pass, double from, double to, Fold fold,
        Action<long>? report, CancellationToken cancellation)
    {
        var seed = SeedOf(pass);
        var slice = Order(blocks.Count, pass, from, to);
        if (slice.Length == 0)
            return new LossSums();
        var tail = new AveragingTail(CountRows(blocks, slice, fold), pass == 1);
        var rows = new int[ExampleBlock.MaxRows];
        var buffer = _buffers.TryTake(out var used) ? used : new ExampleBlock();
        WeightedLoss losses = default;
        long done = 0;
        foreach (var index in slice)
        {
            cancellation.ThrowIfCancellationRequested();
            var block = blocks[index].Read(buffer);
            var chosen = Choose(block, rows, fold, Permutation.Mix(seed, (ulong)index));
            losses += _type switch
            {
                ModelType.Binary => ScalarLearner.Learn<LogisticLoss>(block, chosen, learner, ref tail),
                ModelType.Multiclass => MulticlassLearner.Learn(block, chosen, learner, ref tail),
                _ => ScalarLearner.Learn<SquaredLoss>(block, chosen, learner, ref tail),
            };
            done += chosen.Length;
            report?.Invoke(done);
        }
        _buffers.Add(buffer);
        learner.TakeAverage();
        return LossSums.Of(losses, done);
    }

    /// <summary>Blocks of the slice [from, to) of a pass, in the order in which they are learned from.</summary>
    public int[] Order(int blocks, int pass, double from, double to)
    {
        var order = new int[blocks];
        Permutation.Fill(order, SeedOf(pass), _shuffles);
        return order[(int)Math.Ceiling(from * blocks)..(int)Math.Ceiling(to * blocks)];
    }

    /// <summary>Judges averaged weights on the examples that a fold holds out, or on all.</summary>
    public LossSums Evaluate(
        IReadOnlyList<StoredBlock> blocks, LearnerState learner, Fold fold, CancellationToken cancellation, bool countsClasses = false)
    {
        var sums = countsClasses && _type == ModelType.Multiclass
            ? LossSums.OfClasses(learner.Outputs)
            : new LossSums(expected: blocks.Sum(block => (long)block.Rows) / Math.Max(1, fold.Count));
        var buffer = _buffers.TryTake(out var used) ? used : new ExampleBlock();
        Span<float> scores = stackalloc float[learner.Width];
        foreach (var stored in blocks)
        {
            cancellation.ThrowIfCancellationRequested();
            var block = stored.Read(buffer);
            for (var row = 0; row < block.Rows; row++)
                if (fold.Count == 0 || fold.HoldsOut(_seed, block.FirstRow + row))
                    Judge(block, row, learner, scores, sums);
        }
        _buffers.Add(buffer);
        return sums;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Judge(ExampleBlock block, int row, LearnerState learner, Span<float> scores, LossSums sums)
    {
        var (label, weight) = (block.LabelOf(row), block.WeightOf(row));
        switch (_type)
        {
            case ModelType.Binary:
                var score = ScalarLearner.Score(block, row, learner.Average);
                sums.AddBinary(LogisticLoss.Evaluate(score, label, out _), weight, score, label > 0);
                break;
            case ModelType.Multiclass:
                MulticlassLearner.Score(block, row, learner.Average, scores);
                var outputs = scores[..learner.Outputs];
                var predicted = IndexOfMax(outputs);
                if (_keepsScores)
                    sums.KeepScores(outputs, (int)label);
                // Leaves gradients where the scores were.
                sums.AddMulticlass(SoftmaxLoss.Evaluate(outputs, (int)label), weight, (int)label, predicted);
                break;
            default:
                sums.Add(SquaredLoss.Evaluate(ScalarLearner.Score(block, row, learner.Average), label, out _), weight);
                break;
        }
    }

    private ulong SeedOf(int pass) => Permutation.Mix(_seed, (ulong)pass);

    private static int IndexOfMax(ReadOnlySpan<float> values)
    {
        var best = 0;
        for (var i = 1; i < values.Length; i++)
            if (values[i] > values[best])
                best = i;
        return best;
    }

    // The rows of a block to learn from, in the order of this pass.
    private ReadOnlySpan<int> Choose(ExampleBlock block, Span<int> rows, Fold fold, ulong seed)
    {
        Permutation.Fill(rows[..block.Rows], seed, _shuffles);
        if (fold.Count == 0)
            return rows[..block.Rows];
        var kept = 0;
        for (var i = 0; i < block.Rows; i++)
            if (!fold.HoldsOut(_seed, block.FirstRow + rows[i]))
                rows[kept++] = rows[i];
        return rows[..kept];
    }

    private long CountRows(IReadOnlyList<StoredBlock> blocks, ReadOnlySpan<int> slice, Fold fold)
    {
        long count = 0;
        foreach (var index in slice)
        {
            var block = blocks[index];
            if (fold.Count == 0)
                count += block.Rows;
            else
                for (var row = 0; row < block.Rows; row++)
                    count += fold.HoldsOut(_seed, block.FirstRow + row) ? 0 : 1;
        }
        return count;
    }
}
