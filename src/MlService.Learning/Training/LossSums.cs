using MlService.Learning.Metrics;
using MlService.Learning.Models;

namespace MlService.Learning.Training;

/// <summary>Losses of some examples, each times its weight.</summary>
/// <param name="Loss">Their sum.</param>
/// <param name="Weight">Sum of the weights.</param>
internal readonly record struct WeightedLoss(double Loss, double Weight)
{
    public static WeightedLoss operator +(WeightedLoss one, WeightedLoss other) => new(one.Loss + other.Loss, one.Weight + other.Weight);
}

/// <summary>
/// Losses of some examples by their weights, and what the metric of their kind needs, in which each example counts once. Mergeable.
/// </summary>
/// <param name="expected">Examples to make room for at once.</param>
internal sealed class LossSums(long expected = 0)
{
    private BinaryMetrics? _binary;
    private ClassScores? _classScores;
    private long[]? _confusion;     // by true, then by predicted class
    private Shrunk? _shrunk;        // once it was asked for

    public long Rows { get; private set; }

    public double Loss { get; private set; }

    /// <summary>Sum of the examples' weights.</summary>
    public double Weight { get; private set; }

    public long Right { get; private set; }

    /// <summary>Scores of a binary model; null where there are none.</summary>
    public ScoreRanking? Ranking => _binary?.Rank();

    /// <summary>Scores of a model of several classes, if they were asked for.</summary>
    public ClassScores? ClassScores => _classScores;

    /// <summary>Mean loss of an example.</summary>
    public double Mean => Weight == 0 ? double.NaN : Loss / Weight;

    /// <summary>
    /// What takes back the boldness of a binary model that has learned its examples by heart: the scaling that fits these ones best, if its
    /// slope is below 1. Null where it is not, and for other models. It takes no notice of weights.
    /// </summary>
    /// <remarks>J. Copas, "Regression, Prediction and Shrinkage", J. R. Stat. Soc. B 45 (1983).</remarks>
    public ScoreScaling? Shrinkage => Shrink().Scaling is { } scaling ? new(scaling.Slope, [scaling.Offset]) : null;

    /// <summary>Mean loss of an example after <see cref="Shrinkage"/>, or as it is without.</summary>
    public double ShrunkMean => Shrink().Loss;

    public static LossSums Of(WeightedLoss losses, long rows) => new() { Loss = losses.Loss, Weight = losses.Weight, Rows = rows };

    public void Add(double loss, float weight)
    {
        _shrunk = null;
        Rows++;
        Loss += weight * loss;
        Weight += weight;
    }

    public void AddBinary(double loss, float weight, float score, bool positive)
    {
        Add(loss, weight);
        // Weights that ran away give no score; the loss then shows it.
        if (!float.IsNaN(score))
            (_binary ??= new(BinaryMetrics.MaxExactScores, expected)).Add(1 / (1 + MathF.Exp(-score)), positive);
    }

    /// <summary>Keeps the scores of an example of several classes, to correct scores by.</summary>
    public void KeepScores(ReadOnlySpan<float> scores, int label) => (_classScores ??= new(scores.Length)).Add(scores, label);

    public void AddMulticlass(double loss, float weight, int label, int predicted)
    {
        Add(loss, weight);
        Right += label == predicted ? 1 : 0;
        if (_confusion is not null)
            _confusion[label * Classes + predicted]++;
    }

    /// <summary>Losses that also count which class is taken for which, for <see cref="Headline"/>.</summary>
    public static LossSums OfClasses(int classes) => new() { _confusion = new long[classes * classes] };

    private int Classes => (int)Math.Sqrt(_confusion!.Length);

    public void Merge(LossSums other)
    {
        _shrunk = null;
        Rows += other.Rows;
        Loss += other.Loss;
        Weight += other.Weight;
        Right += other.Right;
        if (other._binary is not null)
            (_binary ??= new()).Merge(other._binary);
        if (other._classScores is { } scores)
            (_classScores ??= new(scores.Classes)).Merge(scores);
        if (other._confusion is null)
            return;
        _confusion ??= new long[other._confusion.Length];
        for (var i = 0; i < _confusion.Length; i++)
            _confusion[i] += other._confusion[i];
    }

    public void Write(BinaryWriter writer)
    {
        writer.Write(Rows);
        writer.Write(Loss);
        writer.Write(Weight);
        writer.Write(Right);
        writer.Write(_binary is not null);
        _binary?.Write(writer);
        writer.Write(_classScores?.Classes ?? 0);
        _classScores?.Write(writer);
        ShardFormat.WriteArray<long>(writer, _confusion ?? []);
    }

    public static LossSums Read(BinaryReader reader)
    {
        var sums = new LossSums { Rows = reader.ReadInt64(), Loss = reader.ReadDouble(), Weight = reader.ReadDouble(), Right = reader.ReadInt64() };
        sums._binary = reader.ReadBoolean() ? BinaryMetrics.Read(reader) : null;
        var classes = reader.ReadInt32();
        sums._classScores = classes > 0 ? Training.ClassScores.Read(reader, classes) : null;
        sums._confusion = ShardFormat.ReadArray<long>(reader) is { Length: > 0 } confusion ? confusion : null;
        return sums;
    }

    private Shrunk Shrink() => _shrunk ??= Ranking is { } ranking && PlattScaling.Fit(ranking) is { Slope: < 1 } scaling
        ? new(scaling, scaling.MeanLoss(ranking))
        : new(null, Mean);

    private sealed record Shrunk(PlattScaling? Scaling, double Loss);

    /// <summary>AUC, macro F1, or RMSE in units of the target: what evaluations are summed up by.</summary>
    public double? Headline(ModelType type, double targetScale)
    {
        if (type != ModelType.Multiclass)
            return Metric(type, targetScale);
        var classes = Classes;
        var scores = new List<double>();
        for (var k = 0; k < classes; k++)
        {
            var (actual, predicted) = (0L, 0L);
            for (var other = 0; other < classes; other++)
            {
                actual += _confusion![k * classes + other];
                predicted += _confusion[other * classes + k];
            }
            if (actual > 0)
                scores.Add(2.0 * _confusion![k * classes + k] / (actual + predicted));
        }
        return scores.Count == 0 ? null : scores.Average();
    }

    /// <summary>What these examples say of a fold that they are.</summary>
    /// <param name="type">Type of the model.</param>
    /// <param name="targetScale">Unit of a regression's target.</param>
    /// <param name="shrinkage">By what the model's scores are corrected.</param>
    public FoldResult ToResult(ModelType type, double targetScale, ScoreScaling? shrinkage = null)
    {
        var loss = shrinkage is { } by && Ranking is { } ranking ? new PlattScaling(by.Slope, by.Offsets[0]).MeanLoss(ranking) : Mean;
        return new(Rows, Headline(type, targetScale), Rows == 0 ? null : loss);
    }

    /// <summary>AUC, accuracy, or RMSE in units of the target.</summary>
    public double? Metric(ModelType type, double targetScale) => type switch
    {
        ModelType.Binary => _binary?.Auc(),
        ModelType.Multiclass => Rows == 0 ? null : (double)Right / Rows,
        _ => Weight == 0 ? null : Math.Sqrt(2 * Loss / Weight) * targetScale,
    };
}
