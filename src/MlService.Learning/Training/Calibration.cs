namespace MlService.Learning.Training;

/// <summary>How a model's scores are made probabilities, where they are not yet.</summary>
public enum Calibration
{
    /// <summary>Left as they were learned.</summary>
    None,

    /// <summary>Log-odds of a binary model, scores of each class of a multiclass one, corrected linearly by examples that were not learned from.</summary>
    Platt,
}
