using System.Runtime.CompilerServices;
using MlService.Learning.Features;
using MlService.Learning.Scoring;
using MlService.Learning.Training;

namespace MlService.Learning.Models;

/// <summary>
/// A sum of trees for each output: f_k = b_k + Σ leaf. BINARY: probability of 1 = σ(f). MULTICLASS: one against all others, probability of
/// class k = σ(f_k) / Σ σ(f_j). REGRESSION: f.
/// </summary>
/// <remarks>
/// A token that is not there counts as 0. A number x counts as (x − mean) / deviation of the training data, a missing one as 0.
/// </remarks>
public sealed partial class TreeModel : LearnedModel
{
    private readonly Lazy<FeatureIndex> _index;

    internal TreeModel(
        ModelHead head, FeatureVocabulary vocabulary, double[] means, double[] deviations, double[] biases, RegressionTree[][] trees)
        : base(head, vocabulary)
    {
        Means = means;
        Deviations = deviations;
        Biases = biases;
        Trees = trees;
        _index = new(() => FeatureIndex.Of(vocabulary, head.CountedIn));
    }

    /// <summary>Mean of the first features, which are numbers.</summary>
    internal double[] Means { get; }

    /// <summary>Standard deviation of the first features, which are numbers.</summary>
    internal double[] Deviations { get; }

    /// <summary>b, by output.</summary>
    internal double[] Biases { get; }

    /// <summary>By output.</summary>
    internal RegressionTree[][] Trees { get; }

    /// <summary>Nodes of all trees, leaves not counted.</summary>
    internal long Nodes => Trees.Sum(trees => trees.Sum(tree => (long)tree.Features.Length));

    /// <inheritdoc/>
    /// <remarks>The mean score of the training data.</remarks>
    public override double Intercept(int output) => Biases[output] + Trees[output].Sum(tree => tree.Mean);

    /// <inheritdoc/>
    public override IReadOnlyList<FeatureWeight> Weights(int output = 0, int limit = int.MaxValue)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)output, (uint)Outputs, nameof(output));
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        var gains = new double[FeatureCount];
        foreach (var tree in Trees[output])
            for (var node = 0; node < tree.Features.Length; node++)
                gains[tree.Features[node]] += tree.Gains[node];
        var all = Math.Max(gains.Sum(), double.Epsilon);
        return [.. Enumerable.Range(0, gains.Length).OrderByDescending(id => gains[id]).ThenBy(id => id).Take(limit)
            .Select(id => new FeatureWeight(FeatureName(id), gains[id] / all, 0))];
    }

    internal override FeatureIndex Index => _index.Value;

    internal override ScoreFunction CreateScores()
    {
        var values = new float[FeatureCount];
        return (features, scores) => Score(features, values, scores);
    }

    /// <summary>Of f_k, also in a multiclass model.</summary>
    internal override IEnumerable<FeatureContribution> Contributions(
        IReadOnlyList<(int Id, float Value)> features, Func<int, string> nameOf, int output)
    {
        var values = new float[FeatureCount];
        var shown = new float[FeatureCount];
        foreach (var (id, value) in features)
            (values[id], shown[id]) = (Scaled(id, value), value);
        var contributions = new double[FeatureCount];
        foreach (var tree in Trees[output])
            tree.Contribute(values, contributions);
        // A feature may also count by not being there.
        return Enumerable.Range(0, contributions.Length).Where(id => contributions[id] != 0)
            .Select(id => new FeatureContribution(FeatureName(id), shown[id], contributions[id])).ToList();
    }

    /// <summary>A feature's value as the trees compare it.</summary>
    private float Scaled(int id, float value) => id < Means.Length ? (float)((value - Means[id]) / Deviations[id]) : value;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Score(FeatureVector features, float[] values, Span<double> scores)
    {
        var numbers = features.Numbers;
        var tokens = features.Tokens;
        for (var i = 0; i < numbers.Length; i++)
            values[numbers[i]] = Scaled(numbers[i], features.Values[i]);
        foreach (var id in tokens)
            values[id] = 1;
        for (var k = 0; k < scores.Length; k++)
        {
            var score = Biases[k];
            foreach (var tree in Trees[k])
                score += tree.Leaves[tree.Leaf(values)];
            // The softmax of ln σ(f_k) is σ(f_k) / Σ σ(f_j).
            scores[k] = scores.Length == 1 ? score : -LogisticLoss.OfZero(-score);
        }
        foreach (var id in numbers)
            values[id] = 0;
        foreach (var id in tokens)
            values[id] = 0;
    }
}
