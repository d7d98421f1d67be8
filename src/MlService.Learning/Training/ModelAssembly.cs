using MlService.Learning.Features;
using MlService.Learning.Models;

namespace MlService.Learning.Training;

/// <summary>
/// Makes a model of averaged weights: in the units of the data, without features whose weights are all zero. Tokens of <c>tfidf</c> stay
/// even then: a row's length counts them, and a scorer must find it as long as the learner did.
/// </summary>
internal sealed class ModelAssembly
{
    private readonly TrainingSetup _setup;
    private readonly FeatureNumbering _numbering;
    private readonly TrainingSummary _summary;
    private readonly TrainingLog _log;

    public ModelAssembly(
        TrainingSetup setup, FeatureNumbering numbering, IReadOnlyList<ShardSummary> shards, int featuresSeen, TrainingLog log)
    {
        _setup = setup;
        _numbering = numbering;
        _log = log;
        var counts = shards[0].LabelCounts.Select((_, k) => shards.Sum(shard => shard.LabelCounts[k])).ToArray();
        var examples = shards.Sum(shard => shard.Examples);
        _summary = new TrainingSummary
        {
            Examples = examples,
            InvalidRows = shards.Sum(shard => shard.InvalidRows),
            RejectedRows = shards.Sum(shard => shard.RejectedRows),
            TargetMean = setup.Target.Type switch
            {
                ModelType.Regression => numbering.Target.Mean,
                ModelType.Binary => (double)counts[1] / examples,
                _ => 0,
            },
            TargetDeviation = setup.Target.Type == ModelType.Regression ? numbering.Target.Scale : 1,
            LabelCounts = counts,
            FeaturesSeen = featuresSeen,
            FeaturesPruned = featuresSeen - numbering.Vocabulary.Count,
        };
    }

    public TrainingSummary Summary => _summary;

    /// <summary>Outcome of a cross-validation.</summary>
    public IReadOnlyList<FoldResult> Folds { get; set; } = [];

    public long Examples => _summary.Examples;

    /// <summary>Makes the model.</summary>
    /// <param name="averages">Averaged weights.</param>
    /// <param name="learner">The learner that they are of.</param>
    /// <param name="passes">How many passes it took.</param>
    /// <param name="scaling">What makes its scores probabilities; null to leave them.</param>
    public LinearModel Build(float[] averages, LearnerState learner, int passes, ScoreScaling? scaling)
    {
        var (outputs, width) = (learner.Outputs, learner.Width);
        var all = _numbering.Vocabulary;
        // Numbers come first: a scorer then knows by the id alone whether a feature has a centre.
        var numbers = _numbering.Numbers;
        int[] kept = [.. numbers.Keys.Where(HasWeight).Order()];
        var keptNumbers = kept.Length;
        Array.Resize(ref kept, keptNumbers + all.Count);
        var count = keptNumbers;
        var nextNumber = 0;     // of the kept numbers, which come by their ids too
        for (var id = 0; id < all.Count; id++)
        {
            if (nextNumber < keptNumbers && kept[nextNumber] == id)
                nextNumber++;
            else if (HasWeight(id) || (_numbering.TokenWeights.Has(id) && !learner.IsPruned(id)))
                kept[count++] = id;
        }
        Array.Resize(ref kept, count);
        var scale = _summary.TargetDeviation * (scaling?.Slope ?? 1);
        var weights = new float[kept.Length * outputs];
        var centers = new List<float>();
        for (var i = 0; i < kept.Length; i++)
        {
            var id = kept[i];
            var unit = scale;
            if (i < keptNumbers)
            {
                var moments = numbers[id];
                centers.Add((float)moments.Mean);
                unit /= moments.Scale;
            }
            else
                unit *= _numbering.TokenWeights.ScaleOf(id);
            for (var k = 0; k < outputs; k++)
                weights[i * outputs + k] = Finite(averages[id * width + k] * unit);
        }
        var intercepts = new double[outputs];
        for (var k = 0; k < outputs; k++)
            intercepts[k] = averages[all.Count * width + k] * scale
                + (_setup.Target.Type == ModelType.Regression ? _summary.TargetMean : scaling?.Offsets[k] ?? 0);
        var summary = _summary with { FeaturesPruned = _summary.FeaturesPruned + learner.Pruned, LearningRate = learner.Rate, Passes = passes, Folds = Folds };
        return new LinearModel(
            new ModelHead(_setup.Plan, _setup.Target, _setup.Parameters, summary, _log), all.Select(kept), [.. centers], weights, intercepts);

        bool HasWeight(int id) => averages.AsSpan(id * width, outputs).ContainsAnyExcept(0f);
    }

    private static float Finite(double weight) => double.IsFinite(weight)
        ? (float)Math.Clamp(weight, float.MinValue, float.MaxValue)
        : throw new InvalidInputException("Training did not converge: a weight left the range of numbers. Set a smaller sgd.learningRate.");
}
