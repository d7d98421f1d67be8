namespace MlService.Learning.Statistics;

/// <summary>One of the groups of rows into which the target parts the row sample: a class, or a range of a number.</summary>
/// <param name="Name">The class; <c>other</c> for all classes that are not told apart; for a number its range in words.</param>
/// <param name="From">Smallest target in the group; null for classes.</param>
/// <param name="To">End: no target of the group reaches it, but for the last group; null for classes.</param>
/// <param name="Count">Sampled rows in the group.</param>
public sealed record TargetGroup(string Name, double? From, double? To, int Count);

/// <summary>
/// The distribution of an attribute in each of the target's groups, counted in the row sample: how the values of
/// buyers differ from those of the others.
/// </summary>
/// <param name="Parts">
/// Beside the bins of the histogram of a number, the most frequent values of a category or a binary attribute, or the prominent
/// words of a text (a row counts under each word that it has), in the same order.
/// </param>
/// <param name="Other">Rows with another value; for a text, with none of the words; null for a number.</param>
/// <param name="Unusable">Rows whose value is missing or invalid; null where there are none in the sample.</param>
public sealed record TargetSplit(IReadOnlyList<TargetCounts> Parts, TargetCounts? Other, TargetCounts? Unusable);

/// <summary>The sampled rows of one part of an attribute by the target's group.</summary>
/// <param name="Counts">Rows in each group, in the order of <see cref="TargetReport.Groups"/>.</param>
/// <param name="TargetMean">
/// Mean of a numeric target, or the share of the positive class of a binary one, in these rows; null for more classes and without rows.
/// </param>
public sealed record TargetCounts(IReadOnlyList<int> Counts, double? TargetMean);
