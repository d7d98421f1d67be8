using System.Globalization;

namespace MlService.Learning.Training;

/// <summary>
/// How to train: Amazon ML's <c>sgd.*</c> parameters and ours. Every value has a default and a range; the text forms are read
/// by <see cref="Parse"/> and written by <see cref="ToDictionary"/>.
/// </summary>
public sealed record TrainingParameters
{
    private const string MaxModelSizeKey = "sgd.maxMLModelSizeInBytes";
    private const string MaxModelSizeShortKey = "maxMLModelSizeInBytes";
    private const string MaxPassesKey = "sgd.maxPasses";
    private const string ShuffleTypeKey = "sgd.shuffleType";
    private const string L1Key = "sgd.l1RegularizationAmount";
    private const string L2Key = "sgd.l2RegularizationAmount";
    private const string LearningRateKey = "sgd.learningRate";
    private const string ToleranceKey = "sgd.tolerance";
    private const string SeedKey = "sgd.seed";
    internal const string ClassWeightsKey = "sgd.classWeights";
    private const string CalibrationKey = "sgd.calibration";
    private const string FoldsKey = "sgd.folds";
    private const string AlgorithmKey = "algorithm";
    private const string Auto = "auto";
    private const string TreesKey = "trees.number";
    private const string LeavesKey = "trees.leaves";
    private const string TreeRateKey = "trees.learningRate";
    private const string LeafExamplesKey = "trees.minExamplesPerLeaf";

    private static readonly string[] CommonKeys = [AlgorithmKey, MaxModelSizeKey, MaxModelSizeShortKey, SeedKey, ClassWeightsKey, FoldsKey, CalibrationKey];
    private static readonly string[] LinearKeys = [MaxPassesKey, ShuffleTypeKey, L1Key, L2Key, LearningRateKey, ToleranceKey];
    private static readonly string[] TreeKeys = [TreesKey, LeavesKey, TreeRateKey, LeafExamplesKey];

    /// <summary>The defaults: what Amazon's console filled in.</summary>
    public static TrainingParameters Default { get; } = new();

    /// <summary><c>sgd.maxMLModelSizeInBytes</c>: the model file never gets larger; 100,000 to 2,147,483,648, default 104,857,600.</summary>
    public long MaxModelSizeInBytes { get; init; } = 104_857_600;

    /// <summary><c>sgd.maxPasses</c>: the most passes over the data, 1 to 10,000, default 10. Of small data, which is cross-validated, at most 200 are tried.</summary>
    public int MaxPasses { get; init; } = 10;

    /// <summary><c>sgd.shuffleType</c>: default <see cref="ShuffleType.Auto"/>.</summary>
    public ShuffleType ShuffleType { get; init; }

    /// <summary>
    /// <c>sgd.l1RegularizationAmount</c>: λ of λ·Σ|w|, beside the mean loss of a row; at least 0, or null for <c>auto</c>: where
    /// <see cref="L2"/> is <c>auto</c> too and rows not learned from show that it is better, it takes L2's place; otherwise 0.
    /// </summary>
    public double? L1 { get; init; }

    /// <summary>
    /// <c>sgd.l2RegularizationAmount</c>: λ of λ/2·Σw², beside the mean loss of a row; at least 0, or null for <c>auto</c>: 1e-6, or more
    /// where rows not learned from show that more is better; 0 with L1.
    /// </summary>
    public double? L2 { get; init; }

    /// <summary><c>sgd.learningRate</c>: above 0, or null for <c>auto</c>, where several race and the best one wins.</summary>
    public double? LearningRate { get; init; }

    /// <summary>
    /// <c>sgd.tolerance</c>: training stops when a pass lowers the held-out loss by less than this part of it; 0 to 1, default 1e-4.
    /// </summary>
    public double Tolerance { get; init; } = 1e-4;

    /// <summary><c>sgd.seed</c>: of shuffling and of the choice of held-out rows; at least 0, default 0.</summary>
    public long Seed { get; init; }

    /// <summary><c>sgd.classWeights</c>: how much the examples of each class count; default <see cref="Training.ClassWeights.None"/>.</summary>
    public ClassWeights ClassWeights { get; init; } = ClassWeights.None;

    /// <summary><c>sgd.calibration</c>: how scores are made the shares that occur, in models of classes; default <see cref="Calibration.None"/>.</summary>
    public Calibration Calibration { get; init; }

    /// <summary><c>sgd.folds</c>: parts of a cross-validation that judges the model beside its training; 2 to 10, or 0 for none.</summary>
    public int Folds { get; init; }

