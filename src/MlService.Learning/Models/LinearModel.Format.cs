using MlService.Learning.Features;
using MlService.Learning.Training;

namespace MlService.Learning.Models;

/// <content>
/// What is a linear model's own in its file: number of numbers and their centres (binary32), intercepts (binary64), weights (binary32, for
/// each feature all outputs).
/// </content>
public sealed partial class LinearModel
{
    internal static LinearModel ReadLearned(
        BinaryReader reader, FeaturePlan plan, TargetEncoder target, TrainingParameters parameters, TrainingSummary summary, TrainingLog log,
        ModelFeatures features)
    {
        var numbers = reader.ReadInt32();
        if (numbers < 0 || numbers > features.Count)
            throw ModelFile.Damaged("it has more numbers than features");
        var centers = ReadFloats(reader, numbers);
        var intercepts = new double[target.Outputs];
        foreach (ref var intercept in intercepts.AsSpan())
            if (!double.IsFinite(intercept = reader.ReadDouble()))
                throw ModelFile.Damaged("an intercept is no number");
        // As many features were read, so this is in proportion to the file.
        var weights = ReadFloats(reader, (long)features.Count * target.Outputs);
        return new(plan, target, parameters, summary, log, features, centers, weights, intercepts);
    }

    private protected override void WriteLearned(BinaryWriter writer)
    {
        writer.Write(Centers.Length);
        WriteFloats(writer, Centers);
        foreach (var intercept in Intercepts)
            writer.Write(intercept);
        WriteFloats(writer, WeightValues);
    }
}
