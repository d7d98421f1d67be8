using System.Globalization;
using System.Text;

namespace MlService.Learning.Statistics;

/// <summary>The data report: what a data set holds, attribute by attribute. Shares are in [0, 1].</summary>
public sealed record DataReport
{
    /// <summary>Rows that were read as records.</summary>
    public required long Rows { get; init; }

    /// <summary>Rows that could not be read (bad records); in none of the other figures.</summary>
    public required long RejectedRows { get; init; }

    /// <summary>Rows whose inputs and target repeat another row's.</summary>
    public required long DuplicateRows { get; init; }

    /// <summary>Whether <see cref="DuplicateRows"/> is exact: the data has at most 8,192 different rows.</summary>
    public required bool DuplicateRowsExact { get; init; }

    /// <summary>How far <see cref="DuplicateRows"/> may be off, at 95% confidence; 0 where it is exact.</summary>
    public long DuplicateRowsError { get; init; }

    /// <summary>Number of attributes of each type, by the name of the type.</summary>
    public required IReadOnlyDictionary<string, int> AttributeTypes { get; init; }

    /// <summary>Rows in the uniform sample from which correlations are measured.</summary>
    public required int SampledRows { get; init; }

    /// <summary>What <see cref="AttributeReport.Correlation"/> measures; null without a target.</summary>
    public string? CorrelationMeasure { get; init; }

    /// <summary>The target; null without one.</summary>
    public TargetReport? Target { get; init; }

    /// <summary>All attributes, in the order of the schema.</summary>
    public required IReadOnlyList<AttributeReport> Attributes { get; init; }

    /// <summary>What deserves a look, in words; the attributes' own warnings included.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }
}

/// <summary>The distribution of the target.</summary>
public sealed record TargetReport
{
    /// <summary>Name of the attribute.</summary>
    public required string Name { get; init; }

    /// <summary>What is learned from it: <c>BINARY</c>, <c>MULTICLASS</c> or <c>REGRESSION</c>.</summary>
    public required string ModelType { get; init; }

    /// <summary>Rows with a usable target.</summary>
    public required long Count { get; init; }

    /// <summary>Rows without a usable target: missing or invalid. Training leaves them out.</summary>
    public required long Unusable { get; init; }

    /// <summary>The classes with exact counts, most frequent first, at most 101; empty for a number.</summary>
    public required IReadOnlyList<ValueCount> Classes { get; init; }

    /// <summary>Whether there are more classes than a model may have (100).</summary>
    public required bool HasTooManyClasses { get; init; }

    /// <summary>The distribution of a number; null for classes.</summary>
    public Histogram? Histogram { get; init; }

    /// <summary>
    /// The groups of rows that the attributes' <see cref="AttributeReport.ByTarget"/> tells apart: the most frequent classes, at most 12 groups
    /// (the last one <c>other</c> where there are more classes); for a number its quartiles. Empty without a usable target.
    /// </summary>
    public required IReadOnlyList<TargetGroup> Groups { get; init; }

    /// <summary>
    /// How far the share that a part of an attribute has of the sampled rows may be from its share of all rows: half the width of the 95%
    /// confidence interval, at its widest; 0 where the sample holds every row.
    /// </summary>
    public required double ShareError { get; init; }
}

/// <summary>One attribute.</summary>
public sealed record AttributeReport
{
    /// <summary>Name of the attribute.</summary>
    public required string Name { get; init; }

    /// <summary><c>BINARY</c>, <c>CATEGORICAL</c>, <c>NUMERIC</c> or <c>TEXT</c>.</summary>
    public required string Type { get; init; }

    /// <summary><c>INPUT</c>, <c>TARGET</c>, <c>ROW_ID</c>, <c>ROW_WEIGHT</c> or <c>EXCLUDED</c> (then nothing else is known).</summary>
    public required string Role { get; init; }

    /// <summary>Rows with a valid value.</summary>
    public long Count { get; init; }

    /// <summary>Rows without a value; only numbers can be missing.</summary>
    public long Missing { get; init; }

    /// <summary><see cref="Missing"/> as a share of the rows.</summary>
    public double MissingShare { get; init; }

    /// <summary>Rows whose value its type does not allow; only in BINARY and NUMERIC.</summary>
    public long Invalid { get; init; }

    /// <summary><see cref="Invalid"/> as a share of the rows.</summary>
    public double InvalidShare { get; init; }

    /// <summary>The most frequent invalid values, at most five.</summary>
    public IReadOnlyList<ValueCount>? InvalidValues { get; init; }

    /// <summary>Empty values of CATEGORICAL (a category of their own) and TEXT (no words).</summary>
    public long Empty { get; init; }

    /// <summary>Different valid values; different words for TEXT.</summary>
    public long Distinct { get; init; }

