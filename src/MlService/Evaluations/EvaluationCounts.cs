using System.Text;
using MlService.Learning.Metrics;
using MlService.Learning.Models;
using MlService.Learning.Scoring;
using MlService.Learning.Training;

namespace MlService.Evaluations;

/// <summary>The metrics of one shard, of the kind that suits the model; shards add up.</summary>
internal sealed class EvaluationCounts
{
    private readonly TargetEncoder _target;

    public EvaluationCounts(ScoringModel model)
    {
        _target = model.Target;
        switch (model.Type)
        {
            case ModelType.Binary:
                Binary = new BinaryMetrics();
                break;
            case ModelType.Multiclass:
                Multiclass = new MulticlassMetrics(model.Classes);
                break;
            default:
                Regression = new RegressionMetrics();
                break;
        }
    }

    private EvaluationCounts(ScoringModel model, BinaryReader reader)
    {
        _target = model.Target;
        InvalidRows = reader.ReadInt64();
        switch (model.Type)
        {
            case ModelType.Binary:
                Binary = BinaryMetrics.Read(reader);
                break;
            case ModelType.Multiclass:
                Multiclass = MulticlassMetrics.Read(reader);
                break;
            default:
                Regression = RegressionMetrics.Read(reader);
                break;
        }
    }

    public BinaryMetrics? Binary { get; }

    public MulticlassMetrics? Multiclass { get; }

    public RegressionMetrics? Regression { get; }

    /// <summary>Rows with a valid target.</summary>
    public long Rows => Binary?.Rows ?? Multiclass?.Rows ?? Regression!.Rows;

    /// <summary>Rows that could not be read, or have no valid target.</summary>
    public long InvalidRows { get; set; }

    public void Add(in Prediction prediction, ReadOnlySpan<byte> actual)
    {
        if (Multiclass is not null)
        {
            // A class that training never saw is a class all the same: the model gets it wrong.
            if (actual.IsEmpty)
                InvalidRows++;
            else
                Multiclass.Add(prediction.Probabilities, actual);
        }
        else if (!_target.TryEncode(actual, out var label))
        {
            InvalidRows++;
        }
        else if (Binary is not null)
        {
            Binary.Add((float)prediction.Value, label > 0);
        }
        else
        {
            Regression!.Add(prediction.Value, label);
        }
    }

    /// <summary>Writes the counts for another process.</summary>
    public void Write(Stream stream)
    {
        using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        writer.Write(InvalidRows);
        Binary?.Write(writer);
        Multiclass?.Write(writer);
        Regression?.Write(writer);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="stream">Can seek.</param>
    /// <param name="model">The model that is judged.</param>
    public static EvaluationCounts Read(Stream stream, ScoringModel model)
    {
        using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
        return new EvaluationCounts(model, reader);
    }

    public void Merge(EvaluationCounts other)
    {
        Binary?.Merge(other.Binary!);
        Multiclass?.Merge(other.Multiclass!);
        Regression?.Merge(other.Regression!);
        InvalidRows += other.InvalidRows;
    }
}