    /// <summary><c>algorithm</c>: what learns; default <see cref="Training.Algorithm.Sgd"/>. Trees have parameters of their own.</summary>
    public Algorithm Algorithm { get; init; }

    /// <summary><c>trees.number</c>: how many trees, of each class where there are several; 1 to 10,000, default 100.</summary>
    public int Trees { get; init; } = 100;

    /// <summary><c>trees.leaves</c>: most leaves of a tree, 2 to 4,096, default 31.</summary>
    public int Leaves { get; init; } = 31;

    /// <summary><c>trees.learningRate</c>: how far each tree goes; above 0 and up to 1, default 0.1.</summary>
    public double TreeLearningRate { get; init; } = 0.1;

    /// <summary><c>trees.minExamplesPerLeaf</c>: fewest examples of a leaf, 1 to 1,000,000, default 20.</summary>
    public int MinExamplesPerLeaf { get; init; } = 20;

    /// <summary>Reads parameters; those left out get their defaults.</summary>
    /// <exception cref="InvalidInputException">An unknown key, or a value out of its range; the message names both.</exception>
    public static TrainingParameters Parse(IReadOnlyDictionary<string, string> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        var result = Default;
        foreach (var (name, value) in parameters.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            result = result.With(name, value);
        var foreign = result.Algorithm == Algorithm.Sgd ? TreeKeys : LinearKeys;
        if (parameters.Keys.FirstOrDefault(foreign.Contains) is { } key)
            throw new InvalidInputException($"{key} is no parameter of algorithm {ToText(result.Algorithm)}. Leave it out, or choose another algorithm.");
        if (parameters.TryGetValue(MaxModelSizeKey, out var size) && parameters.TryGetValue(MaxModelSizeShortKey, out var other)
            && size != other)
            throw new InvalidInputException(
                $"{MaxModelSizeKey} is \"{Short(size)}\" and {MaxModelSizeShortKey} is \"{Short(other)}\". They mean the same: give one.");
        // Either is settled by the other.
        if (result.L1 > 0 && result.L2 is null)
            result = result with { L2 = 0 };
        else if (result.L2 is not null && result.L1 is null)
            result = result with { L1 = 0 };
        if (result.L1 > 0 && result.L2 > 0)
            throw new InvalidInputException(
                $"{L1Key} is \"{Short(parameters[L1Key])}\" and {L2Key} is \"{Short(parameters[L2Key])}\". Set one of them to 0.");
        return result;
    }

    /// <summary>All parameters of the algorithm as text, the defaults included, in the spelling that Amazon's console used.</summary>
    public IReadOnlyDictionary<string, string> ToDictionary()
    {
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            [AlgorithmKey] = ToText(Algorithm),
            [MaxModelSizeKey] = ToText(MaxModelSizeInBytes),
            [SeedKey] = ToText(Seed),
            [ClassWeightsKey] = ClassWeights.ToString(),
            [FoldsKey] = ToText(Folds),
            [CalibrationKey] = Calibration == Calibration.Platt ? "platt" : "none",
        };
        if (Algorithm == Algorithm.Sgd)
        {
            all[MaxPassesKey] = ToText(MaxPasses);
            all[ShuffleTypeKey] = ShuffleType == ShuffleType.Auto ? "auto" : "none";
            all[L1Key] = L1 is { } magnitudes ? ToText(magnitudes) : Auto;
            all[L2Key] = L2 is { } squares ? ToText(squares) : Auto;
            all[LearningRateKey] = LearningRate is { } rate ? ToText(rate) : Auto;
            all[ToleranceKey] = ToText(Tolerance);
        }
        else
        {
            all[TreesKey] = ToText(Trees);
            all[LeavesKey] = ToText(Leaves);
            all[TreeRateKey] = ToText(TreeLearningRate);
            all[LeafExamplesKey] = ToText(MinExamplesPerLeaf);
        }
        return all;
    }

