namespace MlService.Learning.Features;

/// <summary>
/// Weights of the tokens of a <c>tfidf</c> output: a token that is in n of N training records has ln((1 + N) / (1 + n)) + 1, the inverse
/// document frequency (K. Spärck Jones, "A statistical interpretation of term specificity", 1972), smoothed as if one more record had
/// every token; and those of a record are divided by their length, the root of the sum of their squares, so that long texts count no
/// more than short ones.
/// </summary>
internal static class TokenRarity
{
    /// <summary>The weight of a token before it is divided by the record's length.</summary>
    /// <param name="records">Training records that have it.</param>
    /// <param name="all">All training records.</param>
    public static float Of(long records, long all) => (float)(Math.Log(Math.Max(1, (1.0 + all) / (1.0 + records))) + 1);
}
