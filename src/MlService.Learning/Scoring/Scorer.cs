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
    private readonly ScoringModel _model;
    private readonly DataSchema _input;
    private readonly ScoreFunction _scoreFunction;
    private readonly FeatureEncoder _encoder;
    private readonly NamedRecord _named;
    private readonly FeatureVector _features = new();
    private readonly double[] _scores;
    private readonly float[] _probabilities;

    internal Scorer(ScoringModel model, DataSchema input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _model = model;
        _scoreFunction = model.CreateScores();
        _named = new NamedRecord(input);
        _input = input;
        _encoder = model.Plan.CreateEncoder(input, model.Index);
        _scores = new double[model.Outputs];
        _probabilities = new float[model.Type == ModelType.Multiclass ? model.Outputs : 0];
    }

    /// <summary>Scores one record.</summary>
    /// <param name="record">A field per attribute of the scorer's input schema.</param>
    /// <returns>A view that is valid until the next call.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public Prediction Score(scoped in Record record)
    {
        _encoder.Encode(record, _features);
        _scoreFunction(_features, _scores);
        return _model.Type switch
        {
            ModelType.Multiclass => Classes(),
            ModelType.Regression => new(_scores[0], [], -1),
            _ => new(Sigmoid(_scores[0]), [], -1),
        };
    }

    /// <summary>Scores values by the names of their attributes; what is left out is missing.</summary>
    /// <param name="values">Text as in a CSV file: a number with a point, a BINARY value as 1 or 0, true or false, yes or no.</param>
    /// <returns>A view that is valid until the next call.</returns>
    /// <exception cref="InvalidInputException">A name is no attribute of the scorer's input schema.</exception>
    public Prediction Score(IReadOnlyDictionary<string, string> values)
    {
        var record = _named.Read(values);
        return Score(record);
    }

    /// <summary>Scores values by the names of their attributes and tells what each feature contributed.</summary>
    /// <param name="values">As for <see cref="Score(IReadOnlyDictionary{string, string})"/>.</param>
    /// <param name="output">MULTICLASS: the class to explain; by default the most probable one.</param>
    /// <exception cref="InvalidInputException">A name is no attribute of the scorer's input schema.</exception>
    public Explanation Explain(IReadOnlyDictionary<string, string> values, int? output = null) => Explain(_named.Read(values), output);

    /// <summary>Scores one record and tells what each feature contributed.</summary>
    /// <param name="record">A field per attribute of the scorer's input schema.</param>
    /// <param name="output">MULTICLASS: the class to explain; by default the most probable one.</param>
    public Explanation Explain(in Record record, int? output = null)
    {
        var best = Score(record).BestClass;
        var k = output ?? Math.Max(0, best);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)k, (uint)_model.Outputs, nameof(output));
        // The record itself says how its features are called.
        var named = new Dictionary<int, NamedFeature>();
        foreach (var feature in _model.Plan.NamedFeatures(_input, record))
            if (_model.Index.Find(feature.Slot, feature.Token) is >= 0 and var id)
                named[id] = feature;
        var contributions = _model.Contributions(_features.InOrder(id => named[id].Slot), id => named[id].Name, k).ToList();
        contributions.Sort((a, b) => Math.Abs(b.Contribution).CompareTo(Math.Abs(a.Contribution)));
        var intercept = _model.Intercept(k);
        return new(k, intercept + contributions.Sum(item => item.Contribution), intercept, contributions);
    }

    private static float Sigmoid(double score) => (float)(1 / (1 + Math.Exp(-score)));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Prediction Classes()
    {
        var outputs = _scores.Length;
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
