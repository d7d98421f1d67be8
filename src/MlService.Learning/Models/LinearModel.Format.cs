using MlService.Learning.Features;

namespace MlService.Learning.Models;

/// <content>
/// What is a linear model's own in its file: number of numbers and their centres (binary32), intercepts (binary64), weights (binary32, for
/// each feature all outputs).
/// </content>
public sealed partial class LinearModel
{
    internal static LinearModel Read(BinaryReader reader, ModelHead head)
    {
        var vocabulary = FeatureVocabulary.Read(reader, head.Plan.SlotCount);
        var (centers, intercepts, weights) = ReadWeights(reader, head, vocabulary.Count);
        return new(head, vocabulary, centers, weights, intercepts);
    }

    /// <summary>Reads what follows the vocabulary.</summary>
    internal static (float[] Centers, double[] Intercepts, float[] Weights) ReadWeights(BinaryReader reader, ModelHead head, int features)
    {
        var numbers = reader.ReadInt32();
        if (numbers < 0 || numbers > features)
            throw ModelFile.Damaged("it has more numbers than features");
        var centers = ReadFloats(reader, numbers);
        var intercepts = new double[head.Target.Outputs];
        foreach (ref var intercept in intercepts.AsSpan())
            if (!double.IsFinite(intercept = reader.ReadDouble()))
                throw ModelFile.Damaged("an intercept is no number");
        // As many features were read, so this is in proportion to the file.
        return (centers, intercepts, ReadFloats(reader, (long)features * intercepts.Length));
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
