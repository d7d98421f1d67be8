using MlService.Learning.Features;
using MlService.Learning.Scoring;
using MlService.Learning.Training;

namespace MlService.Learning.Models;

/// <summary>
/// A trained model: for each output k the score b_k + Σ w_ik·(x_i − c_i) over the active features i, where c_i is the mean of a
/// number and 0 for a token. BINARY: probability of 1 = σ(score); MULTICLASS: softmax of the scores; REGRESSION: the score.
/// Immutable, shared by threads.
/// </summary>
/// <remarks>
/// A number that is missing takes no part in the sum and thereby counts as its mean, on top of the weight that its missing
/// indicator may have.
/// </remarks>
public sealed partial class LinearModel : LearnedModel
{
    private readonly Lazy<LinearScoring> _scoring;

    internal LinearModel(ModelHead head, FeatureVocabulary vocabulary, float[] centers, float[] weights, double[] intercepts)
        : base(head, vocabulary)
    {
        Centers = centers;
        WeightValues = weights;
        Intercepts = intercepts;
        _scoring = new(() => new LinearScoring(head, FeatureIndex.Of(vocabulary, head.CountedIn), centers, weights, intercepts));
    }

    /// <summary>c of the first features, which are numbers; all others have 0.</summary>
    internal float[] Centers { get; }

    /// <summary>w, for each feature all outputs.</summary>
    internal float[] WeightValues { get; }

    /// <summary>b, by output.</summary>
    internal double[] Intercepts { get; }

    /// <inheritdoc/>
    public override double Intercept(int output) => Intercepts[output];

    /// <inheritdoc/>
    public override IReadOnlyList<FeatureWeight> Weights(int output = 0, int limit = int.MaxValue)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)output, (uint)Outputs, nameof(output));
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        var ids = Enumerable.Range(0, Vocabulary.Count).OrderByDescending(id => Math.Abs(WeightValues[id * Outputs + output])).ThenBy(id => id);
        return [.. ids.Take(limit).Select(id =>
            new FeatureWeight(FeatureName(id), WeightValues[id * Outputs + output], id < Centers.Length ? Centers[id] : 0))];
    }

    /// <summary>A model that knows nothing yet.</summary>
    internal static LinearModel Empty(TrainingSetup setup) => new(
        new ModelHead(setup.Plan, setup.Target, setup.Parameters, new TrainingSummary
        {
            Examples = 0,
            InvalidRows = 0,
            RejectedRows = 0,
            TargetMean = 0,
            TargetDeviation = 1,
            LabelCounts = new long[setup.Target.Type == ModelType.Regression ? 0 : Math.Max(2, setup.Target.Classes.Count)],
            FeaturesSeen = 0,
            FeaturesPruned = 0,
        }, new TrainingLog()), new FeatureVocabulary(), [], [], new double[setup.Target.Outputs]);

    internal override FeatureIndex Index => _scoring.Value.Index;

    internal override ScoreFunction CreateScores() => _scoring.Value.CreateScores();

    internal override IEnumerable<FeatureContribution> Contributions(
        IReadOnlyList<(int Id, float Value)> features, Func<int, string> nameOf, int output) =>
        _scoring.Value.Contributions(features, nameOf, output);
}
