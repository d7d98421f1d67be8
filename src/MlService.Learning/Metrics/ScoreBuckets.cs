using System.Runtime.CompilerServices;

namespace MlService.Learning.Metrics;

/// <summary>
/// Numbers the scores from 0 to 1 in buckets that keep their order and are fine at both ends: below one half by the upper bits
/// of the score as binary32, above by those of 1 − score. A bucket spans at most 1/512 of its score's distance to the nearer end.
/// </summary>
internal static class ScoreBuckets
{
    private const int DroppedBits = 14;
    private const int Half = 0x3F000000 >> DroppedBits;     // bits of 0.5f

    /// <summary>Number of buckets.</summary>
    public const int Count = 2 * Half + 1;

    /// <summary>The bucket of a score; scores outside 0 to 1 count as the nearer end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Of(float score) => score < 0.5f
        ? BitConverter.SingleToInt32Bits(Math.Max(score, 0)) >> DroppedBits
        : 2 * Half - (BitConverter.SingleToInt32Bits(Math.Max(1 - score, 0)) >> DroppedBits);

    /// <summary>The least score of a bucket, to within rounding.</summary>
    public static float Least(int bucket) => bucket < Half
        ? BitConverter.Int32BitsToSingle(bucket << DroppedBits)
        : 1 - BitConverter.Int32BitsToSingle(Math.Min(((2 * Half - bucket + 1) << DroppedBits) - 1, 0x3F000000));
}
