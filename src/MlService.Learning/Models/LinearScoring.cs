using System.Runtime.CompilerServices;
using MlService.Learning.Features;
using MlService.Learning.Scoring;

namespace MlService.Learning.Models;

/// <summary>
/// A <see cref="LinearModel"/> in the form that scores: features are found by hash. The weights of a model with one output stand in the index
/// itself, those of numbers apart, since these have centres too.
/// </summary>
internal sealed class LinearScoring : ScoringModel
{
    private readonly double[] _intercepts;
    private readonly float[] _weights;      // for each feature all outputs; where the index holds weights, of numbers only
    private readonly float[] _centers;      // of the first features; all others have 0

    /// <summary>Creates it of what a model learned.</summary>
    /// <param name="head">What else is known of it.</param>
    /// <param name="index">Finds its features; becomes this model's own.</param>
    /// <param name="centers">c of the first features.</param>
    /// <param name="weights">w, for each feature all outputs.</param>
    /// <param name="intercepts">b, by output.</param>
    public LinearScoring(ModelHead head, FeatureIndex index, float[] centers, float[] weights, double[] intercepts)
        : base(head)
    {
        (Index, _centers, _weights, _intercepts) = (index, centers, weights, intercepts);
        if (Outputs > 1 || Plan.WeighsTokens)
            return;
        int[] numbers = [.. Enumerable.Range(0, Plan.SlotCount).Where(Plan.IsNumeric).Select(slot => index.Find(slot, [])).Where(id => id >= 0)];
        index.PutWeights(weights, numbers);
        _weights = [.. numbers.Select(id => weights[id])];
        _centers = [.. numbers.Select(id => id < centers.Length ? centers[id] : 0)];
    }

    /// <inheritdoc/>
    public override int FeatureCount => Index.Count;

    internal override FeatureIndex Index { get; }

    /// <summary>Reads what follows the head in a model's file.</summary>
    public static LinearScoring Read(BinaryReader reader, ModelHead head)
    {
        var index = FeatureIndex.Read(reader, head.Plan.SlotCount, head.CountedIn);
        var (centers, intercepts, weights) = LinearModel.ReadWeights(reader, head, index.Count);
        return new(head, index, centers, weights, intercepts);
    }

    /// <inheritdoc/>
    public override double Intercept(int output) => _intercepts[output];

    internal override ScoreFunction CreateScores() => Index.HoldsWeights ? ScoreInPlace : ScoreAll;

    internal override IEnumerable<FeatureContribution> Contributions(
        IReadOnlyList<(int Id, float Value)> features, Func<int, string> nameOf, int output) =>
        features.Select(feature => new FeatureContribution(
            nameOf(feature.Id), feature.Value, Weight(feature.Id, output) * (feature.Value - Center(feature.Id))));

    private double Weight(int id, int output) =>
        Index.HoldsWeights && id >= _weights.Length ? Index.WeightOf(id) : _weights[id * Outputs + output];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private double Center(int id) => id < _centers.Length ? _centers[id] : 0;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ScoreInPlace(FeatureVector features, Span<double> scores)
    {
        var score = _intercepts[0];
        var numbers = features.Numbers;
        var values = features.Values;
        var numberWeights = _weights;
        for (var i = 0; i < numbers.Length; i++)
            score += numberWeights[numbers[i]] * (values[i] - Center(numbers[i]));
        var index = Index;
        foreach (var id in features.Tokens)
            score += index.WeightOf(id);
        scores[0] = score;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ScoreAll(FeatureVector features, Span<double> scores)
    {
        var outputs = scores.Length;
        _intercepts.CopyTo(scores);
        var numbers = features.Numbers;
        var values = features.Values;
        for (var i = 0; i < numbers.Length; i++)
        {
            var value = values[i] - Center(numbers[i]);
            var weights = _weights.AsSpan(numbers[i] * outputs, outputs);
            for (var k = 0; k < outputs; k++)
                scores[k] += weights[k] * value;
        }
        foreach (var id in features.Tokens)
        {
            var weights = _weights.AsSpan(id * outputs, outputs);
            for (var k = 0; k < outputs; k++)
                scores[k] += weights[k];
        }
    }
}
