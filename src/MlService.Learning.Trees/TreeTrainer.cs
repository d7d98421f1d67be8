using MlService.Learning.Features;
using MlService.Learning.Metrics;
using MlService.Learning.Models;
using MlService.Learning.Recipes;
using MlService.Learning.Schemas;
using MlService.Learning.Training;

namespace MlService.Learning.Trees;

/// <summary>
/// Trains tree models from the examples of one shard: with FastTree of Microsoft.ML, or with LightGBM. A multiclass target is learned one
/// class against all others.
/// </summary>
/// <remarks>
/// <para>Trees need all examples in memory, in tables of the learner's own, so their number is limited: at most
/// <see cref="MaxOccurrences"/> feature values in all, and <see cref="MaxFeatures"/> features in as many examples as a leaf must have; rarer
/// ones could not split anything. Beyond, training is refused.</para>
/// <para>The same data, parameters and seed give the same trees: LightGBM runs in its deterministic mode.</para>
/// </remarks>
public static class TreeTrainer
{
    /// <summary>Most feature values of all examples together.</summary>
    public const long MaxOccurrences = 100_000_000;

    /// <summary>Most features.</summary>
    public const int MaxFeatures = 20_000;

    /// <summary>The recipe where none is given, all inputs as they are: bins, which the suggested recipe makes of numbers for linear models, would hide their order.</summary>
    internal static Recipe DefaultRecipe { get; } = Recipe.Parse("""{ "outputs": ["ALL_INPUTS"] }""");

    // The log-odds of a class that the examples do not show.
    private const double Unlearned = -10;

    // Folds whose examples calibrate where no cross-validation is asked for.
    private const int CalibrationFolds = 3;

    // Means of nodes, which explanations start from, are well known from so many examples.
    private const int MeanExamples = 50_000;

    /// <summary>Trains a tree model on all rows of a CSV file, as <see cref="CsvTrainer"/> does a linear one.</summary>
    /// <param name="path">The file, as <see cref="CsvTrainer"/> reads it.</param>
    /// <param name="target">The attribute to predict.</param>
    /// <param name="parameters">How to train, with algorithm <c>fastTree</c> or <c>lightGbm</c>.</param>
    /// <param name="recipe">What to make of the attributes; by default all as they are.</param>
    /// <param name="schema">What the columns are; by default guessed from the first rows.</param>
    /// <param name="cancellation">Stops it, if not at once.</param>
    /// <exception cref="InvalidInputException">The file cannot be learned from; the message says why, and what to do.</exception>
    public static TreeModel Train(
        string path, string target, TrainingParameters parameters, Recipe? recipe = null, DataSchema? schema = null,
        CancellationToken cancellation = default)
    {
        Check(parameters);
        if (parameters.Algorithm == Algorithm.Sgd)
            throw new InvalidInputException("algorithm sgd makes no trees. Train with CsvTrainer.");
        var (setup, readers) = CsvTrainer.Prepare(path, target, parameters, recipe ?? DefaultRecipe, schema, 1, cancellation);
        var trainer = new Trainer(setup);
        using var shard = new TrainingShard(setup, 0, ExampleSpill.Default);
        using var rows = readers[0]();
        shard.Remap(trainer.Merge([shard.Encode(rows, null, cancellation)], 1));
        return Train(trainer, shard, cancellation);
    }

    /// <summary>Refuses before examples are encoded what cannot be trained here.</summary>
    /// <exception cref="InvalidInputException">LightGBM is not there; the message says what to install.</exception>
    public static void Check(TrainingParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        if (parameters.Algorithm == Algorithm.LightGbm)
            LightGbmLibrary.Require();
    }

