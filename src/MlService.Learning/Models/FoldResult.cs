namespace MlService.Learning.Models;

/// <summary>How well a model did that left out one fold of a cross-validation, on that fold.</summary>
/// <param name="Rows">Rows of the fold.</param>
/// <param name="Metric">BINARY: AUC; MULTICLASS: macro F1; REGRESSION: RMSE. Null where it is undefined.</param>
/// <param name="Loss">Mean loss of a row; of a regression in deviations of the target, squared and halved. Null without rows.</param>
public sealed record FoldResult(long Rows, double? Metric, double? Loss)
{
    internal void Write(BinaryWriter writer)
    {
        writer.Write(Rows);
        writer.Write(Metric ?? double.NaN);
        writer.Write(Loss ?? double.NaN);
    }

    internal static FoldResult Read(BinaryReader reader) => new(reader.ReadInt64(), Known(reader.ReadDouble()), Known(reader.ReadDouble()));

    private static double? Known(double value) => double.IsNaN(value) ? null : value;
}
