namespace MlService.Console.Charts;

/// <summary>How bars are parted among groups of rows.</summary>
/// <param name="Groups">The groups, each with the class of its colour.</param>
/// <param name="Shares">Of each bar, in the bars' order, the groups' shares; none where they are not known.</param>
public sealed record BarParts(IReadOnlyList<(string Name, string Class)> Groups, IReadOnlyList<IReadOnlyList<double>> Shares)
{
    /// <summary>The parts of a bar that are not empty: where each begins and ends, as shares of the bar.</summary>
    public IEnumerable<(string Name, string Class, double From, double To)> Of(int bar)
    {
        var from = 0.0;
        for (var group = 0; group < Shares[bar].Count; group++)
        {
            var to = from + Shares[bar][group];
            if (to > from)
                yield return (Groups[group].Name, Groups[group].Class, from, to);
            from = to;
        }
    }
}
