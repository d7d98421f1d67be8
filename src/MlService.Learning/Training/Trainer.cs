using MlService.Learning.Features;
using MlService.Learning.Models;

namespace MlService.Learning.Training;

/// <summary>
/// Coordinates the training of one model from one or more shards. Its steps are called in turn by whoever drives the shards:
/// <see cref="Merge"/>; then <see cref="NextPass"/> and <see cref="Complete"/> until there is no next pass; then
/// <see cref="Finish"/>. <see cref="TrainAsOne"/> does all of it within a process.
/// </summary>
/// <remarks>
/// <para>One learning shard is plain sequential SGD. With more, each pass every shard learns from the current weights and the
/// results are averaged, a weight by how often each shard has its feature: iterative parameter mixing (R. McDonald, K. Hall,
/// G. Mann, "Distributed Training Strategies for the Structured Perceptron", 2010).</para>
/// <para>Where not all features fit in the model's file, those without which the loss is least are left out at the end
/// (<see cref="Pruning"/>), and one more pass lets the others take over what they can.</para>
/// <para>Where folds are asked for, as many learners then learn side by side, each without one of them, and are judged on that
/// (<see cref="FoldTraining"/>).</para>
/// <para>Small data, and larger data with few rows outside of its commonest class, is cross-validated to find learning rate and number of
/// passes. Otherwise some examples are held out and learning rates race; and where passes are cheap, the winner then learns once more
/// from all examples. Where there are few examples for the features, more regularization then races against the rate that won
/// (<see cref="Regularization"/>), and binary models are judged by what their scores say once they are shrunk (<see cref="LossSums.Shrinkage"/>).</para>
/// </remarks>
internal sealed partial class Trainer
{
    // In features of examples times outputs: below, every rate tries all passes on several folds in well under a second.
    private const long CrossValidatedWork = 1_000_000;

    // The same in some seconds. It is worth that where a part held out would have a handful of the rare classes' examples, and by chance find this
    // or that best: of folds, all of them judge. With more features, the learners of all folds would take too much memory.
    private const long CrossValidatedRareWork = 10_000_000;
    private const long FewTelling = 20_000;

    // Below, no learner is dropped early, and the winner learns from all examples once more.
    private const long RepeatedWork = 3_000_000;

    // With so many examples for each feature nothing is learned by heart, and regularization is not worth a second heat.
    private const int EnoughEach = 64;

    internal const string NotCalibrated = "not calibrated: the held-out rows do not tell how";

    private readonly TrainingSetup _setup;
    private readonly ModelSize _size;
    private readonly TrainingLog _log = new();
    private FeatureNumbering? _numbering;
    private ModelAssembly? _assembly;
    private ParameterMixing? _mixing;
    private float[] _intercepts = [];   // what the shares of the classes alone say; a rare class is not learned about from scratch
    private long _work;
    private long _modelBytes;
    private int _learningShards;
    private bool _crossValidates;
    private IReadOnlyList<Regularization> _regularizations = [];    // that are still to race
    private bool _shrinks;              // what is learned by heart, see LossSums.Shrinkage
    private double? _validatedLoss;
    private ScoreScaling? _scaling;     // of the best weights so far
    private Race? _race;
    private IReadOnlyList<LossSums> _trainingLosses = [];
    private double? _rowsPerSecond;     // of the last order that was learned by
    private PassOrder? _order;
    private bool _judges;               // the slice is learned, its held-out loss not yet known
    private LearnerState? _final;       // learns from everything, for so many passes
    private int _finalPasses;
    private int _finalPass = 1;
    private bool _isTrained;
    private FoldTraining? _folds;       // judges what was trained

    /// <summary>Creates a coordinator.</summary>
    public Trainer(TrainingSetup setup)
    {
        ArgumentNullException.ThrowIfNull(setup);
        _setup = setup;
        setup.Parameters.Check(setup.Target);
        _size = new ModelSize(setup);
    }

    /// <summary>The course so far.</summary>
    public TrainingLog Log => _log;

    internal TrainingSetup Setup => _setup;

    internal FeatureNumbering Numbering => _numbering ?? throw new InvalidOperationException("Merge comes first.");

    internal TrainingSummary Summary => _assembly?.Summary ?? throw new InvalidOperationException("Merge comes first.");

    /// <summary>Held-out loss of the best weights so far; null before the first judgement.</summary>
    public double? BestLoss => _validatedLoss ?? (_race is { BestWeights: not null } race && double.IsFinite(race.BestLoss) ? race.BestLoss : null);

