using MlService.Learning.Features;
using MlService.Learning.Schemas;
using MlService.Learning.Scoring;
using MlService.Learning.Training;

namespace MlService.Learning.Models;

/// <summary>Computes the scores of one record, for one thread.</summary>
/// <param name="features">The record's features, by the ids of the model's vocabulary.</param>
/// <param name="scores">Receives a score for each output.</param>
internal delegate void ScoreFunction(FeatureVector features, Span<double> scores);

/// <summary>
/// What a training made: a <see cref="LinearModel"/> or a <see cref="TreeModel"/>. Immutable, shared by threads; each scores with a
/// <see cref="Scorer"/> of its own.
/// </summary>
public abstract partial class LearnedModel
{
    private long _sizeInBytes;

    private protected LearnedModel(
        FeaturePlan plan, TargetEncoder target, TrainingParameters parameters, TrainingSummary summary, TrainingLog log,
        ModelFeatures features)
    {
        Plan = plan;
        Target = target;
        Parameters = parameters;
        Summary = summary;
        Log = log;
        Features = features;
    }

    /// <summary>What it predicts.</summary>
    public ModelType Type => Target.Type;

    /// <summary>The recipe, fitted on the training data; it also holds the training data's schema.</summary>
    public FeaturePlan Plan { get; }

    /// <summary>The target.</summary>
    public TargetEncoder Target { get; }

    /// <summary>MULTICLASS: the classes, most frequent first; else empty.</summary>
    public IReadOnlyList<string> Classes => Target.Classes;

    /// <summary>How it was trained.</summary>
    public TrainingParameters Parameters { get; }

    /// <summary>What it remembers of its training data.</summary>
    public TrainingSummary Summary { get; }

    /// <summary>The course of its training.</summary>
    public TrainingLog Log { get; }

    /// <summary>Features that have a part in it: numbers first, then tokens by falling frequency.</summary>
    internal ModelFeatures Features { get; }

    /// <summary>The features by their names.</summary>
    /// <exception cref="InvalidOperationException">The model was loaded to score only.</exception>
    internal FeatureVocabulary Vocabulary => Features.Names;

    /// <summary>Number of features that have a part in it.</summary>
    public int FeatureCount => Features.Count;

    /// <summary>Number of scores that it computes: 1, or the number of classes.</summary>
    public int Outputs => Target.Outputs;

    /// <summary>Size of its file.</summary>
    /// <exception cref="InvalidOperationException">The model was loaded to score only.</exception>
    public long SizeInBytes
    {
        get
        {
            if (_sizeInBytes == 0)
            {
                using var counter = new ByteCounter();
                Save(counter);
                _sizeInBytes = counter.Length;
            }
            return _sizeInBytes;
        }
    }

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

    /// <summary>Creates a scorer of records like those of the training data, for one thread.</summary>
    public Scorer CreateScorer() => new(this, Plan.Schema);

    /// <summary>Creates a scorer for one thread.</summary>
    /// <param name="input">Schema of the records to score: columns are matched by name; a missing one counts as empty.</param>
    public Scorer CreateScorer(DataSchema input) => new(this, input);

    /// <summary>What the score of one output is without any feature.</summary>
    public abstract double Intercept(int output);

    /// <summary>
    /// What the model learned about each feature, largest magnitude first: of a linear model its weight, of a tree model its importance,
    /// which is its part of all that splits gained, 0 to 1.
    /// </summary>
    /// <param name="output">0, or the index of a class.</param>
    /// <param name="limit">Most features to give.</param>
    /// <exception cref="InvalidOperationException">The model was loaded to score only.</exception>
    public abstract IReadOnlyList<FeatureWeight> Weights(int output = 0, int limit = int.MaxValue);

    internal string FeatureName(int id) => Plan.FeatureName(Vocabulary.Slot(id), Vocabulary.Token(id));

    internal abstract ScoreFunction CreateScores();

    /// <summary>What each feature adds to the score of one output, in any order; a feature that adds nothing may be left out.</summary>
    /// <param name="features">The record's features.</param>
    /// <param name="nameOf">Their names.</param>
    /// <param name="output">0, or the index of a class.</param>
    internal abstract IEnumerable<FeatureContribution> Contributions(
        IReadOnlyList<(int Id, float Value)> features, Func<int, string> nameOf, int output);

    private sealed class ByteCounter : Stream
    {
        private long _length;

        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => _length;
        public override long Position { get => _length; set => throw new NotSupportedException(); }
        public override void Write(byte[] buffer, int offset, int count) => _length += count;
        public override void Write(ReadOnlySpan<byte> buffer) => _length += buffer.Length;
        public override void Flush() { }
        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
