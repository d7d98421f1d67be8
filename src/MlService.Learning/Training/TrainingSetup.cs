using MlService.Learning.Features;
using MlService.Learning.Models;

namespace MlService.Learning.Training;

/// <summary>What the coordinator and all shards of one training share. Immutable.</summary>
/// <param name="Plan">The recipe, fitted on the training data.</param>
/// <param name="Target">How targets become labels.</param>
/// <param name="Parameters">How to train.</param>
internal sealed record TrainingSetup(FeaturePlan Plan, TargetEncoder Target, TrainingParameters Parameters)
{
    /// <summary>Whether some examples may count more than others.</summary>
    public bool HasWeights => Plan.Schema.RowWeightIndex >= 0 || Parameters.ClassWeights != ClassWeights.None;

    /// <summary>Writes the setup for a shard in another process.</summary>
    /// <param name="stream">Stays open.</param>
    public void Write(Stream stream) => ShardFormat.Write(stream, writer =>
    {
        Plan.Write(writer);
        writer.Write(Target.Name);
        LinearModel.WriteList(writer, Target.Classes, writer.Write);
        LinearModel.WriteList(writer, [.. Parameters.ToDictionary()], pair =>
        {
            writer.Write(pair.Key);
            writer.Write(pair.Value);
        });
    });

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="stream">Can seek; read to its end; stays open.</param>
    /// <exception cref="InvalidInputException">The bytes are damaged.</exception>
    public static TrainingSetup Read(Stream stream) => ShardFormat.Read(stream, reader =>
    {
        var plan = FeaturePlan.Read(reader);
        var name = reader.ReadString();
        var target = plan.Schema.IndexOf(name);
        if (target < 0)
            throw ShardFormat.Damaged("its target is not in its schema");
        var classes = LinearModel.ReadList(reader, TargetEncoder.MaxClasses, reader.ReadString);
        var parameters = LinearModel.ReadList(reader, 100, () => KeyValuePair.Create(reader.ReadString(), reader.ReadString()));
        return new TrainingSetup(
            plan,
            TargetEncoder.Create(ModelTypes.Of(plan.Schema.Attributes[target].Type), name, classes),
            TrainingParameters.Parse(parameters.ToDictionary()));
    });
}