    /// <summary>
    /// Trains a model from several readers at once, all in this process. The rows are read by as many threads as there are
    /// readers, and learned from as one sequence.
    /// </summary>
    /// <param name="setup">Plan, target and parameters.</param>
    /// <param name="readers">One per shard of the data; opened and disposed here.</param>
    /// <param name="spill">Where examples go that do not fit in memory.</param>
    /// <param name="progress">Told now and then how far it is, by any thread.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="InvalidInputException">The data cannot be learned from.</exception>
    public static LinearModel TrainAsOne(
        TrainingSetup setup, IReadOnlyList<Func<Records.RecordReader>> readers, ExampleSpill spill,
        Action<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(readers);
        ArgumentNullException.ThrowIfNull(spill);
        var share = spill with { MemoryBytes = spill.MemoryBytes / Math.Max(1, readers.Count) };
        var shards = readers.Select((_, index) => new TrainingShard(setup, index, share)).ToArray();
        try
        {
            var summaries = new ShardSummary[shards.Length];
            InParallel(shards.Length, i =>
            {
                using var reader = readers[i]();
                summaries[i] = shards[i].Encode(reader, progress, cancellation);
            }, cancellation);
            var trainer = new Trainer(setup);
            progress?.Invoke(new(TrainingPhase.Merging, 0, 0, 0, 0, null));
            var numbering = trainer.Merge(summaries, learningShards: 1);
            foreach (var part in shards)
                part.Remap(numbering);
            var shard = TrainingShard.Join(shards);
            while (trainer.NextPass() is { } order)
                trainer.Complete([shard.RunPass(order, value => progress?.Invoke(value with { Loss = trainer.BestLoss }), cancellation)]);
            progress?.Invoke(new(TrainingPhase.Finishing, 0, 0, 0, 0, trainer.BestLoss));
            return trainer.Finish();
        }
        finally
        {
            foreach (var shard in shards)
                shard.Dispose();
        }
    }

    /// <summary>Makes one numbering of the features of all shards.</summary>
    /// <param name="shards">One summary per shard, in their order.</param>
    /// <param name="learningShards">How many shards will learn: their number, or 1 where they are joined.</param>
    /// <exception cref="InvalidInputException">There is nothing to learn from, or only one class.</exception>
    public FeatureNumbering Merge(IReadOnlyList<ShardSummary> shards, int learningShards)
    {
        ArgumentNullException.ThrowIfNull(shards);
        ArgumentOutOfRangeException.ThrowIfLessThan(learningShards, 1);
        if (shards.Count == 0)
            throw NoExamples(0, 0);
        _learningShards = learningShards;
        var parameters = _setup.Parameters;
        var merge = new VocabularyMerge(shards, _size.Candidates);
        var examples = shards.Sum(shard => shard.Examples);
        var telling = TakeLabels(shards, examples);
        var labelWeights = shards[0].LabelWeights.Select((_, k) => shards.Sum(shard => shard.LabelWeights[k])).ToArray();
        var factors = parameters.ClassWeights.Factors(_setup.Target, labelWeights, examples);
        TakeIntercepts([.. labelWeights.Select((sum, k) => sum * factors[k])]);

        _work = (shards.Sum(shard => shard.Occurrences) + examples) * _setup.Target.Outputs;
        var rates = parameters.Algorithm == Algorithm.Sgd ? LearningRates.For(parameters) : [];
        var isRareClass = telling < Math.Min(examples, FewTelling) && (long)merge.Vocabulary.Count * _setup.Target.Outputs <= CrossValidatedWork;
        _crossValidates = learningShards == 1 && _work <= (isRareClass ? CrossValidatedRareWork : CrossValidatedWork);
        _numbering = new FeatureNumbering(merge.Vocabulary, merge.Maps, merge.Numbers, merge.Target)
        {
            WeightFactors = factors,
            TokenWeights = TokenWeights.Of(_setup.Plan, merge.Vocabulary, examples, scales: parameters.Algorithm == Algorithm.Sgd),
            HeldOutGroups = _crossValidates ? 0 : HoldOut.GroupsFor(telling),
        };
        _modelBytes = _size.Of(_numbering);
        _mixing = learningShards > 1 ? new ParameterMixing(shards, merge) : null;
        _assembly = new ModelAssembly(_setup, _numbering, shards, merge.FeaturesSeen, _log);
        var regularization = Regularization.First(parameters);
        var learners = rates.Select((rate, id) => NewLearner(id, rate, regularization)).ToArray();
        if (parameters.Algorithm != Algorithm.Sgd)
            return _numbering;      // trees need no more of this coordinator
        if (_crossValidates && rates.Count == 1 && parameters.MaxPasses == 1 && parameters.Calibration == Calibration.None)
        {
            Repeat(learners[0], 1);
            return _numbering;
        }
        var features = (long)merge.Vocabulary.Count;
        if (features * EnoughEach > telling && (_crossValidates || _work <= RepeatedWork || features > examples))
            _regularizations = Regularization.Then(parameters, examples);
        _shrinks = _crossValidates && _regularizations.Count > 0 && _setup.Target.Type == ModelType.Binary && !_setup.HasWeights;
        _race = new Race(learners, parameters.MaxPasses, parameters.Tolerance, drops: _work > RepeatedWork);
        return _numbering;
    }

