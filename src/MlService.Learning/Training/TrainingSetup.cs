using MlService.Learning.Features;

namespace MlService.Learning.Training;

/// <summary>What the coordinator and all shards of one training share. Immutable.</summary>
/// <param name="Plan">The recipe, fitted on the training data.</param>
/// <param name="Target">How targets become labels.</param>
/// <param name="Parameters">How to train.</param>
public sealed record TrainingSetup(FeaturePlan Plan, TargetEncoder Target, TrainingParameters Parameters);
