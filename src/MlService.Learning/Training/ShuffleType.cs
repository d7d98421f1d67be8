namespace MlService.Learning.Training;

/// <summary>In which order training reads the rows: Amazon's <c>sgd.shuffleType</c>.</summary>
public enum ShuffleType
{
    /// <summary>Pseudo-random, another order in each pass.</summary>
    Auto,

    /// <summary>As they stand in the files.</summary>
    None,
}