    /// <summary>What all shards have to do next; null when the model can be finished.</summary>
    public PassOrder? NextPass()
    {
        if (_numbering is null)
            throw new InvalidOperationException("Merge comes before NextPass.");
        if (_order is not null)
            throw new InvalidOperationException("Complete comes before the next pass.");
        if (_isTrained && _setup.Parameters.Folds > 0)
            _folds ??= StartFolds();
        return _order = _isTrained ? _folds?.Next() : Plan();
    }

    /// <summary>Takes what the shards answer to the last order.</summary>
    /// <param name="results">One per learning shard, in their order.</param>
    /// <param name="elapsed">How long they took, if it is known.</param>
    public void Complete(IReadOnlyList<PassResult> results, TimeSpan elapsed = default)
    {
        ArgumentNullException.ThrowIfNull(results);
        var order = _order ?? throw new InvalidOperationException("There is no order to complete.");
        if (results.Count != _learningShards)
            throw new ArgumentException($"There are {results.Count} results of {_learningShards} shards.", nameof(results));
        _order = null;
        _visits += Visits(order);
        if (order.Kind != PassKind.Evaluate)
            _rowsPerSecond = elapsed > TimeSpan.Zero ? results.Sum(result => result.RowsLearned(order)) / elapsed.TotalSeconds : null;
        if (_folds is not null)
            AfterFolds(order, results);
        else if (order.Kind == PassKind.CrossValidate)
            ChooseByCrossValidation(order, results[0]);
        else if (order.Kind == PassKind.Learn)
            AfterLearning(order, results);
        else
            AfterJudgement(order, results);
    }

    /// <summary>Puts the model together.</summary>
    public LinearModel Finish()
    {
        if (!_isTrained || _assembly is null || (_setup.Parameters.Folds > 0 && _folds?.Results is null))
            throw new InvalidOperationException("Finish comes after the last pass.");
        if (_setup.Parameters.Calibration != Calibration.None)
            _log.NoteLast(_scaling is null ? NotCalibrated : $"calibrated: {_scaling.InWords()}");
        else if (_scaling is not null)
            _log.NoteLast($"shrunk: {_scaling.InWords()}");
        _assembly.Folds = _folds?.Results ?? [];
        return _final is { } final
            ? _assembly.Build(final.Average, final, _finalPasses, _scaling)
            : _assembly.Build(_race!.BestWeights!, _race.BestLearner, _race.BestPass, _scaling);
    }

    private PassOrder Plan()
    {
        if (_final is { } final)
            return new PassOrder(PassKind.Learn, _finalPass, [final]) { IncludesHeldOut = true, CopiesLearners = _learningShards > 1 };
        if (_crossValidates)
            return new PassOrder(PassKind.CrossValidate, 1, _race!.Learners) { Folds = Folds(), ToBeat = _race.ToBeat, Shrinks = _shrinks };
        return new PassOrder(_judges ? PassKind.Evaluate : PassKind.Learn, _race!.Pass, _race.Learners)
        {
            From = _race.From,
            To = _race.To,
            CopiesLearners = _learningShards > 1 && !_judges,
        };
    }

    // The fewer examples, the more of them each fold needs to learn from, and the less a fold costs.
    private int Folds() => _assembly!.Examples < 1000 ? 10 : _work < CrossValidatedWork / 5 ? 5 : 3;

    private void AfterLearning(PassOrder order, IReadOnlyList<PassResult> results)
    {
        _mixing?.Mix(order.Learners, results);
        _trainingLosses = [.. order.Learners.Select((_, i) => Sum(results, i))];
        if (_final is null)
        {
            _judges = true;
            return;
        }
        Note(order, 0, null, _final.Pruned > 0 ? "with the features that fit in the model" : "");
        if (_finalPass++ == _finalPasses)
            End(_final, _final.Average, _finalPasses);
    }

