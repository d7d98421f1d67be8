using System.Collections.Concurrent;
using MlService.Learning.Features;
using MlService.Learning.Models;
using MlService.Learning.Records;

namespace MlService.Learning.Training;

/// <summary>
/// One shard of the training data: reads its rows once, keeps them as examples, and learns from them pass by pass as the
/// coordinator (<see cref="Trainer"/>) orders. Its steps are called one after the other: <see cref="Encode"/>,
/// <see cref="Remap"/>, then <see cref="RunPass"/> any number of times.
/// </summary>
internal sealed class TrainingShard : IDisposable
{
    private const int ReportEvery = 4096;

    private readonly TrainingSetup _setup;
    private readonly int _index;
    private readonly ExampleSpill _spill;
    private readonly SgdPass _pass;
    private readonly List<ExampleStore> _stores = [];
    private int _heldOutGroups = -1;        // before Remap

    /// <summary>Creates a shard.</summary>
    /// <param name="setup">What all shards share.</param>
    /// <param name="index">Place of the shard among all, from 0.</param>
    /// <param name="spill">Where examples go that do not fit in memory.</param>
    public TrainingShard(TrainingSetup setup, int index, ExampleSpill spill)
    {
        ArgumentNullException.ThrowIfNull(setup);
        _setup = setup;
        _index = index;
        _spill = spill;
        _pass = new SgdPass(setup.Target.Type, setup.Parameters);
    }

    /// <summary>All examples.</summary>
    internal IReadOnlyList<ExampleStore> Stores => _stores;

    /// <summary>Examples in memory or in the local file, held-out ones included.</summary>
    public long Examples => _stores.Sum(store => store.Rows);

    /// <summary>
    /// Step 1: reads all rows and turns them into examples with a vocabulary of the shard's own. Rows without a valid target are
    /// counted and left out, and so are rejected ones.
    /// </summary>
    /// <param name="records">The shard's rows, by the schema of the training data; not disposed.</param>
    /// <param name="progress">Told now and then how far it is.</param>
    /// <param name="cancellation">Stops it between two rows.</param>
    public ShardSummary Encode(RecordReader records, Action<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(records);
        var schema = _setup.Plan.Schema;
        // An eighth is for the blocks that the collector has open.
        var store = new ExampleStore(_spill with { MemoryBytes = _spill.MemoryBytes / 8 * 7 });
        _stores.Add(store);
        var collector = new ExampleCollector(_setup, _index, store, _spill, records.Length);
        long rejected = 0, rows = 0;
        while (records.Read())
        {
            if (records.IsRejected)
                rejected++;
            else
                collector.Add(records.Record, schema.TargetIndex);
            if (++rows % ReportEvery == 0)
            {
                cancellation.ThrowIfCancellationRequested();
                progress?.Invoke(new(TrainingPhase.Encoding, _index, rows, records.BytesRead, 0, null));
            }
        }
        progress?.Invoke(new(TrainingPhase.Encoding, _index, rows, records.BytesRead, 0, null));
        return collector.Finish(rejected);
    }

    /// <summary>
    /// Step 2: renames features to the common numbering, leaves out those that were not kept, centres and scales numbers, and sets
    /// examples aside for judging. A block of examples is rewritten when it is first needed, or before by a core that has nothing
    /// else to do.
    /// </summary>
    public void Remap(FeatureNumbering numbering)
    {
        ArgumentNullException.ThrowIfNull(numbering);
        if (_stores.Count == 0 || _heldOutGroups >= 0)
            throw new InvalidOperationException("Remap comes once, after Encode.");
        _heldOutGroups = numbering.HeldOutGroups;
        var translation = new FeatureTranslation(numbering, _index, _setup.Target.Type == ModelType.Regression);
        _stores[0].ChangeWhenRead(translation.Apply);
    }

