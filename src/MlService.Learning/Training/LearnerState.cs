using MlService.Learning.Models;

namespace MlService.Learning.Training;

/// <summary>
/// One learner of the race: its learning rate, weights and what the steps need. Goes from the coordinator to the shards and
/// back; by reference within a process.
/// </summary>
/// <remarks>
/// A feature's numbers lie side by side, so that a step touches one place: for K outputs (padded to a multiple of 4 above one)
/// K weights, K sums of squared gradients, K sums for the average over a slice, one penalty. Feature
/// <see cref="Features"/> is the intercept: always active, never penalised.
/// </remarks>
internal sealed class LearnerState
{
    // Every sum of squared gradients starts at 1: a feature seen once or twice moves by about the learning rate times its
    // gradient and not, as with 0, by the whole rate. It is what keeps rare features from being learned by heart.
    private const float InitialSquaredGradient = 1;

    internal LearnerState(
        int id, double rate, int features, int outputs, float[] penalties, ReadOnlySpan<float> intercepts = default, Regularization regularization = default)
    {
        Id = id;
        Rate = rate;
        Regularization = regularization;
        Features = features;
        Outputs = outputs;
        Width = outputs == 1 ? 1 : (outputs + 3) & ~3;
        Stride = 3 * Width + (outputs == 1 ? 1 : 4);
        Cells = new float[CellCount(features, outputs)];
        Average = new float[(features + 1) * Width];
        for (var feature = 0; feature <= features; feature++)
        {
            var cells = Cells.AsSpan(feature * Stride, Stride);
            for (var k = Width; k < 2 * Width; k++)
                cells[k] = InitialSquaredGradient;
            cells[3 * Width] = feature < features ? penalties[feature] : 0;
        }
        intercepts.CopyTo(Cells.AsSpan(features * Stride));
    }

    private LearnerState(int id, double rate, Regularization regularization, int features, int outputs, float[] cells, float[] average)
    {
        (Id, Rate, Regularization, Features, Outputs, Cells, Average) = (id, rate, regularization, features, outputs, cells, average);
        Width = outputs == 1 ? 1 : (outputs + 3) & ~3;
        Stride = 3 * Width + (outputs == 1 ? 1 : 4);
    }

    private LearnerState(LearnerState other)
    {
        (Id, Rate, Regularization, Features, Outputs, Width, Stride) =
            (other.Id, other.Rate, other.Regularization, other.Features, other.Outputs, other.Width, other.Stride);
        Cells = [.. other.Cells];
        Average = [.. other.Average];
    }

    /// <summary>Number of the learner in the race, from 0.</summary>
    public int Id { get; }

    /// <summary>Its learning rate.</summary>
    public double Rate { get; }

    /// <summary>What its penalties come from.</summary>
    public Regularization Regularization { get; }

    /// <summary>Number of features without the intercept.</summary>
    public int Features { get; }

    /// <summary>Number of outputs: 1, or the number of classes.</summary>
    public int Outputs { get; }

    internal int Width { get; }

    internal int Stride { get; }

    internal float[] Cells { get; }

    /// <summary>Averaged weights, <see cref="Width"/> per feature; what is evaluated and in the end kept.</summary>
    internal float[] Average { get; }

    /// <summary>Number of features whose weights <see cref="Prune"/> has fixed at zero.</summary>
    internal int Pruned { get; private set; }

    /// <summary>Number of features whose averaged weights are not all zero.</summary>
    internal int CountActive()
    {
        if (Width == 1)
            return Features - Average.AsSpan(0, Features).Count(0f);
        var active = 0;
        for (var feature = 0; feature < Features; feature++)
            active += Average.AsSpan(feature * Width, Outputs).ContainsAnyExcept(0f) ? 1 : 0;
        return active;
    }

    /// <summary>Sums of squared gradients of a feature, by output.</summary>
    internal ReadOnlySpan<float> SquaredGradients(int feature) => Cells.AsSpan(feature * Stride + Width, Outputs);

