namespace MlService.Benchmarks.Data;

/// <summary>What the generated target is.</summary>
internal enum LearningTask
{
    /// <summary>0 or 1.</summary>
    Binary,

    /// <summary>One of ten classes, k0 to k9.</summary>
    Multiclass,

    /// <summary>A number.</summary>
    Regression,
}
