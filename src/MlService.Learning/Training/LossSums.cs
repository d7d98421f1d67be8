using MlService.Learning.Metrics;
using MlService.Learning.Models;

namespace MlService.Learning.Training;

/// <summary>Losses of some examples, and what the metric of their kind needs. Mergeable.</summary>
internal sealed class LossSums
{
    private BinaryMetrics? _binary;

    public long Rows { get; private set; }

    public double Loss { get; private set; }

    public long Right { get; private set; }

    /// <summary>Mean loss of an example.</summary>
    public double Mean => Rows == 0 ? double.NaN : Loss / Rows;

    public static LossSums Of(double loss, long rows) => new() { Loss = loss, Rows = rows };

    public void Add(double loss)
    {
        Rows++;
        Loss += loss;
    }

    public void AddBinary(double loss, float score, bool positive)
    {
        Add(loss);
        // Weights that ran away give no score; the loss then shows it.
        if (!float.IsNaN(score))
            (_binary ??= new()).Add(1 / (1 + MathF.Exp(-score)), positive);
    }

    public void AddMulticlass(double loss, bool isRight)
    {
        Add(loss);
        Right += isRight ? 1 : 0;
    }

    public void Merge(LossSums other)
    {
        Rows += other.Rows;
        Loss += other.Loss;
        Right += other.Right;
        if (other._binary is not null)
            (_binary ??= new()).Merge(other._binary);
    }

    public void Write(BinaryWriter writer)
    {
        writer.Write(Rows);
        writer.Write(Loss);
        writer.Write(Right);
        writer.Write(_binary is not null);
        _binary?.Write(writer);
    }

    public static LossSums Read(BinaryReader reader)
    {
        var sums = new LossSums { Rows = reader.ReadInt64(), Loss = reader.ReadDouble(), Right = reader.ReadInt64() };
        sums._binary = reader.ReadBoolean() ? BinaryMetrics.Read(reader) : null;
        return sums;
    }

    /// <summary>AUC, accuracy, or RMSE in units of the target.</summary>
    public double? Metric(ModelType type, double targetScale) => type switch
    {
        ModelType.Binary => _binary?.Rank().Auc,
        ModelType.Multiclass => Rows == 0 ? null : (double)Right / Rows,
        _ => Rows == 0 ? null : Math.Sqrt(2 * Loss / Rows) * targetScale,
    };
}
