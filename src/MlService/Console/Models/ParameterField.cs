using MlService.Learning.Training;

namespace MlService.Console.Models;

/// <summary>A training parameter as people set it.</summary>
/// <param name="Key">The parameter.</param>
/// <param name="Label">What it is called.</param>
/// <param name="Help">What it does, and what it may be.</param>
/// <param name="Choices">Values to choose from, each in words; there are no others unless <paramref name="IsOpen"/>.</param>
/// <param name="IsOpen">Whether other values can be typed.</param>
/// <param name="For">The types of target that it is for; empty for all.</param>
internal sealed record ParameterField(
    string Key, string Label, string Help, IReadOnlyList<(string Value, string Words)> Choices, bool IsOpen = true, string[]? For = null)
{
    /// <summary>Chooses what learns, and so which other parameters there are.</summary>
    public static ParameterField Algorithm { get; } = new(
        "algorithm", "What learns", "Linear models explain themselves by their weights; trees find what matters only together.",
        [("sgd", "Linear model (SGD)"), ("lightGbm", "Trees (LightGBM)"), ("fastTree", "Trees (FastTree)")], IsOpen: false);

    private static readonly ParameterField[] Linear =
    [
        new("sgd.maxPasses", "Most passes", "How often the rows are gone through, at most; training stops before, once it no longer gains. 1 to 10,000.", Plain("1", "10", "50", "100")),
        new("sgd.l2RegularizationAmount", "L2 regularization", "Keeps all weights small. auto tries what is best; 0 for none, 1e-6 mild, 1e-4 medium, 1e-2 strong.", Plain("auto", "0", "1e-6", "1e-4", "1e-2")),
        new("sgd.l1RegularizationAmount", "L1 regularization", "Drops features that tell little. auto tries whether it is better than L2; above 0, L2 must be 0.", Plain("auto", "0", "1e-7", "1e-6", "1e-5")),
        new("sgd.learningRate", "Learning rate", "auto lets several race and keeps the best.", Plain("auto", "0.01", "0.1", "1")),
        new("sgd.tolerance", "Tolerance", "Training stops when a pass gains less than this part of the loss.", Plain("0", "1e-4", "1e-3")),
        new("sgd.shuffleType", "Shuffle", "Rows that are sorted teach badly.", [("auto", "mix the rows before each pass"), ("none", "keep their order")], IsOpen: false),
    ];

    private static readonly ParameterField[] Trees =
    [
        new("trees.number", "Trees", "How many, of each class where there are several. 1 to 10,000.", Plain("50", "100", "300")),
        new("trees.leaves", "Most leaves of a tree", "More of them find finer rules, and learn more by heart. 2 to 4,096.", Plain("15", "31", "63")),
        new("trees.learningRate", "Learning rate", "How far each tree goes; above 0, up to 1.", Plain("0.05", "0.1", "0.2")),
        new("trees.minExamplesPerLeaf", "Fewest rows of a leaf", "Fewer rows are no rule. 1 to 1,000,000.", Plain("10", "20", "100")),
    ];

    private static readonly ParameterField[] Common =
    [
        new("sgd.classWeights", "Class weights", "balanced lets a rare class count as much as a frequent one; {\"1\": 10} sets a class's weight.", Plain("none", "balanced"), For: ["BINARY", "CATEGORICAL"]),
        new("sgd.calibration", "Calibration", "Makes scores the shares that occur, by rows that were not learned from.", [("none", "leave the scores"), ("platt", "fit them (Platt)")], IsOpen: false, For: ["BINARY", "CATEGORICAL"]),
        new("sgd.maxMLModelSizeInBytes", "Largest model, in bytes", "Rare features are left out to keep to it. 100,000 to 2,147,483,648.", Plain("104857600", "33554432", "1073741824")),
        new("sgd.seed", "Seed", "The same seed on the same data gives the same model.", Plain("0", "1")),
        new("sgd.folds", "Cross-validation", "As many models learn besides, each without one part of the rows, and are judged on that part.",
            [("0", "none"), ("3", "3 folds"), ("5", "5 folds"), ("10", "10 folds")], IsOpen: false),
    ];

    /// <summary>The parameters of an algorithm for a type of target.</summary>
    public static IEnumerable<ParameterField> Of(string algorithm, string? targetType) =>
        (algorithm == TrainingParameters.ToText(Learning.Training.Algorithm.Sgd) ? Linear : Trees).Concat(Common)
            .Where(field => field.For is null || targetType is null || field.For.Contains(targetType));

    private static (string Value, string Words)[] Plain(params string[] values) => [.. values.Select(value => (value, value))];
}
