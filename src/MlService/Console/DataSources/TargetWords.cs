using MlService.Console.Charts;
using MlService.Console.Parts;
using MlService.Learning.Statistics;

namespace MlService.Console.DataSources;

/// <summary>Shows and says how an attribute goes with the target.</summary>
internal sealed class TargetWords(TargetReport target)
{
    // As many as have a colour of their own.
    private const int MostColours = 5;
    private const int EnoughRows = 30;

    private static readonly string[] Positives = ["1", "y", "yes", "t", "true"];
    private static readonly string[] Quarters = ["t0", "t1", "t2", "t3"];

    private readonly IReadOnlyList<TargetGroup> _groups = target.Groups ?? [];

    /// <summary>What the mean of the target is called, where there is one.</summary>
    public string MeanName => target.ModelType == "BINARY" ? $"{target.Name} is 1" : $"mean {target.Name}";

    /// <summary>A mean of the target as people read it.</summary>
    public string Mean(double? mean) => target.ModelType == "BINARY" ? Words.Share(mean) : Words.Number(mean);

    /// <summary>Whether the rows are so many that their mean says something.</summary>
    public static bool IsEnough(TargetCounts part) => part.Counts.Sum() >= EnoughRows;

    /// <summary>The class of a target's value among its bars.</summary>
    public string? ClassOf(string value) =>
        target.ModelType != "BINARY" ? null : Positives.Contains(value, StringComparer.OrdinalIgnoreCase) ? "positive" : "negative";

    /// <summary>How bars, one for each part of the attribute, are parted among the target's groups; null where that is not known.</summary>
    public BarParts? Of(IEnumerable<TargetCounts> parts)
    {
        if (_groups.Count == 0)
            return null;
        var own = _groups.Count <= MostColours ? _groups.Count : MostColours - 1;
        List<(string, string)> groups = [.. _groups.Take(own).Select((group, i) => (group.Name, ColourOf(group, i)))];
        if (own < _groups.Count)
            groups.Add(("other", "other"));
        return new BarParts(groups, [.. parts.Select(part => SharesOf(part, own))]);
    }

    /// <summary>Where the target is greatest and least, in a sentence; empty for classes and where too little is known.</summary>
    public string Extremes(string attribute, IEnumerable<(string Name, TargetCounts Counts)> parts)
    {
        var known = parts.Where(part => part.Counts.TargetMean is not null && IsEnough(part.Counts))
            .OrderByDescending(part => part.Counts.TargetMean).ToList();
        if (known.Count < 2)
            return "";
        var (most, least) = (known[0], known[^1]);
        return target.ModelType == "BINARY"
            ? $"{target.Name} is 1 in {Mean(most.Counts.TargetMean)} of the rows where {attribute} is {most.Name}, and in {Mean(least.Counts.TargetMean)} where it is {least.Name}."
            : $"{target.Name} is {Mean(most.Counts.TargetMean)} in the mean where {attribute} is {most.Name}, and {Mean(least.Counts.TargetMean)} where it is {least.Name}.";
    }

    private static double[] SharesOf(TargetCounts part, int own)
    {
        double total = part.Counts.Sum();
        if (total == 0)
            return [];
        List<double> shares = [.. part.Counts.Take(own).Select(count => count / total)];
        if (own < part.Counts.Count)
            shares.Add(part.Counts.Skip(own).Sum() / total);
        return [.. shares];
    }

    private string ColourOf(TargetGroup group, int index) => target.ModelType switch
    {
        "BINARY" => ClassOf(group.Name)!,
        "REGRESSION" => Quarters[index % Quarters.Length],
        _ => $"s{index}",
    };
}