    /// <summary>Trains a model.</summary>
    /// <param name="trainer">The coordinator, after <see cref="Trainer.Merge"/>.</param>
    /// <param name="shard">All examples, after <see cref="TrainingShard.Remap"/>; where there were several shards, joined.</param>
    /// <param name="cancellation">Stops it while it reads and between two classes and folds; the learners themselves do not stop before their end.</param>
    /// <exception cref="InvalidInputException">There are too many examples or features, or the model is larger than it may be.</exception>
    internal static TreeModel Train(Trainer trainer, TrainingShard shard, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        ArgumentNullException.ThrowIfNull(shard);
        var parameters = trainer.Setup.Parameters;
        Check(parameters);
        var data = new TreeData(trainer, shard);
        Require(data.Occurrences, MaxOccurrences, "feature values", parameters);
        Require(data.Columns.Length, MaxFeatures, "features", parameters);
        if (data.Columns.Length == 0)
            throw new InvalidInputException(
                $"No feature is in {parameters.MinExamplesPerLeaf} examples, which trees.minExamplesPerLeaf asks of each leaf. Set it lower.");
        var ensembles = new TreeEnsemble[trainer.Setup.Target.Outputs];
        for (var output = 0; output < ensembles.Length; output++)
            ensembles[output] = Boosting.Fit(data, output, parameters, cancellation).Ensemble;
        var (folds, scalings) = CrossValidate(trainer, data, cancellation);
        if (scalings is not null)
            for (var output = 0; output < ensembles.Length; output++)
                ensembles[output] = ensembles[output].Scaled(scalings[output]);
        Measure(trainer, data, ensembles);
        if (parameters.Calibration != Calibration.None)
            trainer.Log.NoteLast(scalings is null ? Trainer.NotCalibrated : string.Join(", ", scalings.Select(scaling => $"calibrated: {new ScoreScaling(scaling.Slope, [scaling.Offset]).InWords()}")));
        var model = Build(trainer, data, ensembles, folds);
        if (model.SizeInBytes > parameters.MaxModelSizeInBytes)
            throw new InvalidInputException(
                $"The model takes {model.SizeInBytes:N0} bytes, and sgd.maxMLModelSizeInBytes is {parameters.MaxModelSizeInBytes:N0}. "
                + "Raise it, or set trees.number or trees.leaves lower.");
        return model;
    }

    private static void Require(long actual, long most, string what, TrainingParameters parameters)
    {
        if (actual > most)
            throw new InvalidInputException(
                $"The examples have {actual:N0} {what}; {TrainingParameters.ToText(parameters.Algorithm)}, which learns in memory, takes {most:N0}. "
                + "Train on fewer rows, with a recipe that makes fewer features, or with algorithm sgd.");
    }

    /// <summary>Finds the means of the trees' nodes, and notes how well the trees know what they learned from.</summary>
    private static void Measure(Trainer trainer, TreeData data, TreeEnsemble[] ensembles)
    {
        var leafWeights = ensembles.Select(ensemble => ensemble.Trees.Select(tree => new double[tree.Leaves.Length]).ToArray()).ToArray();
        var losses = new LossSums();
        var scores = new double[ensembles.Length];
        foreach (var example in data.Dense().Take(MeanExamples))
        {
            for (var output = 0; output < scores.Length; output++)
            {
                scores[output] = ensembles[output].Bias;
                for (var t = 0; t < ensembles[output].Trees.Length; t++)
                {
                    var tree = ensembles[output].Trees[t];
                    var leaf = tree.Leaf(example.Values);
                    leafWeights[output][t][leaf] += example.Weight;
                    scores[output] += tree.Leaves[leaf];
                }
            }
            AddLoss(losses, trainer.Setup.Target.Type, scores, example);
        }
        for (var output = 0; output < ensembles.Length; output++)
            ensembles[output] = ensembles[output] with
            {
                Trees = [.. ensembles[output].Trees.Select((tree, t) => tree.WithMeans(leafWeights[output][t]))],
            };
        trainer.Log.Add(new TrainingLogEntry(
            0, trainer.Setup.Parameters.TreeLearningRate, 1, 1, losses.Mean, null, losses.Metric(trainer.Setup.Target.Type, trainer.Numbering.Target.Scale),
            data.Columns.Length, trainer.Setup.Parameters.MaxModelSizeInBytes, $"{ensembles.Sum(ensemble => ensemble.Trees.Length)} trees by {TrainingParameters.ToText(trainer.Setup.Parameters.Algorithm)}"));
    }

