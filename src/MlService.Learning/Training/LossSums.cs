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
internal sealed class LossSums
{
    private BinaryMetrics? _binary;

    public long Rows { get; private set; }

    public double Loss { get; private set; }

    /// <summary>Sum of the examples' weights.</summary>
    public double Weight { get; private set; }

    public long Right { get; private set; }

    /// <summary>Scores of a binary model; null where there are none.</summary>
    public ScoreRanking? Ranking => _binary?.Rank();

    /// <summary>Mean loss of an example.</summary>
    public double Mean => Weight == 0 ? double.NaN : Loss / Weight;

    public static LossSums Of(WeightedLoss losses, long rows) => new() { Loss = losses.Loss, Weight = losses.Weight, Rows = rows };

    public void Add(double loss, float weight)
    {
        Rows++;
        Loss += weight * loss;
        Weight += weight;
    }

    public void AddBinary(double loss, float weight, float score, bool positive)
    {
        Add(loss, weight);
        // Weights that ran away give no score; the loss then shows it.
        if (!float.IsNaN(score))
            (_binary ??= new()).Add(1 / (1 + MathF.Exp(-score)), positive);
    }

    public void AddMulticlass(double loss, float weight, bool isRight)
    {
        Add(loss, weight);
        Right += isRight ? 1 : 0;
    }

    public void Merge(LossSums other)
    {
        Rows += other.Rows;
        Loss += other.Loss;
        Weight += other.Weight;
        Right += other.Right;
        if (other._binary is not null)
            (_binary ??= new()).Merge(other._binary);
    }

    public void Write(BinaryWriter writer)
    {
        writer.Write(Rows);
        writer.Write(Loss);
        writer.Write(Weight);
        writer.Write(Right);
        writer.Write(_binary is not null);
        _binary?.Write(writer);
    }

    public static LossSums Read(BinaryReader reader)
    {
        var sums = new LossSums { Rows = reader.ReadInt64(), Loss = reader.ReadDouble(), Weight = reader.ReadDouble(), Right = reader.ReadInt64() };
        sums._binary = reader.ReadBoolean() ? BinaryMetrics.Read(reader) : null;
        return sums;
    }

    /// <summary>AUC, accuracy, or RMSE in units of the target.</summary>
    public double? Metric(ModelType type, double targetScale) => type switch
    {
        ModelType.Binary => Ranking?.Auc,
        ModelType.Multiclass => Rows == 0 ? null : (double)Right / Rows,
        _ => Weight == 0 ? null : Math.Sqrt(2 * Loss / Weight) * targetScale,
    };
}
