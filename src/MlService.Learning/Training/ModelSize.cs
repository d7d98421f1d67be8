using MlService.Learning.Features;
using MlService.Learning.Models;

namespace MlService.Learning.Training;

/// <summary>How large a model's file will be at most, before it is trained.</summary>
internal sealed class ModelSize
{
    // The log, and figures of the summary that are not known yet.
    private const int LogBytes = 20_000;

    private readonly long _fixed;
    private readonly int _outputs;

    public ModelSize(TrainingSetup setup)
    {
        _outputs = setup.Target.Outputs;
        _fixed = LinearModel.Empty(setup).SizeInBytes + LogBytes;
    }

    /// <summary>Size of a file with the first <paramref name="count"/> features of a vocabulary.</summary>
    public long Of(FeatureVocabulary vocabulary, int count)
    {
        var bytes = _fixed;
        for (var id = 0; id < count; id++)
            bytes += FeatureBytes(vocabulary, id);
        return ModelFile.WithFrames(bytes);
    }

    /// <summary>How many of the first features fit in a file of the given size.</summary>
    /// <exception cref="InvalidInputException">Not even schema and recipe fit.</exception>
    public int Fitting(FeatureVocabulary vocabulary, long maxBytes)
    {
        var bytes = _fixed;
        if (ModelFile.WithFrames(bytes) > maxBytes)
            throw new InvalidInputException($"sgd.maxMLModelSizeInBytes is {maxBytes}, but the model needs {ModelFile.WithFrames(bytes)} "
                + "bytes for its schema and recipe alone. Raise it.");
        // A learner's numbers lie in one array.
        var most = (int)Math.Min(vocabulary.Count, Array.MaxLength / LearnerState.CellCount(0, _outputs) - 1);
        for (var id = 0; id < most; id++)
        {
            bytes += FeatureBytes(vocabulary, id);
            if (ModelFile.WithFrames(bytes) > maxBytes)
                return id;
        }
        return most;
    }

    // Slot, length, occurrences and token in the vocabulary; weights; the mean where it is a number.
    private long FeatureBytes(FeatureVocabulary vocabulary, int id) => 2 + 3 + 5 + vocabulary.Token(id).Length + 4L * _outputs + 4;
}