    /// <summary>Whether <see cref="Distinct"/> is exact; otherwise its standard error is 0.8%.</summary>
    public bool DistinctExact { get; init; }

    /// <summary>
    /// How much the attribute alone tells about the target, in [0, 1], by the report's
    /// <see cref="DataReport.CorrelationMeasure"/>; null where it cannot be measured.
    /// </summary>
    public double? Correlation { get; init; }

    /// <summary>Pearson's r with a NUMERIC or BINARY target, in [-1, 1]: the direction; null for other pairs of types.</summary>
    public double? Pearson { get; init; }

    /// <summary>Only for BINARY: valid values that are true, as a share.</summary>
    public double? TrueShare { get; init; }

    /// <summary>Only for BINARY and CATEGORICAL.</summary>
    public ValuesReport? Values { get; init; }

    /// <summary>Only for NUMERIC with values.</summary>
    public NumbersReport? Numbers { get; init; }

    /// <summary>Only for TEXT.</summary>
    public WordsReport? Words { get; init; }

    /// <summary>Only for inputs, where there is a target: the distribution in each of the target's groups.</summary>
    public TargetSplit? ByTarget { get; init; }

    /// <summary>What deserves a look, in words.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }
}

/// <summary>The values of a BINARY or CATEGORICAL attribute.</summary>
public sealed record ValuesReport
{
    /// <summary>The ten most frequent values.</summary>
    public required IReadOnlyList<ValueCount> MostFrequent { get; init; }

    /// <summary>Rows with another value.</summary>
    public required long Other { get; init; }

    /// <summary>The five least frequent values; null where there are too many to be counted exactly.</summary>
    public IReadOnlyList<ValueCount>? LeastFrequent { get; init; }

    /// <summary>How much a count may be too high; 0 where all are exact.</summary>
    public required long CountError { get; init; }
}

/// <summary>The values of a NUMERIC attribute.</summary>
public sealed record NumbersReport
{
    /// <summary>Smallest value.</summary>
    public required double Min { get; init; }

    /// <summary>A quarter of the values lies below.</summary>
    public required double LowerQuartile { get; init; }

    /// <summary>Half of the values lies below.</summary>
    public required double Median { get; init; }

    /// <summary>Three quarters of the values lie below.</summary>
    public required double UpperQuartile { get; init; }

    /// <summary>Greatest value.</summary>
    public required double Max { get; init; }

    /// <summary>Arithmetic mean.</summary>
    public required double Mean { get; init; }

    /// <summary>Standard deviation of the sample (divisor n − 1).</summary>
    public required double StandardDeviation { get; init; }

    /// <summary>Whether quartiles and histogram are exact; otherwise ranks are off by at most 0.5% of the values.</summary>
    public required bool QuantilesExact { get; init; }

    /// <summary>Values in equal-width bins.</summary>
    public required Histogram Histogram { get; init; }
}

/// <summary>The words of a TEXT attribute: lower-cased, without punctuation at their ends.</summary>
public sealed record WordsReport
{
    /// <summary>Words in all rows.</summary>
    public required long Total { get; init; }

    /// <summary>Different words.</summary>
    public required long Unique { get; init; }

    /// <summary>Fewest words in a value.</summary>
    public required int LeastPerValue { get; init; }

    /// <summary>Most words in a value.</summary>
    public required int MostPerValue { get; init; }

    /// <summary>Characters of the shortest word; 0 without words.</summary>
    public required int ShortestLength { get; init; }

    /// <summary>Characters of the longest word.</summary>
    public required int LongestLength { get; init; }

    /// <summary>The most prominent words, at most 25.</summary>
    public required IReadOnlyList<WordProminence> Prominent { get; init; }

    /// <summary>How much a word's rows may be too high; 0 where all are exact.</summary>
    public required long CountError { get; init; }
}

/// <summary>A word and what it tells.</summary>
/// <param name="Word">The word, normalised.</param>
/// <param name="Prominence">In [0, 1]: how much its presence tells about the target; without a target, its entropy in bits.</param>
/// <param name="Rows">Rows that have it.</param>
/// <param name="RowsShare"><paramref name="Rows"/> as a share of all rows.</param>
public sealed record WordProminence(string Word, double Prominence, long Rows, double RowsShare);

/// <summary>A value and how often it occurs.</summary>
/// <param name="Value">The text of the value; a long one ends in an ellipsis.</param>
/// <param name="Count">Rows that have it.</param>
public sealed record ValueCount(string Value, long Count)
{
    internal static ValueCount Of(CountedValue value) => new(TextOf(value), value.Count);

    internal static string TextOf(CountedValue value) =>
        Encoding.UTF8.GetString(value.Bytes) + (value.Length > value.Bytes.Length ? "…" : "");

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Value}: {Count}");
}
