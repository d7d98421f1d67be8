namespace MlService.Learning.Features;

/// <summary>A feature that a record has.</summary>
/// <param name="Slot">Its slot.</param>
/// <param name="Token">Its token.</param>
/// <param name="Name">Its name for people.</param>
/// <param name="Value">Its value: 1 for a token, whatever it may weigh.</param>
internal sealed record NamedFeature(int Slot, byte[] Token, string Name, float Value);
