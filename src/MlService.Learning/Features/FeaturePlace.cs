namespace MlService.Learning.Features;

/// <summary>What a feature space answers where a token has no place to give.</summary>
internal static class FeaturePlace
{
    /// <summary>The token has no place.</summary>
    public const int None = -1;

    /// <summary>It takes longer to tell.</summary>
    public const int NotYetKnown = -2;
}
