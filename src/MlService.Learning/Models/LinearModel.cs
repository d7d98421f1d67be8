using MlService.Learning.Features;
using MlService.Learning.Schemas;
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
public sealed partial class LinearModel
{
    private long _sizeInBytes;

    internal LinearModel(
        FeaturePlan plan, TargetEncoder target, TrainingParameters parameters, TrainingSummary summary, TrainingLog log,
        FeatureVocabulary vocabulary, float[] centers, float[] weights, double[] intercepts)
    {
        Plan = plan;
        Target = target;
        Parameters = parameters;
        Summary = summary;
        Log = log;
        Vocabulary = vocabulary;
        Centers = centers;
        WeightValues = weights;
        Intercepts = intercepts;
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

    /// <summary>Features that have a weight: numbers first, then tokens by falling frequency.</summary>
    public FeatureVocabulary Vocabulary { get; }

    /// <summary>Number of scores that it computes: 1, or the number of classes.</summary>
    public int Outputs => Target.Outputs;

    /// <summary>Size of its file.</summary>
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

    /// <summary>c of the first features, which are numbers; all others have 0.</summary>
    internal float[] Centers { get; }

    /// <summary>w, for each feature all outputs.</summary>
    internal float[] WeightValues { get; }

    /// <summary>b, by output.</summary>
    internal double[] Intercepts { get; }

    /// <summary>Creates a scorer for one thread.</summary>
    /// <param name="input">Schema of the records to score: columns are matched by name; a missing one counts as empty.</param>
    public Scorer CreateScorer(DataSchema input) => new(this, input);

    /// <summary>b of one output: what the score is without any feature.</summary>
    public double Intercept(int output) => Intercepts[output];

    /// <summary>The weights of one output, largest magnitude first.</summary>
    /// <param name="output">0, or the index of a class.</param>
    /// <param name="limit">Most weights to give.</param>
    public IReadOnlyList<FeatureWeight> Weights(int output = 0, int limit = int.MaxValue)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)output, (uint)Outputs, nameof(output));
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        var ids = Enumerable.Range(0, Vocabulary.Count).OrderByDescending(id => Math.Abs(WeightValues[id * Outputs + output])).ThenBy(id => id);
        return [.. ids.Take(limit).Select(id =>
            new FeatureWeight(FeatureName(id), WeightValues[id * Outputs + output], id < Centers.Length ? Centers[id] : 0))];
    }

    internal string FeatureName(int id) => Plan.FeatureName(Vocabulary.Slot(id), Vocabulary.Token(id));

    /// <summary>A model that knows nothing yet.</summary>
    internal static LinearModel Empty(TrainingSetup setup) => new(
        setup.Plan, setup.Target, setup.Parameters,
        new TrainingSummary
        {
            Examples = 0,
            InvalidRows = 0,
            RejectedRows = 0,
            TargetMean = 0,
            TargetDeviation = 1,
            LabelCounts = new long[setup.Target.Type == ModelType.Regression ? 0 : Math.Max(2, setup.Target.Classes.Count)],
            FeaturesSeen = 0,
            FeaturesPruned = 0,
        },
        new TrainingLog(), new FeatureVocabulary(), [], [], new double[setup.Target.Outputs]);

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