    /// <summary>Step 3: does what the coordinator orders. Learners of an order run side by side on all cores.</summary>
    public PassResult RunPass(PassOrder order, Action<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(order);
        if (order.Kind == PassKind.CrossValidate)
        {
            var validation = new CrossValidation(_pass, Blocks(..), _setup.Parameters);
            return new([], [])
            {
                FoldLosses = validation.Run(
                    order, (pass, rows) => progress?.Invoke(new(TrainingPhase.Learning, _index, rows, 0, pass, null)), cancellation),
            };
        }

        var learners = order.CopiesLearners ? [.. order.Learners.Select(learner => learner.Copy())] : order.Learners;
        var losses = new LossSums[learners.Count];
        var rowsOf = new long[learners.Count];
        var isLearning = order.Kind == PassKind.Learn;
        var isInOrder = _setup.Parameters.ShuffleType == ShuffleType.None;
        var blocks = Blocks(order.Folds > 0 || order.IncludesHeldOut || isInOrder ? .. : isLearning ? _heldOutGroups.. : .._heldOutGroups);
        using var isDone = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var ahead = ChangeAhead(isDone.Token);
        try
        {
            Parallel.For(0, learners.Count, Parallelism(cancellation), i => losses[i] = isLearning
                ? _pass.Learn(blocks, learners[i], order.Pass, order.From, order.To, FoldOf(learners[i]), rows => Tell(i, rows), cancellation)
                : _pass.Evaluate(blocks, learners[i], FoldOf(learners[i]), cancellation, countsClasses: order.Folds > 0));
        }
        finally
        {
            // What it could not do, who needed the block has done or met.
            isDone.Cancel();
            Task.WaitAny([ahead], CancellationToken.None);
        }
        return new(learners, losses);

        // Blocks are made ready in the order in which they will be read: beside the learners where they leave cores idle, otherwise
        // before they begin, or they would wait for each other at every block.
        Task ChangeAhead(CancellationToken stop)
        {
            var slice = (isLearning ? _pass.Order(blocks.Count, order.Pass, order.From, order.To) : Enumerable.Range(0, blocks.Count))
                .Select(index => blocks[index]).Where(block => !block.IsReady).ToList();
            var idle = Environment.ProcessorCount - learners.Count;
            if (slice.Count > 0 && idle > 0)
                return Task.Run(() => ChangeAll(slice, idle, stop), stop);
            ChangeAll(slice, Environment.ProcessorCount, stop);
            return Task.CompletedTask;
        }

        List<StoredBlock> Blocks(Range groups) => [.. _stores.SelectMany(store => store.Blocks(groups))];

        // Learners take turns on the cores: what all have done is how far the order is.
        void Tell(int learner, long rows)
        {
            Volatile.Write(ref rowsOf[learner], rows);
            progress?.Invoke(new(TrainingPhase.Learning, _index, rowsOf.Sum() / learners.Count, 0, order.Pass, null));
        }

        Fold FoldOf(LearnerState learner) => order.Folds > 0 ? new Fold(order.Folds, learner.Id)
            : isInOrder && !order.IncludesHeldOut ? HoldOut.FoldFor(_heldOutGroups)
            : default;
    }

    /// <summary>
    /// Makes one shard of several that lie in this process, in their order. Data that was read by several cores is then learned
    /// from as a whole, pass by pass, which loses nothing to averaging.
    /// </summary>
    /// <param name="shards">Remapped shards; they are empty afterwards.</param>
    public static TrainingShard Join(IReadOnlyList<TrainingShard> shards)
    {
        ArgumentNullException.ThrowIfNull(shards);
        var first = shards[0];
        foreach (var other in shards.Skip(1))
        {
            first._stores.AddRange(other._stores);
            other._stores.Clear();
        }
        return first;
    }

    /// <summary>Frees the examples and deletes the local file.</summary>
    public void Dispose()
    {
        foreach (var store in _stores)
            store.Dispose();
        _stores.Clear();
    }

    private static void ChangeAll(List<StoredBlock> blocks, int cores, CancellationToken cancellation) => Parallel.ForEach(
        Partitioner.Create(blocks, EnumerablePartitionerOptions.NoBuffering),
        new ParallelOptions { MaxDegreeOfParallelism = cores, CancellationToken = cancellation }, () => new ExampleBlock(), (block, _, buffer) =>
        {
            block.ChangeAhead(buffer);
            return buffer;
        }, _ => { });

    internal static ParallelOptions Parallelism(CancellationToken cancellation) =>
        new() { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellation };
}
