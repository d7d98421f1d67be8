using MlService.Samples;

namespace MlService.Benchmarks.Data;

/// <summary>
/// The linear model that the targets come from. With x the features of a row (six numbers as standard normals, one-hot
/// categories, 0/1 values, words) and w_k the weights of class k, the row's scores are s_k = w_k·x, and its target is
/// binary: 1 with probability 1 / (1 + e^-(0.84 s - 2)); multiclass: k with probability proportional to e^(0.83 s_k);
/// regression: 50 + 10 s + e, e about normal with standard deviation 8.
/// Since w is known, so is the best quality that any learner can reach.
/// </summary>
internal sealed class LinearTruth
{
    public const int Numbers = 8;
    public const int Binaries = 2;
    public const int Classes = 10;
    const int VocabularySize = 20_000;

    static readonly int[] Cardinalities = [3, 10, 50, 200, 1_000, 5_000, 20_000, 100_000];
    static readonly double[] CategoryDeviations = [0.5, 0.5, 0.5, 0.6, 0.6, 0.6, 0.6, 0.6];
    const double WordDeviation = 0.4;

    /// <summary>Weights of the numbers where there is one score; the last two numbers are noise.</summary>
    static readonly double[] NumberWeights = [0.55, -0.45, 0.35, 0.3, -0.3, 0.2, 0, 0];
    static readonly double[] BinaryWeights = [0.6, -0.4];

    readonly double[] _bias;
    readonly double[][] _numbers;
    readonly double[][] _binaries;

    /// <summary>Draws the model of <paramref name="task"/>; the same seed gives the same one.</summary>
    public LinearTruth(LearningTask task, ulong seed)
    {
        var random = new Xoshiro256(seed);
        Scores = task == LearningTask.Multiclass ? Classes : 1;
        Categories = new CategoryColumn[Cardinalities.Length];
        for (var column = 0; column < Categories.Length; column++)
            Categories[column] = new(CategoryNames(random, column), CategoryDeviations[column], Scores, random);
        Words = new(Vocabulary(random), WordDeviation, Scores, random);
        _bias = new double[Scores];
        _numbers = [NumberWeights];
        _binaries = [BinaryWeights];
        if (Scores == 1)
            return;
        _bias = Draw(random, Scores, 0.4);
        _numbers = [.. _bias.Select(_ => Draw(random, Numbers, 0.35))];
        _binaries = [.. _bias.Select(_ => Draw(random, Binaries, 0.4))];
        foreach (var weights in _numbers)
            weights.AsSpan(6).Clear();
    }

    /// <summary>Scores of a row: ten for <see cref="LearningTask.Multiclass"/>, else one.</summary>
    public int Scores { get; }

    /// <summary>The eight categorical columns, c0 to c7.</summary>
    public CategoryColumn[] Categories { get; }

    /// <summary>The words of the text column.</summary>
    public CategoryColumn Words { get; }

    /// <summary>Adds what the numbers (as standard normals) and the binaries contribute to the scores, and the bias.</summary>
    public void AddTo(Span<double> scores, ReadOnlySpan<double> numbers, ReadOnlySpan<bool> binaries)
    {
        for (var k = 0; k < scores.Length; k++)
        {
            var score = scores[k] + _bias[k];
            for (var j = 0; j < numbers.Length; j++)
                score += _numbers[k][j] * numbers[j];
            for (var j = 0; j < binaries.Length; j++)
                score += binaries[j] ? _binaries[k][j] : 0;
            scores[k] = score;
        }
    }

    /// <summary>Few categories are numbered by popularity; many have hexadecimal names that tell nothing.</summary>
    static string[] CategoryNames(Xoshiro256 random, int column)
    {
        var count = Cardinalities[column];
        return count <= 200
            ? [.. Enumerable.Range(0, count).Select(rank => $"{(char)('a' + column)}{rank:00}")]
            : Distinct(count, () => $"{random.NextInt(1 << 24):x6}");
    }

    static string[] Vocabulary(Xoshiro256 random)
    {
        string[] syllables =
        [
            "ba", "co", "di", "fe", "gu", "ha", "jo", "ki", "lu", "me", "no", "pa", "qui", "ra", "so", "te", "ul", "ve", "wi",
            "xa", "yo", "zen", "tra", "plo", "sta", "gri", "ron", "lin", "mar", "ter",
        ];
        return Distinct(VocabularySize, () => string.Concat(
            Enumerable.Range(0, 1 + random.NextIndex([1, 2, 2, 1])).Select(_ => syllables[random.NextInt(syllables.Length)])));
    }

    static string[] Distinct(int count, Func<string> draw)
    {
        var names = new List<string>(count);
        var seen = new HashSet<string>(count, StringComparer.Ordinal);
        while (names.Count < count)
        {
            var name = draw();
            if (seen.Add(name))
                names.Add(name);
        }
        return [.. names];
    }

    static double[] Draw(Xoshiro256 random, int count, double deviation)
    {
        var values = new double[count];
        foreach (ref var value in values.AsSpan())
            value = deviation * random.NextGaussian();
        return values;
    }
}
