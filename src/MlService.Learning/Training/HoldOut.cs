namespace MlService.Learning.Training;

/// <summary>
/// Which examples are set aside to judge by. How many shall be depends on how many there are, which is known when all are read; so they
/// are kept in groups from the beginning, and the first groups together are 2, 5 or 10 percent.
/// </summary>
internal static class HoldOut
{
    /// <summary>Number of groups; the last is always learned from.</summary>
    public const int Groups = 4;

    private static ReadOnlySpan<int> Percents => [2, 5, 10];

    /// <summary>The group of an example.</summary>
    /// <param name="random">A random number of the example's own.</param>
    public static int GroupOf(ulong random)
    {
        var percent = (int)(random % 100);
        return percent < Percents[0] ? 0 : percent < Percents[1] ? 1 : percent < Percents[2] ? 2 : 3;
    }

    /// <summary>How many groups are held out: the more examples, the smaller a part tells enough.</summary>
    public static int GroupsFor(long examples) => examples < 100_000 ? 3 : examples < 500_000 ? 2 : 1;
}
