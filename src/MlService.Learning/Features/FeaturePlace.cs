namespace MlService.Learning.Features;

/// <summary>What there is in the place of a place.</summary>
internal static class FeaturePlace
{
    /// <summary>The token has no place.</summary>
    public const int None = -1;

    /// <summary>It takes longer to tell.</summary>
    public const int NotYetKnown = -2;
}
