namespace MlService.Learning.Training;

/// <summary>What training is doing.</summary>
public enum TrainingPhase
{
    /// <summary>Rows are read and turned into examples.</summary>
    Encoding,

    /// <summary>The shards' vocabularies become one numbering.</summary>
    Merging,

    /// <summary>Passes over the examples.</summary>
    Learning,

    /// <summary>The model is put together.</summary>
    Finishing,
}

/// <summary>How far training is.</summary>
/// <param name="Phase">What is being done.</param>
/// <param name="Shard">Index of the shard that reports.</param>
/// <param name="Rows">Rows done in this phase and pass, the mean of all learners; where rates are cross-validated, of all passes so far.</param>
/// <param name="BytesRead">Bytes of the input read, while encoding.</param>
/// <param name="Pass">Pass, from 1; 0 before learning.</param>
/// <param name="Loss">Mean loss of the last finished pass, on held-out rows where there are any.</param>
public readonly record struct TrainingProgress(TrainingPhase Phase, int Shard, long Rows, long BytesRead, int Pass, double? Loss);
