using MlService.Learning.Features;
using MlService.Learning.Schemas;
using MlService.Learning.Scoring;
using MlService.Learning.Training;

namespace MlService.Learning.Models;

/// <summary>Computes the scores of one record, for one thread.</summary>
/// <param name="features">The record's features, by the ids of the model's index.</param>
/// <param name="scores">Receives a score for each output.</param>
internal delegate void ScoreFunction(FeatureVector features, Span<double> scores);

/// <summary>
/// A model that scores and explains. Loaded as no more than that (<see cref="Load"/>) it takes a fraction of the memory of a
/// <see cref="LearnedModel"/>, which is one too. Immutable, shared by threads; each scores with a <see cref="Scorer"/> of its own.
/// </summary>
public abstract class ScoringModel
{
    private protected ScoringModel(ModelHead head) => Head = head;

    internal ModelHead Head { get; }

    /// <summary>What it predicts.</summary>
    public ModelType Type => Target.Type;

    /// <summary>The recipe, fitted on the training data; it also holds the training data's schema.</summary>
    public FeaturePlan Plan => Head.Plan;

    /// <summary>The target.</summary>
    public TargetEncoder Target => Head.Target;

    /// <summary>MULTICLASS: the classes, most frequent first; else empty.</summary>
    public IReadOnlyList<string> Classes => Target.Classes;

    /// <summary>How it was trained.</summary>
    public TrainingParameters Parameters => Head.Parameters;

    /// <summary>What it remembers of its training data.</summary>
    public TrainingSummary Summary => Head.Summary;

    /// <summary>The course of its training.</summary>
    public TrainingLog Log => Head.Log;

    /// <summary>Number of features that have a part in it.</summary>
    public abstract int FeatureCount { get; }

    /// <summary>Number of scores that it computes: 1, or the number of classes.</summary>
    public int Outputs => Target.Outputs;

    /// <summary>The class that is most frequent in the training data: MULTICLASS its name, BINARY 0 or 1, else null.</summary>
    public string? MajorityClass
    {
        get
        {
            var counts = Summary.LabelCounts;
            if (counts.Count == 0)
                return null;
            var best = 0;
            for (var k = 1; k < counts.Count; k++)
                if (counts[k] > counts[best])
                    best = k;
            return Type == ModelType.Binary ? best == 0 ? "0" : "1" : Classes[best];
        }
    }

    /// <summary>Where its features are found.</summary>
    internal abstract FeatureIndex Index { get; }

    /// <summary>Reads a model's file in order to score.</summary>
    /// <remarks>Of a linear model the names of the features are left out, by which it could be saved, exported, or tell its weights. It takes for
    /// one of its features what is none with a probability of 5 / 2⁴⁸ for each unknown value.</remarks>
    /// <param name="stream">Read up to the model's end; stays open.</param>
    /// <exception cref="InvalidInputException">No model, a damaged one, or one of a newer version.</exception>
    public static ScoringModel Load(Stream stream) => LearnedModel.Load<ScoringModel>(stream, (reader, head) =>
        head.Parameters.Algorithm == Algorithm.Sgd ? LinearScoring.Read(reader, head) : TreeModel.Read(reader, head));

    /// <summary>Creates a scorer of records like those of the training data, for one thread.</summary>
    public Scorer CreateScorer() => new(this, Plan.Schema);

    /// <summary>Creates a scorer for one thread.</summary>
    /// <param name="input">Schema of the records to score: columns are matched by name; a missing one counts as empty.</param>
    public Scorer CreateScorer(DataSchema input) => new(this, input);

    /// <summary>What the score of one output is without any feature.</summary>
    /// <param name="output">0, or the index of a class.</param>
    public abstract double Intercept(int output);

    internal abstract ScoreFunction CreateScores();

    /// <summary>What each feature adds to the score of one output, in any order; a feature that adds nothing may be left out.</summary>
    /// <param name="features">The record's features.</param>
    /// <param name="nameOf">Their names.</param>
    /// <param name="output">0, or the index of a class.</param>
    internal abstract IEnumerable<FeatureContribution> Contributions(
        IReadOnlyList<(int Id, float Value)> features, Func<int, string> nameOf, int output);
}