    /// <summary>
    /// Judges trees that learned without a fold on that fold, for each of those that are asked for, and finds what makes the scores of each
    /// output probabilities, if that is asked for; null where the examples do not tell.
    /// </summary>
    private static (IReadOnlyList<FoldResult> Folds, PlattScaling[]? Scalings) CrossValidate(Trainer trainer, TreeData data, CancellationToken cancellation)
    {
        var (parameters, target) = (trainer.Setup.Parameters, trainer.Setup.Target);
        var results = new List<FoldResult>();
        var calibrates = parameters.Calibration != Calibration.None;
        var folds = parameters.Folds == 0 && calibrates ? CalibrationFolds : parameters.Folds;
        var heldOut = Enumerable.Range(0, target.Outputs).Select(_ => new BinaryMetrics()).ToArray();
        for (var index = 0; index < folds; index++)
        {
            var fold = new Fold(folds, index);
            // A class that is in one fold alone is not learned without it.
            var ensembles = Enumerable.Range(0, target.Outputs).Select(output => data.CanLearn(output, fold)
                ? Boosting.Fit(data, output, parameters, cancellation, fold).Ensemble
                : new TreeEnsemble(Unlearned, [])).ToArray();
            var losses = target.Type == ModelType.Multiclass ? LossSums.OfClasses(target.Outputs) : new LossSums();
            foreach (var example in data.Dense(fold))
            {
                double[] scores = [.. ensembles.Select(ensemble => ensemble.Score(example.Values))];
                AddLoss(losses, target.Type, scores, example);
                for (var output = 0; calibrates && output < scores.Length; output++)
                    heldOut[output].Add((float)(1 / (1 + Math.Exp(-scores[output]))), (int)example.Label == (target.Type == ModelType.Binary ? 1 : output));
            }
            results.Add(losses.ToResult(target.Type, trainer.Numbering.Target.Scale));
        }
        var scalings = calibrates ? heldOut.Select(metrics => PlattScaling.Fit(metrics.Rank())).ToArray() : [null];
        return (parameters.Folds > 0 ? results : [], scalings.All(scaling => scaling is not null) ? [.. scalings.Select(scaling => scaling!.Value)] : null);
    }

    private static void AddLoss(LossSums losses, ModelType type, double[] scores, DenseExample example)
    {
        switch (type)
        {
            case ModelType.Binary:
                var isOne = example.Label == 1;
                losses.AddBinary(LogisticLoss.OfZero(isOne ? -scores[0] : scores[0]), example.Weight, (float)scores[0], isOne);
                break;
            case ModelType.Multiclass:
                var sum = scores.Sum(score => 1 / (1 + Math.Exp(-score)));
                var label = (int)example.Label;
                losses.AddMulticlass(LogisticLoss.OfZero(-scores[label]) + Math.Log(sum), example.Weight, label, Array.IndexOf(scores, scores.Max()));
                break;
            default:
                var error = scores[0] - example.Label;
                losses.Add(error * error / 2, example.Weight);
                break;
        }
    }

    /// <summary>Puts the model together, with the features alone that its trees ask for, and those on which the values of others depend.</summary>
    private static TreeModel Build(Trainer trainer, TreeData data, TreeEnsemble[] ensembles, IReadOnlyList<FoldResult> folds)
    {
        var numbering = trainer.Numbering;
        // What a weighted token counts depends on the others of its row, asked for or not.
        var used = ensembles.SelectMany(ensemble => ensemble.Trees).SelectMany(tree => tree.Features).Select(column => data.Columns[column])
            .Concat(Enumerable.Range(0, numbering.Vocabulary.Count).Where(numbering.TokenWeights.Has)).Distinct()
            .OrderBy(id => numbering.Numbers.ContainsKey(id) ? 0 : 1).ThenBy(id => id).ToArray();
        var vocabulary = new FeatureVocabulary(used.Length);
        foreach (var id in used)
            vocabulary.AddOccurrences(
                vocabulary.GetOrAdd(numbering.Vocabulary.Slot(id), numbering.Vocabulary.Token(id)), numbering.Vocabulary.Occurrences(id));
        var places = used.Select((id, place) => (id, place)).ToDictionary(pair => pair.id, pair => pair.place);
        var numbers = used.Where(numbering.Numbers.ContainsKey).Select(id => numbering.Numbers[id]).ToList();
        // A regression learned (label − mean) / deviation.
        var (scale, mean) = trainer.Setup.Target.Type == ModelType.Regression ? (numbering.Target.Scale, numbering.Target.Mean) : (1, 0);
        var trees = ensembles.Select(ensemble => ensemble.Trees.Select(tree => tree with
        {
            Features = [.. tree.Features.Select(column => places[data.Columns[column]])],
            Means = [.. tree.Means.Select(value => value * scale)],
            Leaves = [.. tree.Leaves.Select(value => value * scale)],
        }).ToArray());
        var (setup, summary) = (trainer.Setup, trainer.Summary with
        {
            Passes = 1,
            LearningRate = trainer.Setup.Parameters.TreeLearningRate,
            FeaturesPruned = trainer.Summary.FeaturesSeen - used.Length,
            Folds = folds,
        });
        return new TreeModel(
            new ModelHead(setup.Plan, setup.Target, setup.Parameters, summary, trainer.Log), vocabulary, [.. numbers.Select(number => number.Mean)], [.. numbers.Select(number => number.Scale)],
            [.. ensembles.Select(ensemble => ensemble.Bias * scale + mean)], [.. trees]);
    }
}
