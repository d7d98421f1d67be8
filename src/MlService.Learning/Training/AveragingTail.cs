using System.Runtime.CompilerServices;

namespace MlService.Learning.Training;

/// <summary>
/// Averages weights over the last h rows of a slice without touching the inactive ones: a change Δ of a weight at the t-th of
/// them is missing from the t−1 rows before it, so average = final − Σ Δ·(t−1)/h. These are the last half of the first pass, in
/// which weights come from nowhere, and all of a later one.
/// (B. Polyak, A. Juditsky, "Acceleration of Stochastic Approximation by Averaging", 1992, over a suffix.)
/// </summary>
internal struct AveragingTail
{
    private readonly long _begin;
    private readonly float _share;
    private long _row;

    /// <summary>Prepares a slice of some rows.</summary>
    public AveragingTail(long rows, bool isFirstPass)
    {
        _begin = isFirstPass ? rows / 2 : 0;
        _share = 1f / Math.Max(1, rows - _begin);
    }

    /// <summary>The share of the next row: 0 up to the first that counts, then (t−1)/h.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Next() => Math.Max(0, _row++ - _begin) * _share;
}
