using System.Runtime.CompilerServices;
using MlService.Learning.Features;
using MlService.Learning.Models;
using MlService.Learning.Records;
using MlService.Learning.Schemas;
using MlService.Learning.Training;

namespace MlService.Learning.Scoring;

/// <summary>
/// Scores records with a model: the one way, for batches, real time and evaluation. For one thread; nothing is allocated per
/// record.
/// </summary>
public sealed class Scorer
{
    private readonly LinearModel _model;
    private readonly FeatureEncoder _encoder;
    private readonly FeatureVector _features = new();
    private readonly double[] _scores;
    private readonly float[] _probabilities;

    internal Scorer(LinearModel model, DataSchema input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _model = model;
        _encoder = model.Plan.CreateEncoder(input, model.Vocabulary, grow: false);
        _scores = new double[model.Outputs];
        _probabilities = new float[model.Type == ModelType.Multiclass ? model.Outputs : 0];
    }

    /// <summary>Scores one record.</summary>
    /// <param name="record">A field per attribute of the scorer's input schema.</param>
    /// <returns>A view that is valid until the next call.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public Prediction Score(in Record record)
    {
        _encoder.Encode(record, _features);
        if (_model.Type == ModelType.Multiclass)
            return ScoreClasses();
        var score = ScoreOne();
        return _model.Type == ModelType.Regression ? new(score, [], -1) : new(Sigmoid(score), [], -1);
    }

    /// <summary>Scores one record and tells what each feature contributed.</summary>
    /// <param name="record">A field per attribute of the scorer's input schema.</param>
    /// <param name="output">MULTICLASS: the class to explain; by default the most probable one.</param>
    public Explanation Explain(in Record record, int? output = null)
    {
        var best = Score(record).BestClass;
        var k = output ?? Math.Max(0, best);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)k, (uint)_model.Outputs, nameof(output));
        var contributions = new List<FeatureContribution>(_features.Count);
        var score = _model.Intercepts[k];
        for (var i = 0; i < _features.Count; i++)
        {
            var id = _features.Ids[i];
            var value = _features.Values[i];
            var contribution = _model.WeightValues[id * _model.Outputs + k] * (value - Center(id));
            score += contribution;
            contributions.Add(new(_model.FeatureName(id), value, contribution));
        }
        contributions.Sort((a, b) => Math.Abs(b.Contribution).CompareTo(Math.Abs(a.Contribution)));
        return new(k, score, _model.Intercepts[k], contributions);
    }

    private static float Sigmoid(double score) => (float)(1 / (1 + Math.Exp(-score)));

    private double Center(int id) => id < _model.Centers.Length ? _model.Centers[id] : 0;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double ScoreOne()
    {
        var weights = _model.WeightValues;
        var centers = _model.Centers;
        var ids = _features.Ids;
        var values = _features.Values;
        var score = _model.Intercepts[0];
        for (var i = 0; i < ids.Length; i++)
        {
            var id = ids[i];
            double value = values[i];
            if (id < centers.Length)
                value -= centers[id];
            score += weights[id] * value;
        }
        return score;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Prediction ScoreClasses()
    {
        var outputs = _scores.Length;
        _model.Intercepts.CopyTo(_scores, 0);
        var ids = _features.Ids;
        var values = _features.Values;
        for (var i = 0; i < ids.Length; i++)
        {
            var value = values[i] - Center(ids[i]);
            var weights = _model.WeightValues.AsSpan(ids[i] * outputs, outputs);
            for (var k = 0; k < outputs; k++)
                _scores[k] += weights[k] * value;
        }
        for (var k = 0; k < outputs; k++)
            _probabilities[k] = (float)_scores[k];
        SoftmaxLoss.ToProbabilities(_probabilities);
        var best = 0;
        for (var k = 1; k < outputs; k++)
            if (_probabilities[k] > _probabilities[best])
                best = k;
        return new(_probabilities[best], _probabilities, best);
    }
}
