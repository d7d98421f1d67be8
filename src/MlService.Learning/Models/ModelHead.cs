using MlService.Learning.Features;
using MlService.Learning.Training;

namespace MlService.Learning.Models;

/// <summary>What is known of a model beside what it learned.</summary>
/// <param name="Plan">The recipe, fitted on the training data; it also holds the training data's schema.</param>
/// <param name="Target">The target.</param>
/// <param name="Parameters">How it was trained.</param>
/// <param name="Summary">What it remembers of its training data.</param>
/// <param name="Log">The course of its training.</param>
internal sealed record ModelHead(
    FeaturePlan Plan, TargetEncoder Target, TrainingParameters Parameters, TrainingSummary Summary, TrainingLog Log)
{
    /// <summary>Records that features were counted in, if it matters to scores; otherwise null.</summary>
    public long? CountedIn => Plan.WeighsTokens ? Summary.Examples : null;
}
