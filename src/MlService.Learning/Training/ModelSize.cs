using MlService.Learning.Models;

namespace MlService.Learning.Training;

/// <summary>How large a model's file will be at most, before it is written.</summary>
internal sealed class ModelSize
{
    // The log, and figures of the summary that are not known yet.
    private const int LogBytes = 20_000;

    // Learning knows more features than the model keeps, so that what is kept can be chosen by what was learned. So many weights are
    // cheap: 20 bytes each for every learner of a race.
    private const int CheapWeights = 1 << 21;

    private readonly long _fixed;
    private readonly int _outputs;
    private readonly long _most;

    /// <summary>Creates the measure of one training.</summary>
    /// <exception cref="InvalidInputException">Not even schema and recipe fit.</exception>
    public ModelSize(TrainingSetup setup)
    {
        _outputs = setup.Target.Outputs;
        _fixed = LinearModel.Empty(setup).SizeInBytes + LogBytes;
        _most = setup.Parameters.MaxModelSizeInBytes;
        if (ModelFile.WithFrames(_fixed) > _most)
            throw new InvalidInputException($"sgd.maxMLModelSizeInBytes is {_most}, but the model needs {ModelFile.WithFrames(_fixed)} "
                + "bytes for its schema and recipe alone. Raise it.");
    }

    /// <summary>Most features to learn about.</summary>
    public int Candidates => (int)Math.Min(
        Math.Max(CheapWeights / _outputs, _most / (4L * _outputs)),
        Array.MaxLength / LearnerState.CellCount(0, _outputs) - 1);     // a learner's numbers lie in one array

    /// <summary>Greatest size of a file with all features, or those that fit.</summary>
    public long Of(FeatureNumbering numbering) => Math.Min(OfAll(numbering), _most);

    /// <summary>Whether a file can hold all features.</summary>
    public bool FitsAll(FeatureNumbering numbering) => OfAll(numbering) <= _most;

    /// <summary>How many of the given features fit in a file, taken in their order.</summary>
    public int Fitting(FeatureNumbering numbering, ReadOnlySpan<int> ids)
    {
        var bytes = _fixed;
        var count = 0;
        while (count < ids.Length && ModelFile.WithFrames(bytes += FeatureBytes(numbering, ids[count])) <= _most)
            count++;
        return count;
    }

    /// <summary>Bytes that a feature takes: itself and its count in the vocabulary; weights; the mean where it is a number.</summary>
    public long FeatureBytes(FeatureNumbering numbering, int id) =>
        numbering.Vocabulary.FileBytes(id) + 4L * _outputs + (numbering.Numbers.ContainsKey(id) ? 4 : 0);

    private long OfAll(FeatureNumbering numbering)
    {
        var features = numbering.Vocabulary;
        return ModelFile.WithFrames(_fixed + features.FileBytes() + 4L * _outputs * features.Count + 4L * numbering.Numbers.Count);
    }
}