    private void AfterJudgement(PassOrder order, IReadOnlyList<PassResult> results)
    {
        _judges = false;
        var race = _race!;
        var heldOut = order.Learners.Select((_, i) => Sum(results, i)).ToArray();
        // Without held-out examples (a handful of rows in many shards) the loss while learning has to do.
        var losses = heldOut.Select((sums, i) => sums.Rows > 0 ? sums.Mean : _trainingLosses[i].Mean).ToArray();
        var before = race.BestWeights;
        var notes = race.Judge(losses);
        if (race.BestWeights != before)
            Calibrate(heldOut[order.Learners.ToList().IndexOf(race.BestLearner)]);
        for (var i = 0; i < losses.Length; i++)
            Note(order, i, heldOut[i], notes[i]);
        if (!race.IsOver || RaceRegularizations())
            return;
        if (_learningShards == 1 && _work <= RepeatedWork)
            Repeat(NewLearner(race.BestLearner), race.BestPass);
        else
            End(race.BestLearner, race.BestWeights!, race.BestPass);
    }

    // What is left of a pruned model learns once more, if it may: features that went have left their work to others.
    private void End(LearnerState learner, float[] weights, int passes)
    {
        if (learner.Pruned > 0 || Pruning.Choose(weights, learner, _numbering!, _size) is not { } kept)
        {
            _isTrained = true;
            return;
        }
        learner.Prune(weights, kept);
        _isTrained = passes == _setup.Parameters.MaxPasses;
        _finalPass = passes + 1;
        Repeat(learner, _isTrained ? passes : passes + 1);
    }

    private FoldTraining StartFolds()
    {
        var (learner, passes) = _final is { } final ? (final, _finalPasses) : (_race!.BestLearner, _race.BestPass);
        return new FoldTraining(
            [.. Enumerable.Range(0, _setup.Parameters.Folds).Select(fold => NewLearner(fold, learner.Rate, learner.Regularization))], passes, _learningShards > 1);
    }

    private void AfterFolds(PassOrder order, IReadOnlyList<PassResult> results)
    {
        if (order.Kind == PassKind.Evaluate)
        {
            _folds!.End(order.Learners.Select((_, i) => Sum(results, i)), _setup, _numbering!.Target.Scale, _shrinks ? _scaling : null);
            return;
        }
        _mixing?.Mix(order.Learners, results);
        _folds!.EndPass();
        if (!_folds.HasLearned)
            return;
        // What a fold is judged by keeps to the size as the model does, by what it learned itself.
        foreach (var learner in order.Learners)
            if (Pruning.Choose(learner.Average, learner, _numbering!, _size) is { } kept)
                learner.Prune(learner.Average, kept);
    }

    private void ChooseByCrossValidation(PassOrder order, PassResult result)
    {
        var race = _race!;
        var best = 0;
        LossSums? lowest = null;
        for (var i = 0; i < result.FoldLosses.Count; i++)
            for (var pass = 1; pass <= result.FoldLosses[i].Count; pass++)
            {
                var sums = result.FoldLosses[i][pass - 1];
                var note = order.Shrinks && sums.Shrinkage is { } shrinkage ? $"cross-validated, {shrinkage.InWords()}" : "cross-validated";
                _log.Add(Entry(order.Learners[i], pass, 1, null, sums, note, order.Learners[i].Features) with { HeldOutLoss = Known(order.Judge(sums)) });
                if (!race.Take(order.Learners[i], pass, order.Judge(sums)))
                    continue;
                (best, lowest) = (i, sums);
            }
        if (lowest is not null && _setup.Parameters.Calibration == Calibration.None)
            _scaling = order.Shrinks ? lowest.Shrinkage : null;
        else if (lowest is not null)
            Calibrate(lowest);
        _validatedLoss = double.IsFinite(race.BestLoss) ? race.BestLoss : null;
        if (!RaceRegularizations([.. result.FoldLosses[best].Select(order.Judge)]))
            Repeat(NewLearner(race.BestLearner), race.BestPass);
    }

    /// <summary>Lets stronger regularization race with the learning rate that has won, if it shall.</summary>
    private bool RaceRegularizations(IReadOnlyList<double>? toBeat = null)
    {
        if (_regularizations.Count == 0)
            return false;
        // What holds weights back bears larger steps.
        var rate = _race!.BestLearner.Rate;
        var larger = LearningRates.After(rate, _setup.Parameters);
        _race.GoOn([.. _regularizations.Select((one, i) => NewLearner(LearningRates.Most + i, i == 0 ? rate : larger, one))], toBeat);
        _regularizations = [];
        return true;
    }

