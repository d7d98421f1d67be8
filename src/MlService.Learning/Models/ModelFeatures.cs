using MlService.Learning.Features;

namespace MlService.Learning.Models;

/// <summary>The features that have a part in a model: found by what a record says, and known by name unless the model is there to score only.</summary>
internal sealed class ModelFeatures
{
    private readonly FeatureVocabulary? _names;
    private readonly Lazy<FeatureIndex> _index;

    /// <summary>Features with their names.</summary>
    /// <param name="names">All of them, their ids without gaps.</param>
    /// <param name="examples">Records that they were counted in, if an output weighs its tokens; otherwise null.</param>
    public ModelFeatures(FeatureVocabulary names, long? examples)
    {
        (Count, _names) = (names.Count, names);
        _index = new(() => FeatureIndex.Of(names, examples));
    }

    /// <summary>Features without their names.</summary>
    public ModelFeatures(FeatureIndex index) => (Count, _index) = (index.Count, new(index));

    /// <summary>Number of features; their ids are below.</summary>
    public int Count { get; }

    /// <summary>The features by their names.</summary>
    /// <exception cref="InvalidOperationException">They were not loaded.</exception>
    public FeatureVocabulary Names => _names ?? throw new InvalidOperationException(
        "The model was loaded to score only, without the names of its features. Load it by LearnedModel.Load.");

    /// <summary>The features as a scorer finds them.</summary>
    public FeatureIndex Index => _index.Value;
}