    /// <summary>Goes on from averaged weights with some of the features; the weights of the others are zero from now on.</summary>
    /// <param name="weights">As in <see cref="Average"/>.</param>
    /// <param name="kept">By feature.</param>
    internal void Prune(ReadOnlySpan<float> weights, ReadOnlySpan<bool> kept)
    {
        weights.CopyTo(Average);
        Pruned = 0;
        for (var feature = 0; feature <= Features; feature++)
        {
            var average = Average.AsSpan(feature * Width, Width);
            if (feature < Features && !kept[feature])
            {
                // No step gets away from zero against a penalty without end.
                Penalty(feature) = float.PositiveInfinity;
                average.Clear();
                Pruned++;
            }
            average.CopyTo(Cells.AsSpan(feature * Stride));
        }
    }

    /// <summary>Whether <see cref="Prune"/> has fixed a feature's weights at zero.</summary>
    internal bool IsPruned(int feature) => float.IsPositiveInfinity(Penalty(feature));

    private ref float Penalty(int feature) => ref Cells[feature * Stride + 3 * Width];

    /// <summary>Number of floats that a learner's state takes.</summary>
    internal static long CellCount(long features, int outputs) =>
        (features + 1) * (outputs == 1 ? 4 : 3 * ((outputs + 3) & ~3) + 4);

    internal LearnerState Copy() => new(this);

    /// <summary>Writes what learning has changed; <see cref="Restore"/> reads it into a learner made the same way.</summary>
    internal void Save(BinaryWriter writer)
    {
        LinearModel.WriteFloats(writer, Cells);
        LinearModel.WriteFloats(writer, Average);
    }

    internal void Restore(BinaryReader reader)
    {
        foreach (ref var cell in Cells.AsSpan())
            cell = reader.ReadSingle();
        LinearModel.ReadFloats(reader, Average.Length).CopyTo(Average, 0);
        Pruned = Enumerable.Range(0, Features).Count(IsPruned);
    }

    /// <summary>Writes all of it, for another process.</summary>
    internal void WriteWhole(BinaryWriter writer)
    {
        writer.Write(Id);
        writer.Write(Rate);
        Regularization.Write(writer);
        writer.Write(Features);
        writer.Write(Outputs);
        ShardFormat.WriteArray<float>(writer, Cells);
        ShardFormat.WriteArray<float>(writer, Average);
    }

    internal static LearnerState ReadWhole(BinaryReader reader)
    {
        var (id, rate, regularization) = (reader.ReadInt32(), reader.ReadDouble(), Regularization.Read(reader));
        var (features, outputs) = (reader.ReadInt32(), reader.ReadInt32());
        if (features < 0 || outputs is < 1 or > TargetEncoder.MaxClasses)
            throw ShardFormat.Damaged($"a learner of {features} features and {outputs} outputs");
        var (cells, average) = (ShardFormat.ReadArray<float>(reader), ShardFormat.ReadArray<float>(reader));
        var learner = new LearnerState(id, rate, regularization, features, outputs, cells, average);
        return cells.Length == CellCount(features, outputs) && average.Length == (features + 1L) * learner.Width
            ? learner
            : throw ShardFormat.Damaged($"a learner of {features} features with {cells.Length} numbers");
    }

    /// <summary>
    /// The average over a slice: final weights plus the drift collected on the way; zero where the drift says
    /// that L1 brought the weight to zero.
    /// </summary>
    internal void TakeAverage()
    {
        for (var feature = 0; feature <= Features; feature++)
        {
            var cells = Cells.AsSpan(feature * Stride, 3 * Width);
            for (var k = 0; k < Width; k++)
            {
                ref var drift = ref cells[2 * Width + k];
                Average[feature * Width + k] = float.IsNaN(drift) ? 0 : cells[k] + drift;
                drift = 0;
            }
        }
    }
}
