namespace MlService.Learning.Models;

/// <summary>What a model remembers of its training data.</summary>
public sealed record TrainingSummary
{
    /// <summary>Rows that were learned from or held out.</summary>
    public required long Examples { get; init; }

    /// <summary>Rows left out because their target was missing or invalid.</summary>
    public required long InvalidRows { get; init; }

    /// <summary>Rows left out because they could not be read as records.</summary>
    public required long RejectedRows { get; init; }

    /// <summary>REGRESSION: mean of the target; BINARY: share of 1s; MULTICLASS: 0.</summary>
    public required double TargetMean { get; init; }

    /// <summary>REGRESSION: standard deviation of the target; else 1.</summary>
    public required double TargetDeviation { get; init; }

    /// <summary>Examples by class, in the order of the model's classes (BINARY: 0, 1); empty for REGRESSION.</summary>
    public required IReadOnlyList<long> LabelCounts { get; init; }

    /// <summary>Different features in the training data.</summary>
    public required long FeaturesSeen { get; init; }

    /// <summary>Features left out so that the model keeps to its size.</summary>
    public required long FeaturesPruned { get; init; }

    /// <summary>The learning rate that won.</summary>
    public double LearningRate { get; init; }

    /// <summary>Passes that made the model.</summary>
    public int Passes { get; init; }

    /// <summary>Outcome of the cross-validation that <c>sgd.folds</c> asked for, by fold; else empty.</summary>
    public IReadOnlyList<FoldResult> Folds { get; init; } = [];
}
