using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using MlService.Learning.Recipes;

namespace MlService.Learning.Features;

/// <summary>What a step of a plan computes: a number, the index of a bin, or tokens.</summary>
internal enum PlanStepKind
{
    /// <summary>The number of a NUMERIC attribute; NaN where it is missing or invalid.</summary>
    Number,

    /// <summary>(x - mean) / standard deviation; 0 where the deviation is 0.</summary>
    Normalize,

    /// <summary>The number of cut points ≤ x; -1 where x is missing.</summary>
    Bin,

    /// <summary>The range of a bin as a token.</summary>
    BinToken,

    /// <summary><c>0</c> or <c>1</c> of a BINARY attribute.</summary>
    BinaryToken,

    /// <summary>The value of a CATEGORICAL attribute, if it is not empty.</summary>
    CategoryToken,

    /// <summary>The words of a TEXT attribute.</summary>
    Words,

    /// <summary>The same tokens, side by side, as <see cref="Ngram"/> wants them.</summary>
    Copy,

    /// <summary>Tokens in lower case.</summary>
    Lowercase,

    /// <summary>Tokens without punctuation at their ends.</summary>
    NoPunct,

    /// <summary>Runs of 1 to n tokens.</summary>
    Ngram,

    /// <summary>Orthogonal sparse bigrams in a window of n tokens.</summary>
    Osb,

    /// <summary>Combinations of tokens.</summary>
    Product,

    /// <summary>A number that is the same for every record.</summary>
    Constant,

    /// <summary>Arithmetic on one to three numbers.</summary>
    Compute,

    /// <summary>1 where a number is missing, otherwise 0.</summary>
    IsMissing,

    /// <summary>1 where there are no tokens, otherwise 0.</summary>
    HasNoToken,

    /// <summary><c>0</c> or <c>1</c> of what is one of the two.</summary>
    FlagToken,

    /// <summary>A part of a date.</summary>
    DatePart,

    /// <summary>Days since 1970-01-01; NaN where the field is no date.</summary>
    Days,

    /// <summary>Sine of a part of a date on its circle.</summary>
    Sin,

    /// <summary>Cosine of a part of a date on its circle.</summary>
    Cos,

    /// <summary>Runs of letters, digits and underscores in tokens.</summary>
    LetterRuns,

    /// <summary>The numbers of the groups into which tokens fall by their hash.</summary>
    Hash,
}

/// <summary>One step of a plan: done once per record, however many outputs use it. Immutable.</summary>
/// <param name="Kind">What it computes.</param>
/// <param name="Attribute">The attribute that it reads, or -1.</param>
/// <param name="Sources">The steps that it uses, all before it.</param>
/// <param name="N">The n of <c>ngram</c> and <c>osb</c>, the bits of <c>hash</c>.</param>
internal sealed record PlanStep(PlanStepKind Kind, int Attribute, int[] Sources, int N = 0)
{
    /// <summary>Mean of the training data, for <see cref="PlanStepKind.Normalize"/>.</summary>
    public double Mean { get; init; }

    /// <summary>Standard deviation of the training data, for <see cref="PlanStepKind.Normalize"/>.</summary>
    public double StandardDeviation { get; init; }

    /// <summary>What <see cref="PlanStepKind.Compute"/> computes, or the part of a date.</summary>
    public RecipeFunction Function { get; init; }

    /// <summary>The number of <see cref="PlanStepKind.Constant"/>.</summary>
    public double Constant { get; init; }

    /// <summary>Whether <see cref="Constant"/> was learned from the training data.</summary>
    public bool IsLearned { get; init; }

    /// <summary>Cut points of <see cref="PlanStepKind.Bin"/>, strictly increasing.</summary>
    public double[] Boundaries { get; init; } = [];

    /// <summary>Number of bins, for <see cref="PlanStepKind.Bin"/>.</summary>
    public int Bins => Boundaries.Length + 1;

    /// <summary>The tokens of all bins.</summary>
    public IEnumerable<byte[]> BinTokens => Enumerable.Range(0, Bins).Select(BinToken);

    /// <summary>(x - mean) / deviation, or 0 where the deviation is 0; NaN stays.</summary>
    public static double Normalize(double value, double mean, double deviation) =>
        double.IsNaN(value) ? value : deviation > 0 ? (value - mean) / deviation : 0;

    /// <summary>Number of cut points ≤ <paramref name="value"/>; -1 for NaN.</summary>
    /// <remarks>A binary search without branches: which way it goes is as good as random, and a wrong guess of the processor costs
    /// more than the comparison.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int BinOf(double value)
    {
        if (double.IsNaN(value))
            return -1;
        var cuts = Boundaries;
        var below = 0;
        var length = cuts.Length;
        // Of cuts[below..below + length] it is not known yet whether they are ≤ value.
        while (length > 0)
        {
            var half = (length + 1) >> 1;
            below += half & -Unsafe.BitCast<bool, byte>(cuts[below + half - 1] <= value);
            length -= half;
        }
        return below;
    }

    /// <summary>The token of a bin: its range, as in <c>[20.5, 31)</c>.</summary>
    public byte[] BinToken(int bin)
    {
        var from = bin == 0 ? "(-inf" : string.Create(CultureInfo.InvariantCulture, $"[{Boundaries[bin - 1]:R}");
        var to = bin == Boundaries.Length ? "inf" : Boundaries[bin].ToString("R", CultureInfo.InvariantCulture);
        return Encoding.UTF8.GetBytes($"{from}, {to})");
    }
}

/// <summary>How an output becomes features.</summary>
internal enum PlanSlotKind
{
    /// <summary>A number: its value, or the indicator that it is missing.</summary>
    Value,

    /// <summary>A bin: one of as many features, or the indicator that the number is missing.</summary>
    Bin,

    /// <summary>A BINARY attribute: 1 for true, nothing for false, or the indicator that it is missing.</summary>
    Binary,

    /// <summary>A step that is 1 or 0: 1 for 1, nothing for 0.</summary>
    Flag,

    /// <summary>A CATEGORICAL attribute as it is: its value, also the empty one.</summary>
    Category,

    /// <summary>A TEXT attribute as it is: its distinct words.</summary>
    Words,

    /// <summary>Distinct tokens of a step.</summary>
    Tokens,

    /// <summary>Distinct tokens of a step, weighted by <see cref="TokenRarity"/>; NaN while a vocabulary grows, which is yet to know how rare they are.</summary>
    WeightedTokens,
}

/// <summary>An output of a plan. Its index is the slot of its features. Immutable.</summary>
/// <param name="Kind">How it becomes features.</param>
/// <param name="Name">Its name for people.</param>
/// <param name="Attribute">The attribute that it reads, or -1.</param>
/// <param name="Step">The step that it reads, or -1.</param>
internal sealed record PlanSlot(PlanSlotKind Kind, string Name, int Attribute, int Step);
