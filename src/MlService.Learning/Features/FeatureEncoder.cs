using MlService.Learning.Records;

namespace MlService.Learning.Features;

/// <summary>
/// Turns records into features by a plan. For one thread; nothing is allocated per record once its buffers have the size that
/// the data needs.
/// </summary>
internal abstract class FeatureEncoder
{
    /// <summary>Encodes one record.</summary>
    /// <param name="record">A field per attribute of the encoder's input schema.</param>
    /// <param name="into">Receives the features, each at most once; cleared first.</param>
    public abstract void Encode(in Record record, FeatureVector into);
}