    /// <summary>The name of an algorithm among the parameters.</summary>
    public static string ToText(Algorithm algorithm) => algorithm switch
    {
        Algorithm.Sgd => "sgd",
        Algorithm.FastTree => "fastTree",
        Algorithm.LightGbm => "lightGbm",
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm), algorithm, null),
    };

    /// <summary>Refuses parameters that do not fit the target.</summary>
    internal void Check(TargetEncoder target)
    {
        ClassWeights.Check(target);
        if (Calibration != Calibration.None && target.Type == Models.ModelType.Regression)
            throw new InvalidInputException(
                $"{CalibrationKey} is platt, which is for targets of classes; \"{target.Name}\" makes a {Models.ModelTypes.ToText(target.Type)} model. Leave the parameter out.");
    }

    private TrainingParameters With(string key, string value) => key switch
    {
        AlgorithmKey => this with { Algorithm = ReadAlgorithm(key, value) },
        MaxModelSizeKey or MaxModelSizeShortKey => this with { MaxModelSizeInBytes = Integer(key, value, 100_000, 2_147_483_648) },
        MaxPassesKey => this with { MaxPasses = (int)Integer(key, value, 1, 10_000) },
        ShuffleTypeKey => this with { ShuffleType = Shuffle(key, value) },
        L1Key => this with { L1 = value == Auto ? null : Number(key, value, double.MaxValue, "auto or a number from 0") },
        L2Key => this with { L2 = value == Auto ? null : Number(key, value, double.MaxValue, "auto or a number from 0") },
        LearningRateKey => this with { LearningRate = Rate(key, value) },
        ToleranceKey => this with { Tolerance = Number(key, value, 1, "a number from 0 to 1") },
        SeedKey => this with { Seed = Integer(key, value, 0, long.MaxValue) },
        ClassWeightsKey => this with { ClassWeights = ClassWeights.Parse(key, value) },
        FoldsKey => this with { Folds = FoldCount(key, value) },
        CalibrationKey => this with { Calibration = Calibrations(key, value) },
        TreesKey => this with { Trees = (int)Integer(key, value, 1, 10_000) },
        LeavesKey => this with { Leaves = (int)Integer(key, value, 2, 4096) },
        TreeRateKey => this with { TreeLearningRate = TreeRate(key, value) },
        LeafExamplesKey => this with { MinExamplesPerLeaf = (int)Integer(key, value, 1, 1_000_000) },
        _ => throw new InvalidInputException(
            $"There is no training parameter \"{Short(key)}\". Known are {string.Join(", ", CommonKeys.Concat(LinearKeys).Concat(TreeKeys))}."),
    };

    private static Algorithm ReadAlgorithm(string key, string value) => value switch
    {
        "sgd" => Algorithm.Sgd,
        "fastTree" => Algorithm.FastTree,
        "lightGbm" => Algorithm.LightGbm,
        _ => throw Invalid(key, value, "sgd, fastTree or lightGbm"),
    };

    private static double TreeRate(string key, string value)
    {
        const string Range = "a number above 0 and up to 1";
        var rate = Number(key, value, 1, Range);
        return rate > 0 ? rate : throw Invalid(key, value, Range);
    }

    private static ShuffleType Shuffle(string key, string value) => value switch
    {
        "auto" => ShuffleType.Auto,
        "none" => ShuffleType.None,
        _ => throw Invalid(key, value, "auto or none"),
    };

    private static int FoldCount(string key, string value) => value == "1"
        ? throw Invalid(key, value, "an integer from 2 to 10, or 0")
        : (int)Integer(key, value, 0, 10);

    private static Calibration Calibrations(string key, string value) => value switch
    {
        "none" => Calibration.None,
        "platt" => Calibration.Platt,
        _ => throw Invalid(key, value, "none or platt"),
    };

    private static double? Rate(string key, string value)
    {
        const string Range = "auto or a number above 0 and up to 1000";
        if (value == Auto)
            return null;
        var rate = Number(key, value, 1000, Range);
        return rate > 0 ? rate : throw Invalid(key, value, Range);
    }

    private static long Integer(string key, string value, long least, long greatest) =>
        long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= greatest
            ? number
            : throw Invalid(key, value, string.Create(CultureInfo.InvariantCulture, $"an integer from {least} to {greatest}"));

    private static double Number(string key, string value, double greatest, string range) =>
        double.TryParse(value, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var number)
            && double.IsFinite(number) && number <= greatest
            ? number
            : throw Invalid(key, value, range);

    private static InvalidInputException Invalid(string key, string value, string range) =>
        new($"{key} is \"{Short(value)}\"; it must be {range}.");

    private static string Short(string text) => text.Length <= 40 ? text : text[..40] + "…";

    private static string ToText(long value) => value.ToString(CultureInfo.InvariantCulture);

    // As in the parameter maps that Amazon returned: 0.0, 1e-6, 0.001, 100.0.
    private static string ToText(double value)
    {
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        var exponent = text.IndexOf('E', StringComparison.Ordinal);
        if (exponent < 0)
            return text.Contains('.', StringComparison.Ordinal) ? text : text + ".0";
        var power = int.Parse(text.AsSpan(exponent + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture, $"{text.AsSpan(0, exponent)}e{power}");
    }
}