    private void Calibrate(LossSums heldOut)
    {
        if (_setup.Parameters.Calibration == Calibration.Platt)
            _scaling = ScoreScaling.Fit(heldOut);
    }

    private void Repeat(LearnerState learner, int passes)
    {
        (_final, _finalPasses) = (learner, passes);
    }

    private LearnerState NewLearner(int id, double rate, Regularization regularization) =>
        new(id, rate, _numbering!.Vocabulary.Count, _setup.Target.Outputs, Penalties(regularization.Amount), _intercepts, regularization);

    /// <summary>One like another, at its start.</summary>
    private LearnerState NewLearner(LearnerState like) => NewLearner(like.Id, like.Rate, like.Regularization);

    private static LossSums Sum(IReadOnlyList<PassResult> results, int learner)
    {
        if (results.Count == 1)
            return results[0].Losses[learner];
        var sum = new LossSums();
        foreach (var result in results)
            sum.Merge(result.Losses[learner]);
        return sum;
    }

    private void Note(PassOrder order, int index, LossSums? heldOut, string note) =>
        _log.Add(Entry(order.Learners[index], order.Pass, order.To, _trainingLosses[index], heldOut, note, order.Learners[index].CountActive()));

    private TrainingLogEntry Entry(LearnerState learner, int pass, double share, LossSums? training, LossSums? heldOut, string note, int features) =>
        new(learner.Id, learner.Rate, pass, share, Known(training), Known(heldOut),
            heldOut?.Metric(_setup.Target.Type, _numbering!.Target.Scale), features, _modelBytes, Noted(learner, note)) { RowsPerSecond = _rowsPerSecond };

    // Of learners that differ from the first ones by more than their rate it says by what.
    private string Noted(LearnerState learner, string note)
    {
        var regularization = learner.Regularization == Regularization.First(_setup.Parameters) ? "" : learner.Regularization.ToString();
        return regularization.Length > 0 && note.Length > 0 ? $"{regularization}; {note}" : regularization + note;
    }

    private static double? Known(LossSums? sums) => sums is { Rows: > 0 } ? Known(sums.Mean) : null;

    private static double? Known(double loss) => double.IsFinite(loss) ? loss : null;

    // λ·n/c_k: the penalty of a feature in the rows where it is active.
    private float[] Penalties(double amount)
    {
        var (vocabulary, examples) = (_numbering!.Vocabulary, _assembly!.Examples);
        var penalties = new float[vocabulary.Count];
        if (amount > 0)
            for (var id = 0; id < penalties.Length; id++)
                penalties[id] = (float)Math.Min(amount * examples / Math.Max(1, vocabulary.Occurrences(id)), float.MaxValue);
        return penalties;
    }

    // Returns how many examples tell learners apart: all, but of a commonest class beyond nine in ten only nine times the others.
    private long TakeLabels(IReadOnlyList<ShardSummary> shards, long examples)
    {
        if (examples == 0)
            throw NoExamples(shards.Sum(shard => shard.InvalidRows), shards.Sum(shard => shard.RejectedRows));
        if (_setup.Target.Type == ModelType.Regression)
            return examples;
        var counts = shards[0].LabelCounts.Select((_, k) => shards.Sum(shard => shard.LabelCounts[k])).ToArray();
        var classes = counts.Count(count => count > 0);
        if (classes < 2)
            throw TargetEncoder.OneClass(_setup.Target.Name, classes);
        return Math.Min(examples, 10 * (examples - counts.Max()));
    }

    private void TakeIntercepts(double[] weights)
    {
        if (_setup.Target.Type == ModelType.Regression)
            return;
        // A class without weight is all but absent.
        var sum = weights.Sum();
        _intercepts = _setup.Target.Type == ModelType.Binary
            ? [(float)Math.Log(Math.Max(weights[1], 0.5) / Math.Max(weights[0], 0.5))]
            : [.. weights.Select(weight => (float)Math.Log(Math.Max(weight, 0.5) / sum))];
    }

    private InvalidInputException NoExamples(long invalid, long rejected) => new(
        $"There is no row to learn from: {invalid} have no valid value of the target \"{_setup.Target.Name}\", {rejected} could not be "
        + "read. Check data location, split and schema.");

    private static void InParallel(int count, Action<int> run, CancellationToken cancellation)
    {
        try
        {
            Parallel.For(0, count, TrainingShard.Parallelism(cancellation), run);
        }
        catch (AggregateException e)
        {
            // The caller wants the reason, not the number of threads that met it.
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }
}
